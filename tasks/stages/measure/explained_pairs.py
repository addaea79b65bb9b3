"""Explanations of pairs as measurements read them: each estimator's surrogate, and what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.effects.registry import gives_posterior
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measured_pair import FitShares, MeasuredPair
from ilime_core.faithfulness.region_truth import RegionTruth
from ilime_core.modality import Modality
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.pairs import MatchedPair, matched_pairs
from tasks.spec.core_options import fit_options
from tasks.stages.fit.commits import fit_commits
from tasks.stages.measure.global_parts import GlobalParts
from tasks.tables.arrays import grouped
from tasks.tables.row_filters import among

__all__ = ["read_explained"]

_SEGMENTS = ("side", "segment", "left_segment", "right_segment")


def read_explained(
    run: OpenRun,
    pair_ids: Sequence[str],
    estimators: Sequence[str],
    truths: Mapping[str, RegionTruth],
    *,
    with_global: bool,
) -> list[MeasuredPair]:
    """Explanations of pairs, by id and then in the order of ``estimators``; pairs of failed items have none.

    Parameters
    ----------
    run
        Opened plan of the run.
    pair_ids
        Pairs of the run.
    estimators
        Names of estimators.
    truths
        Regions that show what words name, by pair.
    with_global
        True if the benchmark's factors are read, too.

    Returns
    -------
    list of MeasuredPair
        One for each pair and estimator with a fit.
    """
    pairs = sorted(matched_pairs(run, pair_ids), key=lambda pair: pair.pair_id)
    commits = fit_commits(run, pairs)
    wanted = among("pair_id", pair_ids) & among("estimator", estimators)
    tables = {
        name: grouped(
            read_rows(run.storage, commits, name, filter=wanted), ["pair_id", "estimator"], _SEGMENTS
        )
        for name in ("fits", "interactions", "main_effects")
    }
    areas = _areas(run, pairs)
    parts = GlobalParts(run, sorted(areas), estimators) if with_global else None
    options = fit_options(run.plan.parameters)
    found: list[MeasuredPair] = []
    for pair in pairs:
        for estimator in estimators:
            own = {name: table.get((pair.pair_id, estimator)) for name, table in tables.items()}
            explanation = _explanation(pair, own, areas)
            if explanation is None or own["fits"] is None:
                continue
            found.append(
                MeasuredPair(
                    pair.pair_id,
                    estimator,
                    explanation,
                    _shares(own["fits"], posterior=gives_posterior(estimator, options)),
                    None if parts is None else parts.of(estimator, pair.left_id, pair.right_id),
                    truths.get(pair.pair_id),
                )
            )
    return found


def _explanation(
    pair: MatchedPair, own: Mapping[str, pa.Table | None], areas: Mapping[str, np.ndarray]
) -> PairExplanation | None:
    effects, cells = own["main_effects"], own["interactions"]
    if effects is None:
        return None
    left, right = (effects.filter(pc.field("side") == side) for side in ("left", "right"))
    shape = (left.num_rows, right.num_rows)
    if 0 in shape:
        return None
    return PairExplanation(
        left_id=pair.left_id,
        right_id=pair.right_id,
        # An estimator of the first order has no W.
        interactions=np.zeros(shape) if cells is None else _real(cells["weight"]).reshape(shape),
        left_raw=_known(left, "raw_effect", "effect"),
        right_raw=_known(right, "raw_effect", "effect"),
        left_main=_known(left, "effect", "raw_effect"),
        right_main=_known(right, "effect", "raw_effect"),
        left_areas=areas[pair.left_id],
        right_areas=areas[pair.right_id],
    )


def _areas(run: OpenRun, pairs: Sequence[MatchedPair]) -> dict[str, np.ndarray]:
    """Share of its item that each perturbed segment takes: regions by their pixels, words alike."""
    modality = {pair.item_id(side): pair.modality(side) for pair in pairs for side in ("left", "right")}
    commits = run.commits("segment", item_blocks_of(run, sorted(modality)))
    mine = among("item_id", modality)
    columns = ["item_id", "segment", "share", "truncated"]
    rows = read_rows(run.storage, commits, "segments", columns, mine)
    rows = rows.sort_by([("item_id", "ascending"), ("segment", "ascending")])
    shares: dict[str, list[float]] = {}
    for row in rows.to_pylist():
        if not row["truncated"]:
            image = modality[row["item_id"]] == Modality.IMAGE.value
            shares.setdefault(row["item_id"], []).append(row["share"] if image else 1.0)
    return {name: np.asarray(own) / sum(own) for name, own in shares.items()}


def _shares(fits: pa.Table, *, posterior: bool) -> FitShares:
    [row] = fits.select([field.name for field in fields(FitShares)]).to_pylist()
    # Errors of posterior means add nothing to the energy of W.
    known = posterior and row["sum_squared_error"] is not None
    return FitShares(**row | ({"sum_squared_error": 0.0} if known else {}))


def _known(effects: pa.Table, column: str, otherwise: str) -> np.ndarray:
    """A column of effects, or another where the estimator has none of it."""
    return _real(effects[column if effects[column].null_count == 0 else otherwise])


def _real(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_numpy().astype(np.float64)
