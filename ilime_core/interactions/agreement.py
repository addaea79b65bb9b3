"""Agreement of two decompositions of nearly equal matrices, up to the freedom that a decomposition has."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64

__all__ = ["clear_gaps", "covariance_distance", "largest_turn"]


def clear_gaps(
    strengths: Float[np.ndarray, " rows"], groups: Int64[np.ndarray, " rows"]
) -> tuple[Float[np.ndarray, " rows"], Float[np.ndarray, " rows"]]:
    """Gap of each strength to its neighbours over the first strength of its group, and the first strengths.

    Parameters
    ----------
    strengths
        Rows of a group follow each other, strongest first; below the last lies zero.
    groups
        Number of each row's group.

    Returns
    -------
    tuple of Float array, rows
        Relative gaps and first strengths.
    """
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    sizes = np.diff(np.append(starts, len(groups)))
    first = np.repeat(strengths[starts], sizes)
    below = np.append(strengths[1:], 0.0)
    below[np.append(starts[1:], len(groups)) - 1] = 0.0
    gap = strengths - below
    above = np.concatenate([[np.inf], gap[:-1]]) if len(gap) else gap
    above[starts] = np.inf
    return np.minimum(gap, above) / np.where(first > 0, first, 1.0), first


def largest_turn(
    first: Sequence[Float[np.ndarray, " _"]], second: Sequence[Float[np.ndarray, " _"]]
) -> float:
    """Largest turn between the left and right directions of one component in two decompositions.

    Parameters
    ----------
    first, second
        Left and right direction of the component; both may have the other sign in the second decomposition.

    Returns
    -------
    float
        Sine of the larger angle: a turn by the angle t moves a projector by sin t in the spectral norm.
        Infinite where only one direction has the other sign, or where a length differs or is 0.
    """
    if any(a.shape != b.shape or not len(a) for a, b in zip(first, second, strict=True)):
        return float("inf")
    left, right = (
        float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) for a, b in zip(first, second, strict=True)
    )
    if not left * right > 0:
        return float("inf")
    return float(np.sqrt(max(0.0, 1.0 - min(abs(left), abs(right)) ** 2)))


def covariance_distance(first: Float[np.ndarray, "_ dim"], second: Float[np.ndarray, "_ dim"]) -> float:
    """Distance of the covariances L^T L of two factors L, as a share of the larger one's Frobenius norm.

    Parameters
    ----------
    first, second
        Factors; a rotation of the rows leaves the covariance as it is.

    Returns
    -------
    float
        0 of equal covariances, and of two that are zero.
    """
    squares = [float(np.sum((a @ b.T) ** 2)) for a, b in ((first, first), (second, second), (first, second))]
    apart = np.sqrt(max(0.0, squares[0] + squares[1] - 2 * squares[2]))
    largest = np.sqrt(max(squares[0], squares[1]))
    return float(apart / largest) if largest else 0.0
