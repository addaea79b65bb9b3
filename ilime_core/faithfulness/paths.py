"""The coalitions that a curve runs through."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.errors import InputError
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Side

__all__ = ["Elements", "Path", "count_points", "deletion_path", "insertion_path"]


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """What comes and goes along a path: the segments of both items, or of one while the other stays whole.

    Element i < n is segment i of the left item and n + j segment j of the right one; of one side alone,
    elements are its segments.
    """

    n_left: int
    n_right: int
    side: Side
    areas: Float[np.ndarray, " elements"]
    """Share of the area that each element takes; they add up to 1."""

    @classmethod
    def of(cls, pair: PairExplanation, side: Side) -> "Elements":
        """Elements of a pair; on both sides each item takes half of the area.

        Parameters
        ----------
        pair
            Gives the numbers of segments and their areas.
        side
            Whose segments are the elements.

        Returns
        -------
        Elements
            With areas that add up to 1.
        """
        shares = {
            Side.LEFT: [pair.left_areas],
            Side.RIGHT: [pair.right_areas],
            Side.BOTH: [pair.left_areas / 2, pair.right_areas / 2],
        }[side]
        return cls(len(pair.left_areas), len(pair.right_areas), side, np.concatenate(shares))

    def coalitions(
        self, kept: Bool[np.ndarray, "points elements"]
    ) -> tuple[Bool[np.ndarray, "points left"], Bool[np.ndarray, "points right"]]:
        """Coalitions of both items of which these elements are kept."""
        if self.side is Side.BOTH:
            return kept[:, : self.n_left], kept[:, self.n_left :]
        if self.side is Side.LEFT:
            return kept, np.ones((len(kept), self.n_right), dtype=bool)
        return np.ones((len(kept), self.n_left), dtype=bool), kept


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Coalitions of both items at the points of a curve."""

    x: Float[np.ndarray, " points"]
    """Share of the elements that are inserted or deleted, from 0 to 1."""
    area: Float[np.ndarray, " points"]
    """Share of the area that they take, from 0 to 1."""
    n_kept: Int64[np.ndarray, " points"]
    """Elements kept at each point."""
    left: Bool[np.ndarray, "points left"]
    right: Bool[np.ndarray, "points right"]


def count_points(n_elements: int, steps: int) -> Int64[np.ndarray, " points"]:
    """At how many elements a curve is read: ``steps`` counts evenly from 0 to all, rounded, each once.

    Parameters
    ----------
    n_elements
        Elements that come or go.
    steps
        Points wanted, both ends included.

    Returns
    -------
    Int64 array, one count per point
        Rising from 0 to ``n_elements``; fewer than ``steps`` where there are fewer elements.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    if steps < 2:
        raise InputError(f"a curve needs at least 2 steps, got {steps}.")
    return np.unique(np.rint(np.linspace(0, n_elements, steps)).astype(np.int64))


def insertion_path(order: Int64[np.ndarray, " elements"], elements: Elements, steps: int) -> Path:
    """Coalitions of growing prefixes of an order.

    Parameters
    ----------
    order
        Elements, first inserted first.
    elements
        What the order is of, with areas.
    steps
        Points wanted, both ends included.

    Returns
    -------
    Path
        From the empty coalition of these elements to all of them.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    n_elements = len(order)
    counts = count_points(n_elements, steps)
    place = np.empty(n_elements, dtype=np.int64)
    place[order] = np.arange(n_elements)
    kept = place < counts[:, None]
    left, right = elements.coalitions(kept)
    area = np.append(0.0, np.cumsum(elements.areas[order]))[counts]
    return Path(counts / n_elements, area / area[-1], counts, left, right)


def deletion_path(order: Int64[np.ndarray, " elements"], elements: Elements, steps: int) -> Path:
    """Coalitions left over when growing prefixes of an order are removed.

    It is the insertion path of the reversed order, walked backwards: the deletion along an order and the
    insertion along its reverse share all their coalitions.

    Parameters
    ----------
    order
        Elements, first deleted first.
    elements
        What the order is of, with areas.
    steps
        Points wanted, both ends included.

    Returns
    -------
    Path
        From all elements to none.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    back = insertion_path(order[::-1], elements, steps)
    return Path(
        1.0 - back.x[::-1], 1.0 - back.area[::-1], back.n_kept[::-1], back.left[::-1], back.right[::-1]
    )
