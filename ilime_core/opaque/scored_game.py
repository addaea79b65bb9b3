"""Pair game of a model of two inputs: one evaluation per joint coalition."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.protocols.pairs import PairScorer

__all__ = ["MaskedTexts", "MaskedViews", "ScoredPairGame"]

MaskedViews = Callable[[Bool[Tensor, "rows segments"]], Float[Tensor, "rows 3 height width"]]
"""Views of an image under coalitions, with values in [0, 1], on the scorer's device."""

MaskedTexts = Callable[[Bool[Tensor, "rows segments"]], Sequence[str]]
"""A text under coalitions."""


class ScoredPairGame:
    """Pair game that calls a scorer in batches of one size and never twice for the same joint coalition.

    Attributes
    ----------
    n_left, n_right
        Segments of the image and of the text.
    n_scored
        Distinct joint coalitions that were scored so far; rows that fill up a batch are not counted.
    """

    def __init__(
        self,
        scorer: PairScorer,
        views: MaskedViews,
        texts: MaskedTexts,
        *,
        shape: tuple[int, int],
        batch_size: int,
    ) -> None:
        """Wrap a scorer.

        Parameters
        ----------
        scorer
            Model of two inputs.
        views, texts
            Inputs of the model from coalitions of either side.
        shape
            Segments of the image and of the text.
        batch_size
            Rows of every call of the scorer: the last batch is filled up with its last row, so that no score
            depends on the number of the others.

        Raises
        ------
        InputError
            If a batch has no row.
        """
        if batch_size < 1:
            raise InputError(f"a batch needs at least one row, got a batch size of {batch_size}.")
        self.n_left, self.n_right = shape
        self.n_scored = 0
        self._scorer = scorer
        self._views = views
        self._texts = texts
        self._batch_size = batch_size
        self._scores: dict[bytes, float] = {}

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Score joint coalitions, row by row.

        Parameters
        ----------
        left, right
            Coalitions of the image and of the text, one row of each per score; True keeps the segment.

        Returns
        -------
        Tensor, rows
            Scores, float64, on the CPU.

        Raises
        ------
        InputError
            If the masks have other numbers of segments.
        ItemError
            If a score is not finite.
        """
        if (left.shape[1], right.shape[1]) != (self.n_left, self.n_right):
            raise InputError(
                f"this pair has {self.n_left} and {self.n_right} segments, got masks of {left.shape[1]} and "
                f"{right.shape[1]}."
            )
        packed = [np.packbits(side.cpu().numpy(), axis=1) for side in (left, right)]
        keys = [row.tobytes() for row in np.concatenate(packed, axis=1)]
        fresh: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            if key not in self._scores:
                fresh.setdefault(key, row)
        rows = torch.tensor(list(fresh.values()), dtype=torch.long)
        for at in range(0, len(rows), self._batch_size):
            batch = rows[at : at + self._batch_size]
            found = self._score_batch(left[batch], right[batch])
            self._scores.update(zip(list(fresh)[at : at + self._batch_size], found, strict=True))
        self.n_scored += len(rows)
        return torch.tensor([self._scores[key] for key in keys], dtype=torch.float64)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Score every left with every right coalition; a batch has few distinct images, each made once.

        Parameters
        ----------
        left, right
            Coalitions of the image and of the text; True keeps the segment.

        Returns
        -------
        Tensor, left_rows x right_rows
            Scores, float64, on the CPU.
        """
        rows = self.score(left.repeat_interleave(len(right), dim=0), right.repeat(len(left), 1))
        return rows.reshape(len(left), len(right))

    def _score_batch(self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]) -> list[float]:
        count = len(left)
        fill = torch.arange(self._batch_size).clamp(max=count - 1)
        images, of_image = torch.unique(left[fill], dim=0, return_inverse=True)
        words, of_text = torch.unique(right[fill], dim=0, return_inverse=True)
        views, texts = self._views(images), self._texts(words)
        scores = self._scorer.score(
            views[of_image.to(views.device)], [texts[int(place)] for place in of_text]
        )
        found = scores[:count].double().cpu()
        if not bool(torch.isfinite(found).all()):
            raise ItemError(
                FailureReason.NON_FINITE,
                f"{int((~torch.isfinite(found)).sum())} of {count} scores of masked pairs are not finite.",
            )
        return found.tolist()
