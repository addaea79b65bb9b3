"""Second-order interactions of two segments of one item, within the item or with a segment of the other."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.perturbation.foldover import block_order, is_whole_foldover
from ilime_core.records import Effects

__all__ = ["SecondOrder", "SegmentPairs", "second_order", "segment_pairs", "strongest_cells"]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentPairs:
    """Contrasts of all pairs of segments of one item, reusable for any number of targets.

    Attributes
    ----------
    contrasts
        Row k, pair (i, i'): product of both segments' centred indicators over p^2 (1 - p)^2, so that the mean
        of contrast times any function of the coalition is the function's mean second difference.
    residuals
        What the affine surrogate leaves of the embeddings: the contrasts' means do not see that part, only
        their noise would.
    shares
        Weight of each row; they sum to 1.
    exact
        True where all coalitions were encoded.
    """

    contrasts: Float[Tensor, "samples segment_pairs"]
    residuals: Float[Tensor, "samples dim"]
    shares: Float[Tensor, " samples"]
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class SecondOrder:
    """Mean second differences of some targets, and their standard errors (zero where exact).

    ``degrees`` are those of freedom of the standard errors, for Student's t; None where exact.
    """

    weights: Float[Tensor, "segment_pairs targets"]
    standard_errors: Float[Tensor, "segment_pairs targets"]
    degrees: int | None


def segment_pairs(
    masks: Bool[Tensor, "samples segments"],
    embeddings: Float[Tensor, "samples dim"],
    effects: Effects,
    *,
    p: float,
) -> SegmentPairs:
    """Compute the contrasts and residuals of one item.

    Parameters
    ----------
    masks, embeddings
        Rows that keep each segment with probability ``p``, or all coalitions, and their embeddings.
    effects
        Banzhaf effects of the item, fitted on these rows.
    p
        Probability of keeping a segment.

    Returns
    -------
    SegmentPairs
        Of whole fold-over blocks, one row per complement pair.

    Raises
    ------
    InputError
        If there are fewer than two rows, ``p`` is not inside (0, 1), or the effects are of other segments.
    """
    segments = masks.shape[1]
    if len(masks) < 2 or not 0 < p < 1 or len(effects.effects) != segments:
        got = f"{len(masks)} rows of {segments} segments, p = {p} and {len(effects.effects)} effects"
        raise InputError(f"two rows, p inside (0, 1) and one effect a segment are needed, got {got}")
    kept = masks.double()
    residuals = embeddings.double() - effects.intercept.double() - kept @ effects.effects.double()
    centred = (kept - p) / (p * (1.0 - p))
    first, second = torch.triu_indices(segments, segments, offset=1, device=masks.device)
    contrasts = centred[:, first] * centred[:, second]
    if not effects.sampled:
        sizes = kept.sum(dim=1)
        return SegmentPairs(contrasts, residuals, p**sizes * (1.0 - p) ** (segments - sizes), exact=True)
    if bool(is_whole_foldover(masks[None])):
        # Both rows of a complement pair have the same contrasts: their mean is one observation.
        order = block_order(segments)
        contrasts = contrasts.reshape(-1, 2, order, contrasts.shape[1])[:, 0].flatten(0, 1)
        residuals = residuals.reshape(-1, 2, order, residuals.shape[1]).mean(dim=1).flatten(0, 1)
    return SegmentPairs(
        contrasts, residuals, residuals.new_full((len(residuals),), 1 / len(residuals)), exact=False
    )


def second_order(item: SegmentPairs, targets: Float[Tensor, "targets dim"]) -> SecondOrder:
    """Mean second differences of ``<g, target>`` over an item's coalitions.

    With the other item's mean embedding as target these are the pair's within-item interactions, with its
    whole embedding those of the search score, and with the effect of one of its segments the interaction of
    three segments: two of this item and that one.

    Parameters
    ----------
    item
        Result of :func:`segment_pairs`.
    targets
        Embeddings or effects of the other item.

    Returns
    -------
    SecondOrder
        Pairs in the order of ``torch.triu_indices(segments, segments, 1)``. Independent rows leave a bias
        below the errors, because the residuals come from a fit on the same rows; whole fold-over blocks and
        all coalitions leave none.

    References
    ----------
    .. [1] Grabisch, M. and Roubens, M. (1999). An axiomatic approach to the concept of interaction among
       players in cooperative games. International Journal of Game Theory 28, 547-565.
       https://doi.org/10.1007/s001820050125
    .. [2] Lerman, S., Venuto, C., Kautz, H. and Xu, C. (2021). Explaining local, global, and higher-order
       interactions in deep learning. ICCV, 1224-1233. https://doi.org/10.1109/ICCV48922.2021.00126
    """
    scores = item.residuals @ targets.double().mT
    weights = item.contrasts.mT @ (item.shares[:, None] * scores)
    if item.exact:
        return SecondOrder(weights, torch.zeros_like(weights), None)
    squares = item.contrasts.square().mT @ (item.shares[:, None] * scores.square())
    variance = (squares - weights.square()).clamp(min=0.0) / (len(scores) - 1)
    return SecondOrder(weights, variance.sqrt(), len(scores) - 1)


def strongest_cells(values: Float[Tensor, " cells"], n_cells: int) -> Int[Tensor, " kept"]:
    """Select the places of the ``n_cells`` largest absolute values, largest first; of equal ones the first.

    Parameters
    ----------
    values
        Weights of either sign.
    n_cells
        Places to select; all where there are fewer.

    Returns
    -------
    Tensor, kept
        Places in ``values``.
    """
    return values.abs().sort(descending=True, stable=True).indices[:n_cells]
