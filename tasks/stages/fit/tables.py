"""Fits of a block of pairs as rows; no Python loop over pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from torch import Tensor

from ilime_core.interactions.main_effects import MainEffects
from ilime_core.interactions.margins import Margins
from ilime_core.interactions.pair_fits import PairFits
from ilime_core.interactions.significance import (
    PairSignificance,
    half_widths,
    pair_significance,
    two_sided_p_values,
)
from tasks.spec.estimator_kinds import errors_leave_out
from tasks.stages.match.rivals import RivalCandidates

__all__ = [
    "TABLES_OF_PAIRS",
    "FittedPairs",
    "factor_table",
    "fit_table",
    "interaction_table",
    "main_effect_table",
    "margin_effect_table",
    "margin_table",
    "significance_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class FittedPairs:
    """Fits of one estimator with the pairs that they belong to."""

    pair_ids: np.ndarray
    estimator: str
    fits: PairFits
    significance: PairSignificance
    r2_cross_held_out: np.ndarray
    """NaN where an item of the pair has no held-out masks."""
    penalties: np.ndarray | None = None
    """Ridge penalties of an estimator of single pairs, NaN where it has none; None of other estimators."""


def significance_of(fits: PairFits, estimator: str) -> PairSignificance:
    """Test the weights of fits by their errors; none is tested where the errors omit a source.

    Parameters
    ----------
    fits
        Fits of all pairs of a block.
    estimator
        Name of the estimator.

    Returns
    -------
    PairSignificance
        Of every cell; unknown where ``errors_leave_out`` names the estimator.
    """
    errors = fits.errors
    degrees = _array(errors.degrees).astype(np.float64)
    return pair_significance(
        _array(fits.weights).astype(np.float64),
        _array(errors.standard_errors).astype(np.float64),
        # By errors of unknown degrees no weight is tested.
        np.full_like(degrees, np.nan) if errors_leave_out(estimator) else degrees,
        _present(fits),
    )


def fit_table(fitted: FittedPairs) -> pa.Table:
    """One row per pair."""
    fits = fitted.fits
    return pa.table(
        {
            "pair_id": fitted.pair_ids,
            "estimator": _constant(fitted.estimator, len(fitted.pair_ids)),
            "f_full": _array(fits.f_full),
            "f_left_empty": _array(fits.f_left_empty),
            "f_right_empty": _array(fits.f_right_empty),
            "f_empty": _array(fits.f_empty),
            "intercept": _array(fits.intercept),
            **{one.name: _array(getattr(fits.variance, one.name)) for one in fields(fits.variance)},
            "r2_cross_held_out": fitted.r2_cross_held_out.astype(np.float32),
            "completeness_residual": _array(fits.completeness_residual),
            "effective_rank": _array(fits.factors.effective_rank),
            "max_z": _array(fits.errors.max_z),
            "p_none": fitted.significance.smallest_adjusted.astype(np.float32),
            "share_certain": fitted.significance.share.astype(np.float32),
            "split_half_error": _array(fits.split_half_error),
            "sum_squared_error": _array(fits.errors.sum_squared_error),
            "penalty": _penalties(fitted),
        }
    )


def interaction_table(fitted: FittedPairs) -> pa.Table:
    """One row per pair, left segment and right segment; none of a pair without W, whose weights are NaN."""
    fits = fitted.fits
    weights = _array(fits.weights)
    pair, i, j = np.nonzero(_present(fits) & ~np.isnan(weights))
    return pa.table(
        {
            "pair_id": fitted.pair_ids[pair],
            "estimator": _constant(fitted.estimator, len(pair)),
            "left_segment": i.astype(np.int32),
            "right_segment": j.astype(np.int32),
            "weight": weights[pair, i, j],
            "standard_error": _array(fits.errors.standard_errors)[pair, i, j],
            "degrees": _array(fits.errors.degrees)[pair, i, j],
            "p_value": fitted.significance.p_values[pair, i, j].astype(np.float32),
            "p_adjusted": fitted.significance.adjusted[pair, i, j].astype(np.float32),
        }
    )


def main_effect_table(fitted: FittedPairs) -> pa.Table:
    """One row per pair, side and segment."""
    fits = fitted.fits
    return pa.concat_tables(
        [
            _side_table(fitted, fits.left, fits.n_left, "left"),
            _side_table(fitted, fits.right, fits.n_right, "right"),
        ]
    )


def factor_table(fitted: FittedPairs) -> pa.Table:
    """One row per pair and component."""
    fits, factors = fitted.fits, fitted.fits.factors
    pair, component = np.nonzero(_valid(factors.n_components, factors.strengths.shape[1]))
    return pa.table(
        {
            "pair_id": fitted.pair_ids[pair],
            "estimator": _constant(fitted.estimator, len(pair)),
            "component": (component + 1).astype(np.int32),
            "strength": _array(factors.strengths)[pair, component],
            "energy": _array(factors.energy)[pair, component],
            "gap": _array(factors.gap)[pair, component],
            "sign_margin": _array(factors.sign_margin)[pair, component],
            "left_vector": _lists(_array(factors.left_vectors)[pair, component], _array(fits.n_left)[pair]),
            "right_vector": _lists(
                _array(factors.right_vectors)[pair, component], _array(fits.n_right)[pair]
            ),
        }
    )


TABLES_OF_PAIRS = MappingProxyType(
    {
        "fits": fit_table,
        "interactions": interaction_table,
        "main_effects": main_effect_table,
        "factors": factor_table,
    }
)
"""Tables of fitted pairs, and what makes them."""


def margin_table(estimator: str, rivals: Sequence[RivalCandidates], margins: Margins) -> pa.Table:
    """One row per two candidates of a query.

    Parameters
    ----------
    estimator
        Name of the estimator.
    rivals
        Candidates, two for each margin.
    margins
        Fitted margins in the order of ``rivals``.

    Returns
    -------
    pa.Table
        Rows of the table ``margins``.
    """
    names = ("query_id", "direction", "reason", "number", "correct_pair_id", "wrong_pair_id")
    return pa.table(
        {name: [getattr(one, name) for one in rivals] for name in names}
        | {
            "estimator": _constant(estimator, len(rivals)),
            "margin": _array(margins.margin),
            "query_remainder": _array(margins.query_remainder),
            "candidates_remainder": _array(margins.candidates_remainder),
            "query_remainder_exceeds": _array(margins.query_remainder_exceeds),
            "candidates_remainder_exceeds": _array(margins.candidates_remainder_exceeds),
        }
    )


def margin_effect_table(estimator: str, rivals: Sequence[RivalCandidates], margins: Margins) -> pa.Table:
    """One row per two candidates of a query, item and segment.

    Parameters
    ----------
    estimator
        Name of the estimator.
    rivals
        Candidates, two for each margin.
    margins
        Fitted margins in the order of ``rivals``.

    Returns
    -------
    pa.Table
        Rows of the table ``margin_effects``.
    """
    names = ("query_id", "direction", "reason", "number")
    keys = {name: np.array([getattr(one, name) for one in rivals], dtype=object) for name in names}
    parts: list[pa.Table] = []
    for part, side, items in (
        ("query", margins.query, [one.query_id for one in rivals]),
        ("correct", margins.correct, [one.correct_item_id for one in rivals]),
        ("wrong", margins.wrong, [one.wrong_item_id for one in rivals]),
    ):
        query, segment = np.nonzero(_valid(side.n_segments, side.effects.shape[1]))
        parts.append(
            pa.table(
                {name: values[query] for name, values in keys.items()}
                | {
                    "estimator": _constant(estimator, len(query)),
                    "part_of": _constant(part, len(query)),
                    "segment": segment.astype(np.int32),
                    "item_id": np.array(items, dtype=object)[query],
                    "effect": _array(side.effects)[query, segment],
                    "standard_error": _array(side.standard_errors)[query, segment],
                }
            )
        )
    return pa.concat_tables(parts)


def _penalties(fitted: FittedPairs) -> np.ndarray:
    if fitted.penalties is None:
        return np.full(len(fitted.pair_ids), np.nan, dtype=np.float32)
    return fitted.penalties.astype(np.float32)


def _side_table(fitted: FittedPairs, effects: MainEffects, counts: Tensor, side: str) -> pa.Table:
    pair, segment = np.nonzero(_valid(counts, effects.effect.shape[1]))
    effect, error, degrees = (
        _array(one)[pair, segment].astype(np.float64)
        for one in (effects.intact_effect, effects.intact_standard_error, effects.degrees)
    )
    if errors_leave_out(fitted.estimator):  # by errors of unknown degrees nothing is tested
        degrees = np.full_like(degrees, np.nan)
    p_values = np.where(error > 0, two_sided_p_values(effect, error, degrees), np.nan)
    return pa.table(
        {
            "pair_id": fitted.pair_ids[pair],
            "estimator": _constant(fitted.estimator, len(pair)),
            "side": _constant(side, len(pair)),
            "segment": segment.astype(np.int32),
            **{one.name: _array(getattr(effects, one.name))[pair, segment] for one in fields(effects)},
            "intact_p_value": p_values.astype(np.float32),
            "intact_half_width": half_widths(error, degrees).astype(np.float32),
        }
    )


def _present(fits: PairFits) -> np.ndarray:
    """True for the cells of W that are no padding."""
    left, right = _valid(fits.n_left, fits.weights.shape[1]), _valid(fits.n_right, fits.weights.shape[2])
    return left[:, :, None] & right[:, None, :]


def _valid(counts: Tensor, width: int) -> np.ndarray:
    """True for the entries that are no padding."""
    return np.arange(width)[None, :] < _array(counts)[:, None]


def _lists(rows: np.ndarray, lengths: np.ndarray) -> pa.ListArray:
    """The first ``lengths[i]`` entries of each row."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    values = rows[np.arange(rows.shape[1])[None, :] < lengths[:, None]].astype(np.float32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))


def _constant(value: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), length)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
