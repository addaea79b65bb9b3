"""A photograph and a caption of the demo behind the interface of planted towers."""

import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoding.encoded import MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions
from ilime_core.segmentation.words import word_segments
from ilime_core.synthetic.planted import PlantedTower
from tasks.corpora.demos.photographs import materialise_demo

__all__ = ["CaptionTower", "PhotographTower", "demo_pairs"]


class PhotographTower(PlantedTower):
    """Regions of a picture in a real model; repeated coalitions are encoded once."""

    def __init__(
        self,
        encoder: DualEncoder,
        path: Path,
        n_regions: int,
        method: str = "slic",
        colour: tuple[int, int, int] | None = None,
    ) -> None:
        self._encoder = encoder
        self._pixels = encoder.image.view(Image.open(path).convert("RGB")).pixels
        segments = SEGMENTERS[method].make(SegmenterOptions(n_regions))(self._pixels)
        # Removed regions take one colour, or each its own mean.
        options = BaselineOptions() if colour is None else BaselineOptions(colour)
        baseline = BASELINES["segment_mean" if colour is None else "dataset_mean"].make(options)
        self._labels, self._baseline = (
            segments.labels,
            baseline(self._pixels, segments, np.random.default_rng(0)),
        )
        super().__init__(segments.n_segments, encoder.image.dim)
        self._known: dict[bytes, Tensor] = {}

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        masks = kept.bool().numpy()
        new = {row.tobytes(): row for row in masks if row.tobytes() not in self._known}
        if new:
            job = MaskedImage(
                "image", self._pixels, self._baseline, self._labels, np.stack(list(new.values()))
            )
            [found] = encode_masked_images(self._encoder, [job], batch_size=32)
            self._known |= dict(zip(new, found.embeddings.double(), strict=True))
        return torch.stack([self._known[row.tobytes()] for row in masks])


class CaptionTower(PlantedTower):
    """Words of a caption in a real model; repeated coalitions are encoded once."""

    def __init__(self, encoder: DualEncoder, caption: str) -> None:
        self.text = caption
        self._encoder, self._words = encoder, word_segments(caption)
        super().__init__(self._words.n_segments, encoder.text.dim)
        self._known: dict[bytes, Tensor] = {}

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        masks = kept.bool().numpy()
        new = {row.tobytes(): row for row in masks if row.tobytes() not in self._known}
        if new:
            texts = remove_words(self._words, np.stack(list(new.values())), "drop", "")
            [found] = encode_masked_texts(self._encoder, [MaskedTexts("text", tuple(texts))], batch_size=64)
            self._known |= dict(zip(new, found.embeddings.double(), strict=True))
        return torch.stack([self._known[row.tobytes()] for row in masks])


def demo_pairs(n_pairs: int, n_regions: int) -> list[tuple[str, PhotographTower, CaptionTower]]:
    """The first photographs of the demo, each with its first caption, in the model of the demo."""
    encoder = build_encoder(EncoderSpec("conse"), "cpu", "float32")
    corpus = materialise_demo(Path(tempfile.mkdtemp()))
    entries = json.loads(corpus.annotations.read_text(encoding="utf-8"))["images"][:n_pairs]
    return [
        (
            entry["filename"],
            PhotographTower(encoder, corpus.images / entry["filename"], n_regions),
            CaptionTower(encoder, entry["sentences"][0]["raw"]),
        )
        for entry in entries
    ]
