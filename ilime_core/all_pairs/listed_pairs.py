"""Interactions of listed pairs of ragged items, a padded batch at a time, in float64."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from ilime_core.all_pairs.ragged_effects import RaggedEffects

__all__ = ["PairMeasures", "measure_pairs", "padded_interactions"]

_NUMBERS_AT_ONCE = 2**22
"""Of the gathered effects of a batch."""


@dataclass(frozen=True, slots=True, eq=False)
class PairMeasures:
    """What the interactions W of single pairs amount to.

    Attributes
    ----------
    joint_effect, mass, norm
        Sum of W, sum of abs(W), and the Frobenius norm.
    largest
        Cell of the largest abs(W), with its sign.
    left_segment, right_segment
        Its place; of equal cells the lowest left segment, then the lowest right one.
    """

    joint_effect: Float64[np.ndarray, " pairs"]
    mass: Float64[np.ndarray, " pairs"]
    norm: Float64[np.ndarray, " pairs"]
    largest: Float64[np.ndarray, " pairs"]
    left_segment: Int64[np.ndarray, " pairs"]
    right_segment: Int64[np.ndarray, " pairs"]

    @property
    def largest_share(self) -> Float64[np.ndarray, " pairs"]:
        """Share of the largest cell in the mass; 0 for a pair without any effect."""
        return np.abs(self.largest) / np.where(self.mass > 0, self.mass, 1.0)


def measure_pairs(
    left: RaggedEffects, right: RaggedEffects, pairs: Int64[np.ndarray, "pairs 2"]
) -> PairMeasures:
    """Measure some pairs, such as the best candidates of each query.

    Parameters
    ----------
    left, right
        Items of both sides, on one device.
    pairs
        (left, right) indices into them.

    Returns
    -------
    PairMeasures
        In the order of ``pairs``.
    """
    found = {name: np.empty(len(pairs)) for name in ("joint_effect", "mass", "norm", "largest")}
    places = {name: np.empty(len(pairs), dtype=np.int64) for name in ("left_segment", "right_segment")}
    for chosen, cells in padded_interactions(left, right, pairs):
        flat = cells.flatten(1)
        place = flat.abs().argmax(1)
        measured = (flat.sum(1), flat.abs().sum(1), flat.norm(dim=1), flat.gather(1, place[:, None])[:, 0])
        for values, one in zip(found.values(), measured, strict=True):
            values[chosen] = one.cpu().numpy()
        width = cells.shape[2]
        for values, one in zip(places.values(), (place // width, place % width), strict=True):
            values[chosen] = one.cpu().numpy()
    return PairMeasures(**found, **places)


def padded_interactions(
    left: RaggedEffects, right: RaggedEffects, pairs: Int64[np.ndarray, "pairs 2"]
) -> Iterator[tuple[Int64[np.ndarray, " batch"], Float[Tensor, "batch n m"]]]:
    """Form W of listed pairs in batches of similar sizes.

    Parameters
    ----------
    left, right
        Items of both sides, on one device.
    pairs
        (left, right) indices into them.

    Yields
    ------
    tuple
        Places in ``pairs``, and W of each in float64 with zeros behind its true rows and columns.
    """
    n, m = left.sizes[pairs[:, 0]], right.sizes[pairs[:, 1]]
    order = np.lexsort((m, n))
    if not len(order):
        return
    height = max(1, _NUMBERS_AT_ONCE // (int(n.max() + m.max()) * left.rows.shape[1]))
    for start in range(0, len(order), height):
        chosen = order[start : start + height]
        yield chosen, _padded(left, pairs[chosen, 0]) @ _padded(right, pairs[chosen, 1]).mT


def _padded(side: RaggedEffects, items: Int64[np.ndarray, " batch"]) -> Float[Tensor, "batch longest dim"]:
    starts, sizes = side.starts[items, None], side.sizes[items, None]
    segment = np.arange(int(sizes.max()))[None, :]
    rows = torch.as_tensor(starts + np.minimum(segment, sizes - 1), device=side.rows.device)
    real = torch.as_tensor(segment < sizes, device=side.rows.device)
    return side.rows[rows].double() * real[:, :, None]
