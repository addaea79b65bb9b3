"""Curves of a score along coalitions, their areas, and the scale on which areas of pairs compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.paths import Path

__all__ = ["Scale", "Target", "area_under", "coalition_spread", "curve_values"]


class Target(StrEnum):
    """What is read off along a path."""

    SCORE = "score"
    """f(S, T) = <g(S), h(T)>: what the model says; single segments may earn it all."""
    MIXED_DIFFERENCE = "mixed_difference"
    """<g(S) - g(0), h(T) - h(0)>: what both items say only together."""


def curve_values(
    paths: Sequence[Path], left: EncodedCoalitions, right: EncodedCoalitions, target: Target
) -> list[Float[np.ndarray, " points"]]:
    """Read a target at every point of every path of one pair.

    Paths meet in the same coalitions again and again, and in the same pairs of them: each is scored once.

    Parameters
    ----------
    paths
        All of one pair.
    left, right
        Its items, with all coalitions of the paths encoded.
    target
        The score, or the mixed difference, which both items say only together.

    Returns
    -------
    list of Float arrays, one value per point
        One array for each path in order, in units of the score; double precision.

    Raises
    ------
    InputError
        If a coalition was not encoded.
    """
    import torch

    left_masks, left_rows = _distinct(np.concatenate([path.left for path in paths]), left)
    right_masks, right_rows = _distinct(np.concatenate([path.right for path in paths]), right)
    g, h = left.embed(left_masks).double(), right.embed(right_masks).double()
    if target is Target.MIXED_DIFFERENCE:
        g, h = g - left.empty, h - right.empty
    met, place = np.unique(left_rows * len(right_masks) + right_rows, return_inverse=True)
    rows, columns = np.divmod(met, len(right_masks))
    scores = torch.einsum("pd,pd->p", g[rows], h[columns]).cpu().numpy()
    return np.split(scores[place], np.cumsum([len(path.x) for path in paths])[:-1])


def area_under(x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"]) -> float:
    """Area under a curve by the trapezoid rule; x runs from 0 to 1, so that it is a mean of y.

    Parameters
    ----------
    x
        Rising from 0 to 1.
    y
        Target at each x.

    Returns
    -------
    float
        In the unit of ``y``.
    """
    return float(np.trapezoid(y, x))


def coalition_spread(
    n_kept: Sequence[Int64[np.ndarray, " points"]], values: Sequence[Float[np.ndarray, " points"]]
) -> float | None:
    """Standard deviation of the target over random coalitions, each element kept with probability 1/2.

    The first k elements of a random order are a uniform coalition of size k. Weighted by the binomial law of
    k, the inner points of random curves are therefore draws of Bernoulli(1/2) coalitions: no encode is spent.

    Parameters
    ----------
    n_kept, values
        Elements kept, and the target, at the points of each random curve.

    Returns
    -------
    spread
        None with fewer than two orders or no inner point.
    """
    if len(values) < 2:
        return None
    n_elements = int(n_kept[0].max())
    kept, value = np.concatenate(list(n_kept)), np.concatenate(list(values))
    inner = (kept > 0) & (kept < n_elements)
    if not inner.any():
        return None
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n_elements + 1)))])
    log_law = -log_factorials[kept[inner]] - log_factorials[n_elements - kept[inner]]
    weights = np.exp(log_law - log_law.max())
    mean = np.average(value[inner], weights=weights)
    return float(np.sqrt(np.average((value[inner] - mean) ** 2, weights=weights)))


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a target starts and ends, and how far it varies over random coalitions."""

    empty: float
    full: float
    spread: float | None

    def normalised(self, value: float | None) -> float | None:
        """A value on a scale where the empty pair is 0 and the full pair 1.

        None where the full pair does not stand out, i.e. exceeds the empty one by no more than three times
        the spread over random coalitions: dividing by noise would make large numbers out of nothing.
        """
        rise = self.full - self.empty
        if value is None or self.spread is None or rise <= 3 * self.spread:
            return None
        return (value - self.empty) / rise


def _distinct(
    masks: Bool[np.ndarray, "queries segments"], item: EncodedCoalitions
) -> tuple[Bool[np.ndarray, "distinct segments"], Int64[np.ndarray, " queries"]]:
    _, first, row = np.unique(item.masks.locate(masks), return_index=True, return_inverse=True)
    return masks[first], row.astype(np.int64)
