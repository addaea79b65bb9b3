"""The coalitions that a curve runs through."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.errors import InputError

__all__ = ["Path", "count_points", "deletion_path", "insertion_path"]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Coalitions of both items at the points of a curve."""

    x: Float[np.ndarray, " points"]
    """Share of the elements that are inserted or deleted, from 0 to 1."""
    n_kept: Int64[np.ndarray, " points"]
    """Elements kept at each point."""
    left: Bool[np.ndarray, "points left"]
    right: Bool[np.ndarray, "points right"]


def count_points(n_elements: int, steps: int) -> Int64[np.ndarray, " points"]:
    """At how many elements a curve is read: ``steps`` counts evenly from 0 to all, rounded, each once.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    if steps < 2:
        raise InputError(f"a curve needs at least 2 steps, got {steps}.")
    return np.unique(np.rint(np.linspace(0, n_elements, steps)).astype(np.int64))


def insertion_path(order: Int64[np.ndarray, " elements"], n_left: int, steps: int) -> Path:
    """Coalitions of growing prefixes of an order; elements below ``n_left`` belong to the left item."""
    n_elements = len(order)
    counts = count_points(n_elements, steps)
    place = np.empty(n_elements, dtype=np.int64)
    place[order] = np.arange(n_elements)
    kept = place < counts[:, None]
    return Path(counts / n_elements, counts, kept[:, :n_left], kept[:, n_left:])


def deletion_path(order: Int64[np.ndarray, " elements"], n_left: int, steps: int) -> Path:
    """Coalitions left over when growing prefixes of an order are removed.

    It is the insertion path of the reversed order, walked backwards: the deletion along an order and the
    insertion along its reverse share all their coalitions.
    """
    back = insertion_path(order[::-1], n_left, steps)
    return Path(1.0 - back.x[::-1], back.n_kept[::-1], back.left[::-1], back.right[::-1])
