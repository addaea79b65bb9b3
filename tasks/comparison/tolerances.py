"""Tolerances of `ilime diff`: one number for each kind of quantity."""

from dataclasses import dataclass

import pyarrow as pa

from tasks.tables import TABLES

__all__ = [
    "CLEAR_GAP",
    "MARGIN",
    "PROJECTOR",
    "SMOOTH_METRICS",
    "STRENGTH",
    "TIE",
    "Tolerance",
    "tolerance_of",
]

TIE = 1e-5
"""Scores closer than this may come in either order, so ranks and selected pairs may differ."""

CLEAR_GAP = 1e-3
"""Share of the first strength: components with smaller gaps may be mixed; their vectors are not compared."""

STRENGTH = 1e-3
"""Share of the first strength: bound of its move where a hundred cells of W move by 1e-4."""

PROJECTOR = 1e-3
"""Of the first strength, over the gap: how far a singular direction may turn (Wedin's theorem)."""

MARGIN = 2e-5
"""Margins and their remainders; where the two are no farther apart, either may exceed the other."""

_PAIR = ("pair_id", "estimator")
_MARGIN = ("query_id", "direction", "reason", "number", "estimator")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Largest difference allowed: ``absolute + relative * scale``."""

    absolute: float = 0.0
    relative: float = 0.0
    group: tuple[str, ...] = ()
    """The scale is the largest magnitude over rows of equal group; without a group that of the two values."""


_OF_W = Tolerance(relative=1e-4, group=_PAIR)
_OF_PAIR = Tolerance(relative=1e-3, group=_PAIR)
_GEOMETRY = Tolerance(absolute=1e-6)
_EMBEDDING = Tolerance(absolute=1e-5)
_SCORE = Tolerance(absolute=1e-5)
_DERIVED = Tolerance(absolute=1e-3, relative=1e-3)
_INTERVAL = Tolerance(absolute=1e-2, relative=1e-2)
_TEST = Tolerance(absolute=2e-2, relative=2e-2)

SMOOTH_METRICS = {
    "map_at_r": 1e-3,
    "auroc": 1e-3,
    "threshold": 1e-2,
    "balanced_accuracy": 1e-3,
    "modality_gap": 1e-5,
    "modality_gap_share": 1e-5,
    "hubness": 1e-2,
    "random_score_mean": 1e-5,
    "random_score_p95": 1e-5,
}
"""Largest differences of metrics of retrieval that count no queries; all others hang on tied ranks."""

_OF_MEANS = ("aggregates", "word_class_means", "leaderboard", "method_differences", "slice_differences")
"""Tables of means with intervals; the first two test nothing."""

_BY_TABLE = {
    "segments": _GEOMETRY,
    "views": _GEOMETRY,
    "rankings": _SCORE,
    "pairs": _SCORE,
    "contrasts": Tolerance(absolute=MARGIN),
    "contrast_accuracy": _DERIVED,
    "rank_effects": _SCORE,
    "retrieval_metrics": Tolerance(),
    "interactions": _OF_PAIR,
    "main_effects": _OF_PAIR,
    "margins": Tolerance(absolute=MARGIN),
    "margin_effects": Tolerance(relative=1e-3, group=_MARGIN),
    "factors": Tolerance(relative=STRENGTH, group=_PAIR),
    "global_factors": Tolerance(relative=STRENGTH, group=("estimator",)),
    "global_loadings": Tolerance(relative=1e-3, group=("estimator", "component")),
    "fits": _DERIVED,
    "faithfulness": _DERIVED,
    "aggregates": _DERIVED,
    "word_class_means": _DERIVED,
    "label_word_mass": _DERIVED,
    "slice_differences": _DERIVED,
    "curves": _DERIVED,
    "leaderboard": _DERIVED,
    "method_differences": _DERIVED,
    "selections": _DERIVED,
    "selection_curves": _DERIVED,
    "tile_segments": Tolerance(relative=1e-3, group=("tile", "side")),
    "tile_cells": Tolerance(relative=1e-3),
    "segment_totals": Tolerance(relative=1e-3, group=("side",)),
    "pair_summaries": _DERIVED,
    "top_cells": Tolerance(relative=1e-3),
    "joint_rankings": _DERIVED,
}

_BY_COLUMN = {
    ("interactions", "weight"): _OF_W,
    ("pair_summaries", "score"): _SCORE,
    ("pair_histograms", "low"): _GEOMETRY,
    ("pair_histograms", "high"): _GEOMETRY,
    ("retrieval_metrics", "standard_error"): _INTERVAL,
    ("fits", "f_full"): _SCORE,
    ("fits", "f_left_empty"): _SCORE,
    ("fits", "f_right_empty"): _SCORE,
    ("fits", "f_empty"): _SCORE,
    ("fits", "intercept"): Tolerance(absolute=1e-4),
    ("fits", "completeness_residual"): Tolerance(absolute=1e-4),
    ("fits", "max_z"): Tolerance(relative=1e-2),
    ("fits", "p_none"): _TEST,
    ("fits", "share_certain"): _TEST,
    ("interactions", "p_value"): _TEST,
    ("interactions", "p_adjusted"): _TEST,
    ("main_effects", "intact_p_value"): _TEST,
    ("main_effects", "intact_half_width"): Tolerance(relative=1e-2, group=_PAIR),
    ("fits", "sum_squared_error"): Tolerance(relative=1e-2),
    ("curves", "x"): _GEOMETRY,
    ("curves", "area"): _GEOMETRY,
    ("selection_curves", "x"): _GEOMETRY,
    ("selections", "weights"): Tolerance(),
    **{(table, column): _INTERVAL for table in _OF_MEANS for column in ("low", "high")},
    **{(table, "degrees"): _TEST for table in _OF_MEANS},
    **{(table, column): _TEST for table in _OF_MEANS[2:] for column in ("p_value", "p_adjusted")},
    ("method_differences", "smallest_difference"): _INTERVAL,
}

_OTHER_REALS = Tolerance(absolute=1e-6, relative=1e-3)


def tolerance_of(table: str, column: str) -> Tolerance | None:
    """Tolerance of a column.

    Parameters
    ----------
    table, column
        Names.

    Returns
    -------
    Tolerance or None
        None where values have to be equal: all but reals.
    """
    kind = TABLES[table].schema.field(column).type
    if not pa.types.is_floating(kind.value_type if pa.types.is_list(kind) else kind):
        return None
    if (table, column) in _BY_COLUMN:
        return _BY_COLUMN[table, column]
    if pa.types.is_list(kind) and table not in _BY_TABLE:
        return _EMBEDDING
    return _BY_TABLE.get(table, _OTHER_REALS)
