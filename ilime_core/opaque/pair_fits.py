"""Surrogates of opaque pairs as one padded record, from which the tables are written."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.explained_variance import ExplainedVariance
from ilime_core.interactions.factors import factorise
from ilime_core.interactions.main_effects import MainEffects
from ilime_core.interactions.pair_fits import PairFits
from ilime_core.interactions.standard_errors import InteractionErrors
from ilime_core.pair_records import PairSurrogate, SideSurrogate

__all__ = ["pair_fits_of"]


def pair_fits_of(surrogates: Sequence[PairSurrogate]) -> PairFits:
    """Pad surrogates of many pairs to their longest items; on the CPU, in double precision.

    Returns
    -------
    PairFits
        What is None becomes NaN. A pair without W keeps its numbers of segments and has NaN for all of its
        weights and no factor: cells whose weight is NaN are not written to the tables. ``r2_total``,
        ``r2_linear`` and ``r2_cross`` are the surrogates' own: on scores that were not fitted.

    Raises
    ------
    InputError
        If there is no surrogate.
    """
    if not surrogates:
        raise InputError("got no surrogate, at least one is needed.")
    left, right = [one.left for one in surrogates], [one.right for one in surrogates]
    n_left, n_right = (torch.tensor([side.n_segments for side in sides]) for sides in (left, right))
    shape = int(n_left.max()), int(n_right.max())
    weights = _padded([one.weights for one in surrogates], shape)
    full, left_empty, right_empty, empty = (
        _numbers([getattr(one, name) for one in surrogates])
        for name in ("f_full", "f_left_empty", "f_right_empty", "f_empty")
    )
    return PairFits(
        n_left=n_left,
        n_right=n_right,
        f_full=full,
        f_left_empty=left_empty,
        f_right_empty=right_empty,
        f_empty=empty,
        intercept=_numbers([one.intercept for one in surrogates]),
        weights=weights,
        errors=_errors(surrogates, weights),
        left=_main_effects(left, weights),
        right=_main_effects(right, weights.mT),
        factors=factorise(weights.nan_to_num(), n_left, n_right),
        variance=_variance(surrogates),
        completeness_residual=full - left_empty - right_empty + empty - weights.sum((1, 2)),
        split_half_error=torch.full_like(full, torch.nan),
    )


def _errors(
    surrogates: Sequence[PairSurrogate], weights: Float[Tensor, "pairs left right"]
) -> InteractionErrors:
    errors = _padded([one.weight_errors for one in surrogates], tuple(weights.shape[1:]))
    certain = errors > 0
    z = torch.where(certain, weights.abs() / errors.where(certain, errors.new_ones(())), 0.0).amax((1, 2))
    return InteractionErrors(
        standard_errors=errors,
        degrees=_padded([one.weight_degrees for one in surrogates], tuple(weights.shape[1:])),
        sum_squared_error=_numbers([one.sum_squared_error for one in surrogates]),
        max_z=torch.where(certain.any(2).any(1), z, torch.nan),
    )


def _main_effects(
    sides: Sequence[SideSurrogate], weights: Float[Tensor, "pairs segments others"]
) -> MainEffects:
    shape = (weights.shape[1],)
    return MainEffects(
        effect=_padded([side.effect for side in sides], shape),
        raw_effect=_padded([side.raw for side in sides], shape),
        intact_effect=_padded([side.intact for side in sides], shape),
        net=weights.sum(2),
        mass=weights.abs().sum(2),
        standard_error=_padded([side.error for side in sides], shape),
        intact_standard_error=_padded([side.intact_error for side in sides], shape),
        degrees=_padded([side.degrees for side in sides], shape),
    )


def _variance(surrogates: Sequence[PairSurrogate]) -> ExplainedVariance:
    unknown = torch.full((len(surrogates),), torch.nan, dtype=torch.float64)
    return ExplainedVariance(
        r2_total=_numbers([one.r2_total for one in surrogates]),
        r2_linear=_numbers([one.r2_linear for one in surrogates]),
        r2_cross=_numbers([one.r2_cross for one in surrogates]),
        r2_cross_ceiling=unknown,
        share_left=_numbers([one.share_left for one in surrogates]),
        share_right=_numbers([one.share_right for one in surrogates]),
        share_cross=_numbers([one.share_cross for one in surrogates]),
    )


def _numbers(values: Sequence[float | None]) -> Float[Tensor, " pairs"]:
    return torch.tensor([torch.nan if value is None else value for value in values], dtype=torch.float64)


def _padded(arrays: Sequence[Tensor | None], shape: tuple[int, ...]) -> Float[Tensor, "pairs *shape"]:
    """Zeros beyond an array, NaN throughout where there is none."""
    padded = torch.full((len(arrays), *shape), torch.nan, dtype=torch.float64)
    for place, array in enumerate(arrays):
        if array is not None:
            padded[place] = 0.0
            padded[(place, *(slice(size) for size in array.shape))] = array.to(padded)
    return padded
