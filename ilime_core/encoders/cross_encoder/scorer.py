"""The cross-encoder as a scorer of pairs."""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from ilime_core.encoders.cross_encoder.source import (
    CHECKPOINT,
    build_preprocessing,
    build_scene_tokeniser,
    cross_encoder_fingerprint,
    load_network,
)
from ilime_core.encoders.precision import arithmetic
from ilime_core.encoders.preprocessing import channel_scale, cut_view, normalise
from ilime_core.encoders.row_tokeniser import fill_rows
from ilime_core.errors import InputError
from ilime_core.records import ImageView

__all__ = ["CrossEncoderScorer"]


class CrossEncoderScorer:
    """Matching logits of a small model that was trained on generated scenes.

    Parameters
    ----------
    device, precision
        As resolved by :mod:`ilime_core.encoders.precision`.
    checkpoint
        Weights of a training of one's own; None takes the packaged ones.

    Raises
    ------
    InputError
        If the checkpoint cannot be read or belongs to another network.
    """

    def __init__(self, device: str, precision: str, checkpoint: Path | None = None) -> None:
        weights = CHECKPOINT if checkpoint is None else checkpoint
        self._network = load_network(weights).to(device)
        self._fingerprint = cross_encoder_fingerprint(weights)
        self._tokeniser = build_scene_tokeniser()
        self._preprocessing = build_preprocessing()
        self._mean = channel_scale(self._preprocessing.mean, device)
        self._std = channel_scale(self._preprocessing.std, device)
        self._precision = precision
        self.device = device
        self.image_size = (self._preprocessing.height, self._preprocessing.width)
        self.mask_word = self._tokeniser.mask_word

    def view(self, image: Image.Image) -> ImageView:
        """The middle square of an upright RGB picture, resized to the view."""
        return cut_view(image, self._preprocessing)

    def score(
        self, pixels: Float[Tensor, "rows 3 height width"], texts: Sequence[str]
    ) -> Float[Tensor, " rows"]:
        """Match view k with text k.

        Parameters
        ----------
        pixels
            Views with values in [0, 1], on the scorer's device.
        texts
            One text per view.

        Returns
        -------
        Tensor, rows
            Logits in float32; above 0 a pair is taken for a match.

        Raises
        ------
        InputError
            If there are not as many texts as views, or the views have another size.
        """
        if len(pixels) != len(texts):
            raise InputError(
                f"every view is scored with one text, got {len(pixels)} views, {len(texts)} texts"
            )
        if tuple(pixels.shape[2:]) != self.image_size:
            got = " x ".join(map(str, pixels.shape[2:]))
            wanted = " x ".join(map(str, self.image_size))
            raise InputError(
                f"the cross-encoder scores views of {wanted} pixels, got {got}: cut them with view()"
            )
        if not texts:
            return torch.empty(0, device=self.device)
        length = self._tokeniser.context_length
        rows = self._tokeniser.rows(texts)
        # The whole context always: a row's numbers must not depend on how long its neighbours are.
        tokens = fill_rows(self._tokeniser, rows, length, self.device)
        lengths = torch.tensor([min(len(row), length) for row in rows], device=self.device)
        with arithmetic(self.device, self._precision):
            return self._network(normalise(pixels, self._mean, self._std), tokens, lengths)

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        return self._fingerprint
