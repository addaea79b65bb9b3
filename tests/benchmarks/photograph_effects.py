"""Effects of photographs and captions in a real model, and which phrases it knows; kept in a folder."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from photograph_phrases import Caption, Photograph, Phrase
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.encoding.encoded import MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_images, encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts, encode_texts
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.stratified import stratified
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects, ImageSegments
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions
from ilime_core.segmentation.relabelling import in_reading_order
from ilime_core.segmentation.words import word_segments

__all__ = ["Model", "Setting", "Store", "cut"]

KNOWN = 0.1
"""Share of other photographs' phrases that may fit the crop of a box better than its own."""
TEXT_MASKS = 128
BLUR_SIGMA = 10.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How photographs are perturbed; ``given`` takes the boxes of a caption for regions."""

    method: str = "slic"
    n_regions: int = 40
    baseline: str = "segment_mean"
    n_masks: int = 128
    p: float = 0.5


class Store:
    """Tensors by name, computed once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, name: str, make: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        path = self._folder / f"{name}.pt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            torch.save(make(), unfinished)
            unfinished.rename(path)
        return torch.load(path, weights_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The encoder, what it has encoded, and the mean colour of the photographs."""

    encoder: DualEncoder
    store: Store
    colour: tuple[int, int, int]
    texts: dict[str, Effects] = field(default_factory=dict)

    def image(self, name: str, photo: Photograph, setting: Setting, segments: ImageSegments) -> Effects:
        everything = setting.p == 0.5 and 2**segments.n_segments <= setting.n_masks

        def make() -> dict[str, Tensor]:
            masks = _masks(photo.name, setting, segments.n_segments)
            baseline = BASELINES[setting.baseline].make(BaselineOptions(self.colour, BLUR_SIGMA))(
                photo.view.pixels, segments, np.random.default_rng(0)
            )
            job = MaskedImage(name, photo.view.pixels, baseline, segments.labels, _ended(masks))
            [found] = encode_masked_images(self.encoder, [job], batch_size=32)
            # Masks are kept, too: a design that changes would not fit embeddings of before.
            return {"masks": torch.as_tensor(masks), "embeddings": found.embeddings}

        found = self.store.kept(name, make)
        return _effects(found["masks"], found["embeddings"], setting.p, everything=everything)

    def text(self, caption: str) -> Effects:
        if caption not in self.texts:
            self.texts[caption] = self._text(caption)
        return self.texts[caption]

    def _text(self, caption: str) -> Effects:
        words = word_segments(caption)
        everything = 2**words.n_segments <= TEXT_MASKS

        def make() -> dict[str, Tensor]:
            rng = np.random.default_rng(1)
            n = words.n_segments
            masks = enumerate_all(n) if everything else foldover(n, TEXT_MASKS, rng)
            texts = tuple(remove_words(words, _ended(masks), "drop", ""))
            [found] = encode_masked_texts(self.encoder, [MaskedTexts("caption", texts)], batch_size=64)
            return {"masks": torch.as_tensor(masks), "embeddings": found.embeddings}

        found = self.store.kept(f"captions/{hashlib.sha256(caption.encode()).hexdigest()[:16]}", make)
        return _effects(found["masks"], found["embeddings"], 0.5, everything=everything)

    def names(self, phrases: Sequence[str]) -> Float[Tensor, "phrases dim"]:
        """Embeddings of phrases outside their captions."""
        told = ((phrase, f"a photo of a {phrase}.") for phrase in phrases)
        return torch.stack([one.embeddings for one in encode_texts(self.encoder, told, batch_size=64)])

    def known(self, photos: Sequence[Photograph], name: str) -> dict[tuple[str, Phrase], bool]:
        """Whether the model names the crop of each phrase's boxes; the mean embedding of several boxes."""
        asked = [
            (photo, phrase) for photo in photos for caption in photo.captions for phrase in caption.phrases
        ]

        def make() -> dict[str, Tensor]:
            views = ((box, photo.crop(box).pixels) for photo, phrase in asked for box in phrase.boxes)
            found = torch.stack([one.embeddings for one in encode_images(self.encoder, views, batch_size=32)])
            parts = found.split([len(phrase.boxes) for _, phrase in asked])
            return {"crops": torch.stack([part.mean(0) for part in parts])}

        crops = self.store.kept(name, make)["crops"]
        texts = sorted({phrase.text for _, phrase in asked})
        scores = (crops @ self.names(texts).mT).numpy()
        found: dict[tuple[str, Phrase], bool] = {}
        for row, (photo, phrase) in zip(scores, asked, strict=True):
            own = {other.text for here, other in asked if here.cluster == photo.cluster}
            others = [at for at, text in enumerate(texts) if text not in own]
            better = np.mean(row[others] > row[texts.index(phrase.text)]) if others else 0.0
            found[photo.name, phrase] = bool(better <= KNOWN)
        return found


def _masks(photo: str, setting: Setting, n: int) -> Bool[np.ndarray, "rows segments"]:
    if setting.p == 0.5 and 2**n <= setting.n_masks:
        return enumerate_all(n)
    draw = foldover if setting.p == 0.5 else stratified(setting.p)
    return draw(n, setting.n_masks, np.random.default_rng([7, *photo.encode()]))


def _ended(masks: Bool[np.ndarray, "rows segments"]) -> Bool[np.ndarray, "more segments"]:
    """Rows, then the whole and the empty item."""
    n = masks.shape[1]
    return np.concatenate([masks, np.ones((1, n), dtype=bool), np.zeros((1, n), dtype=bool)])


def _effects(
    masks: Bool[Tensor, "rows segments"], embeddings: Float[Tensor, "more dim"], p: float, *, everything: bool
) -> Effects:
    rows = embeddings.double()
    options = BanzhafOptions(p=p, enumerated=everything, spread_rank=256)
    return fit_banzhaf(masks, rows[:-2], rows[-1], rows[-2], options=options)


def cut(photo: Photograph, caption: Caption, setting: Setting) -> ImageSegments:
    """Regions of a photograph; of overlapping boxes the smaller one lies above."""
    if setting.method != "given":
        return SEGMENTERS[setting.method].make(SegmenterOptions(setting.n_regions))(photo.view.pixels)
    labels = np.zeros(photo.view.pixels.shape[:2], dtype=np.int64)
    large_first = sorted(caption.phrases, key=lambda one: -int(photo.shows(one).sum()))
    for number, phrase in enumerate(large_first, start=1):
        labels[photo.shows(phrase)] = number
    return in_reading_order(labels)
