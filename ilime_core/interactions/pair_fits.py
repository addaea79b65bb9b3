"""Fits of many pairs at once: all numbers of a pair that the tables hold."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.batched_records import join, take
from ilime_core.interactions.bilinear import N_REFERENCES, ItemFacts, Panel, check_pairs, panel, products
from ilime_core.interactions.explained_variance import (
    ExplainedVariance,
    VarianceParts,
    explained_parts,
    explained_variance,
)
from ilime_core.interactions.factors import Factors, factorise
from ilime_core.interactions.main_effects import MainEffects, OtherItem, main_effects
from ilime_core.interactions.stack import EffectsStack
from ilime_core.interactions.standard_errors import (
    CellVariances,
    InteractionErrors,
    interaction_errors,
    quadratic_forms,
    trace_products,
)

__all__ = ["CPU_CHUNK_BYTES", "CUDA_CHUNK_BYTES", "PairFits", "fit_pairs"]

CPU_CHUNK_BYTES = 2**25
"""Working memory on the CPU: larger chunks are slower there, because they leave the cache."""

CUDA_CHUNK_BYTES = 2**30
"""Working memory on a device."""

_EVEN = 0.5
"""Keeping probability at which the closed form of sampled items is right in the mean."""

ROUNDING = 16
"""Scores whose deviation is below this many units in the last place do not vary."""


@dataclass(frozen=True, slots=True, eq=False)
class PairFits:
    """Fits of many pairs, padded to the stacks' longest items.

    Unknown numbers are NaN. Entries beyond ``n_left`` and ``n_right`` are padding: zeros, or NaN among the
    errors of pairs that have none.

    Attributes
    ----------
    f_full, f_left_empty, f_right_empty, f_empty
        Scores of the four corners.
    intercept
        The surrogate's value with nothing kept.
    weights
        W.
    completeness_residual
        Mixed difference of the four corners minus the sum of W.
    split_half_error
        |W_1 - W_2| / (2 |W|), W_1 and W_2 from halves of the masks; zero where all masks of both items were
        encoded.
    """

    n_left: Int[Tensor, " pairs"]
    n_right: Int[Tensor, " pairs"]
    f_full: Float[Tensor, " pairs"]
    f_left_empty: Float[Tensor, " pairs"]
    f_right_empty: Float[Tensor, " pairs"]
    f_empty: Float[Tensor, " pairs"]
    intercept: Float[Tensor, " pairs"]
    weights: Float[Tensor, "pairs left right"]
    errors: InteractionErrors
    left: MainEffects
    right: MainEffects
    factors: Factors
    variance: ExplainedVariance
    completeness_residual: Float[Tensor, " pairs"]
    split_half_error: Float[Tensor, " pairs"]


def fit_pairs(
    left: EffectsStack,
    right: EffectsStack,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
    *,
    n_factors: int | None = None,
    chunk_bytes: int | None = None,
) -> PairFits:
    """Explain pairs from the effects of their items.

    Parameters
    ----------
    left, right
        Effects of one estimator, on one device; they may be the same stack.
    left_index, right_index
        Place of each pair's items in the stacks.
    n_factors
        Factors to keep of each W; None keeps all.
    chunk_bytes
        Upper limit of the working memory beside the result; None takes ``CPU_CHUNK_BYTES`` or
        ``CUDA_CHUNK_BYTES``. At least one pair is worked on at a time. The result does not depend on it.

    Returns
    -------
    PairFits
        One entry per pair, in the order of the indices.

    Raises
    ------
    InputError
        If widths differ, an index points outside its stack, or a limit is below 1.

    References
    ----------
    .. [1] B. Joukovsky, F. Sammani and N. Deligiannis, "Model-agnostic visual explanations via approximate
       bilinear models", ICIP 2023, pp. 1770-1774, doi:10.1109/ICIP49359.2023.10222440.
    """
    check_pairs(left, right, left_index, right_index)
    if chunk_bytes is None:
        chunk_bytes = CUDA_CHUNK_BYTES if left.effects.is_cuda else CPU_CHUNK_BYTES
    if chunk_bytes < 1:
        raise InputError(f"got chunk_bytes = {chunk_bytes}, at least 1 is needed")
    left_panel, right_panel = panel(left), panel(right)
    step = max(1, chunk_bytes // _bytes_per_pair(left_panel, right_panel))
    chunks: list[PairFits] = []
    for at in range(0, max(1, len(left_index)), step):
        chosen = left_index[at : at + step], right_index[at : at + step]
        # Joining copies: the parts are views, which would keep every product of the chunk alive.
        chunks.append(join([_fit_chunk(left_panel, right_panel, *chosen, n_factors)]))
    return join(chunks)


def _bytes_per_pair(left: Panel, right: Panel) -> int:
    """Gathered rows, their products and temporary arrays of the size of W (about 12, and 4 in float64)."""
    gathered = (left.rows.shape[1] + right.rows.shape[1]) * left.dim
    gathered += (left.spread_rows.shape[1] + right.spread_rows.shape[1]) * left.dim
    if left.halves is not None or right.halves is not None:
        gathered += 2 * (left.n_segments + right.n_segments) * left.dim
    multiplied = (
        left.rows.shape[1] * right.rows.shape[1] + left.spread_rows.shape[1] * right.spread_rows.shape[1]
    )
    cells = left.n_segments * right.n_segments
    return (gathered + multiplied + 12 * cells) * left.rows.element_size() + 4 * cells * 8


def _fit_chunk(
    left: Panel,
    right: Panel,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
    n_factors: int | None,
) -> PairFits:
    x, y = take(left.facts, left_index), take(right.facts, right_index)
    n, m = left.n_segments, right.n_segments
    product = products(left, right, left_index, right_index)
    weights = product.rows[:, :n, :m].contiguous()
    right_of_left = OtherItem(product.rows[:, :, m : m + N_REFERENCES], y.reference_squares)
    left_of_right = OtherItem(product.rows[:, n : n + N_REFERENCES].mT, x.reference_squares)
    left_effects = main_effects(weights, right_of_left, x)
    right_effects = main_effects(weights.mT, left_of_right, y)
    errors = _errors(product.rows, weights, x, y, left)
    corners = product.rows[:, n : n + N_REFERENCES, m : m + N_REFERENCES]
    _, full, _, empty = corners.unbind(1)
    return PairFits(
        n_left=x.counts,
        n_right=y.counts,
        f_full=full[:, 1],
        f_left_empty=empty[:, 1],
        f_right_empty=full[:, 3],
        f_empty=empty[:, 3],
        intercept=corners[:, 2, 2],
        weights=weights,
        errors=errors,
        left=left_effects,
        right=right_effects,
        factors=factorise(weights, x.counts, y.counts, n_factors),
        variance=explained_variance(
            _variance_parts(product.spread_rows, x, y, left.dim),
            explained_parts(
                (left_effects, right_effects),
                weights,
                errors.sum_squared_error,
                (left.variance, right.variance),
                cross_is_unbiased=(x.is_exact | (left.p == _EVEN)) & (y.is_exact | (right.p == _EVEN)),
                posterior=left.posterior,
            ),
            known=x.spread.known & y.spread.known,
            floor=(ROUNDING * torch.finfo(weights.dtype).eps) ** 2
            * x.reference_squares[:, 0]
            * y.reference_squares[:, 0],
        ),
        completeness_residual=(full - empty)[:, 1] - (full - empty)[:, 3] - weights.sum((1, 2)),
        split_half_error=_split_half_error(left, right, left_index, right_index, weights),
    )


def _split_half_error(
    left: Panel,
    right: Panel,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
    weights: Float[Tensor, "pairs left right"],
) -> Float[Tensor, " pairs"]:
    size = 2 * weights.square().sum((1, 2)).sqrt()
    known = left.facts.has_halves[left_index] & right.facts.has_halves[right_index] & (size > 0)
    if left.halves is None and right.halves is None:
        return torch.where(known, torch.zeros_like(size), torch.nan)
    halves = _halves(left, left_index) @ _halves(right, right_index).mT
    apart = (halves[:, 0] - halves[:, 1]).square().sum((1, 2)).sqrt()
    return torch.where(known, apart / torch.where(known, size, 1.0), torch.nan)


def _halves(items: Panel, index: Int[Tensor, " pairs"]) -> Float[Tensor, "pairs halves segments dim"]:
    """Both halves; once the estimate itself where no item of the stack was sampled."""
    if items.halves is None:
        return items.rows[:, None, : items.n_segments].index_select(0, index)
    return items.halves.index_select(0, index)


def _errors(
    rows: Float[Tensor, "pairs left_rows right_rows"],
    weights: Float[Tensor, "pairs left right"],
    x: ItemFacts,
    y: ItemFacts,
    items: Panel,
) -> InteractionErrors:
    n, m = weights.shape[1:]
    of_left = quadratic_forms(rows[:, n + N_REFERENCES :, :m], x.error.rest, y.effect_squares)
    of_right = quadratic_forms(rows[:, :n, m + N_REFERENCES :].mT, y.error.rest, x.effect_squares)
    shared = rows[:, n + N_REFERENCES :, m + N_REFERENCES :]
    trace = trace_products(shared, x.error, y.error, items.dim)
    return interaction_errors(
        weights,
        CellVariances(
            left=x.error_scale[:, :, None] * of_left[:, None, :],
            right=of_right[:, :, None] * y.error_scale[:, None, :],
            product=x.error_scale[:, :, None] * (trace[:, None] * y.error_scale)[:, None, :],
            left_degrees=x.degrees,
            right_degrees=y.degrees,
            posterior=items.posterior,
        ),
        known=x.error.known & y.error.known,
    )


def _variance_parts(
    rows: Float[Tensor, "pairs left_rows right_rows"], x: ItemFacts, y: ItemFacts, dim: int
) -> VarianceParts:
    mean_squares = x.reference_squares[:, :1], y.reference_squares[:, :1]
    return VarianceParts(
        left=quadratic_forms(rows[:, :-1, -1:], x.spread.rest, mean_squares[1])[:, 0],
        right=quadratic_forms(rows[:, -1:, :-1].mT, y.spread.rest, mean_squares[0])[:, 0],
        cross=trace_products(rows[:, :-1, :-1], x.spread, y.spread, dim),
    )
