"""Rows of ranks without a segment: one for each segment of each query."""

from collections.abc import Iterable
from functools import lru_cache

import pyarrow as pa

from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.pairs import matched_pairs
from tasks.stages.match.tables import DIRECTIONS
from tasks.stages.measure.baselines import baseline_name
from tasks.stages.select.inputs import Asked
from tasks.stages.select.plan import SelectPlan, select_plan
from tasks.stages.select.tables import Found
from tasks.tables import TABLES

__all__ = ["asks_first", "rank_effect_table"]


def asks_first(run: OpenRun, plan: SelectPlan, asked: Asked) -> bool:
    """True if a pair is the first of its query in a selection: ranks belong to queries, not to pairs.

    Parameters
    ----------
    run
        Opened plan of the run.
    plan
        Plan of the selection.
    asked
        One side of a pair.

    Returns
    -------
    bool
        The same in every process.
    """
    return _first_pairs(run.root, run.run_id, plan.selection_id)[asked.side, asked.item_id] == asked.pair_id


@lru_cache(maxsize=8)
def _first_pairs(root: str, run_id: str, selection_id: str) -> dict[tuple[str, str], str]:
    run = open_run_plan(root, run_id)
    ids = [name for block in select_plan(run, selection_id).blocks for name in block.pair_ids]
    pairs = {pair.pair_id: pair for pair in matched_pairs(run, ids)}
    return {(side, pairs[name].item_id(side)): name for name in reversed(ids) for side in ("left", "right")}


def rank_effect_table(run: OpenRun, plan: SelectPlan, found: Iterable[Found]) -> pa.Table:
    """Rows of ``rank_effects``.

    Parameters
    ----------
    run
        Opened plan of the run.
    plan
        Plan of the selection.
    found
        Finished searches.

    Returns
    -------
    pa.Table
        Empty where ranks are not asked for.
    """
    rows = [
        {
            "query_id": one.asked.item_id,
            "direction": DIRECTIONS[one.asked.side == "right"],
            "segment": segment,
            "correct_id": one.pool_ids[after.match],
            "score_correct_before": one.selection.ranks[0].score,
            "score_correct": after.score,
            "best_wrong_id": None if after.wrong is None else one.pool_ids[after.wrong],
            "score_best_wrong": after.wrong_score,
            "rank_before": one.selection.ranks[0].rank,
            "rank_after": after.rank,
            "is_hit_before": one.selection.ranks[0].rank == 1,
            "is_hit_after": after.rank == 1,
            "n_pool": one.n_pool,
            "baseline": baseline_name(run.plan.parameters.perturbation),
            "selection_id": plan.selection_id,
        }
        for one in found
        for segment, after in enumerate(one.selection.ranks[1:])
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["rank_effects"].schema)
