"""Protocols of black-box scorers, of the games that they give and of estimators that read these alone."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float
from PIL import Image
from torch import Tensor

from ilime_core.pair_records import PairFitOptions, PairSurrogate
from ilime_core.records import ImageView

__all__ = ["PairEstimator", "PairGame", "PairScorer"]


@runtime_checkable
class PairScorer(Protocol):
    """Black-box model of an image and a text that returns a score; it need not have embeddings."""

    @property
    def device(self) -> str:
        """Device of the weights: ``cpu`` or ``cuda:N``."""
        ...

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the views that it scores."""
        ...

    @property
    def mask_word(self) -> str:
        """Word that text removal ``mask`` writes in place of a removed one."""
        ...

    def view(self, image: Image.Image) -> ImageView:
        """Resize and crop an upright RGB image as the model does, on the CPU, before normalisation."""
        ...

    def score(
        self, pixels: Float[Tensor, "rows 3 height width"], texts: Sequence[str]
    ) -> Float[Tensor, " rows"]:
        """Score views with texts, row by row.

        Parameters
        ----------
        pixels
            Views with values in [0, 1], on the scorer's device.
        texts
            One text per view.

        Returns
        -------
        Tensor, rows
            Scores, float32.
        """
        ...

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        ...


@runtime_checkable
class PairGame(Protocol):
    """Scores of one pair under all coalitions of both items, the input of opaque estimators."""

    @property
    def n_left(self) -> int:
        """Segments of the left item."""
        ...

    @property
    def n_right(self) -> int:
        """Segments of the right item."""
        ...

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Score joint coalitions, row by row.

        Parameters
        ----------
        left, right
            Coalitions of either item, one row of each per score; True keeps the segment.

        Returns
        -------
        Tensor, rows
            Scores, float64.
        """
        ...

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Score every left with every right coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item; True keeps the segment.

        Returns
        -------
        Tensor, left_rows x right_rows
            Scores, float64.
        """
        ...


@runtime_checkable
class PairEstimator(Protocol):
    """Estimator of one pair from the scores of its game alone."""

    def __call__(
        self, game: PairGame, options: PairFitOptions, rng: np.random.Generator
    ) -> PairSurrogate: ...
