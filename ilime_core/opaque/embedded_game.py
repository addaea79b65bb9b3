"""Pair game of a dual encoder: inner products of embeddings with a read-out."""

from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.opaque.coalition_embeddings import CoalitionEmbeddings
from ilime_core.opaque.read_outs import ReadOut

__all__ = ["EmbeddedPairGame"]


class EmbeddedPairGame:
    """Pair game that scores from the embeddings of both items: N + M encodes give a grid of N x M.

    The cached embeddings of an item may serve all of its pairs.
    """

    def __init__(self, left: CoalitionEmbeddings, right: CoalitionEmbeddings, read_out: ReadOut) -> None:
        self._left = left
        self._right = right
        self._read_out = read_out

    @property
    def n_left(self) -> int:
        """Segments of the left item."""
        return self._left.n_segments

    @property
    def n_right(self) -> int:
        """Segments of the right item."""
        return self._right.n_segments

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
            Scores after the read-out, float64.
        """
        x, y = self._left(left), self._right(right)
        return self._read_out((x * y).sum(dim=1), x, y)

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
            Scores after the read-out, float64.
        """
        x, y = self._left(left), self._right(right)
        return self._read_out(x @ y.mT, x[:, None], y[None])
