"""Stage rank: a measurement as a leaderboard, and method against method, from rows that were committed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.registry import reported
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.pairs import matched_pairs
from tasks.stages.block_report import BlockReport
from tasks.stages.measure.baselines import baseline_name
from tasks.stages.measure.plan import MeasurePlan, measure_plan
from tasks.stages.method_cost import MethodCost, method_costs
from tasks.stages.rank.method_differences import difference_rows
from tasks.stages.rank.ranked_values import ALL, KINDS, MetricValues, RankedPair, mean_columns, metric_values
from tasks.stages.run_block import BlockResult, run_block
from tasks.tables import TABLES

__all__ = ["rank_block", "rank_rows"]

NONE = "none"

Kind = tuple[str, ...]
Row = dict[str, object]
Values = tuple[Float[np.ndarray, " pairs"], Sequence[str], Sequence[str]]
"""A value of every pair with its left and its right item."""


def rank_block(measure_id: str, root: str, run_id: str, block: int) -> BlockReport:
    """Run the one block of a measurement's leaderboard.

    Parameters
    ----------
    measure_id
        Id of the measurement.
    root
        Folder or URL of the storage.
    run_id
        Id of the run.
    block
        Number of the block within its stage.

    Returns
    -------
    BlockReport
        Rows and counts of the committed block.
    """
    run = open_run_plan(root, run_id)
    plan = measure_plan(run, measure_id)
    return run_block(run, plan.rank_stage, block, partial(_rank, run, plan))


def _rank(run: OpenRun, plan: MeasurePlan) -> BlockResult:
    commits = run.commits(plan.stage, [one.block for one in plan.blocks])
    table = read_rows(run.storage, commits, "faithfulness")
    pairs = {
        pair.pair_id: RankedPair(pair.left_id, pair.right_id, pair.relation)
        for pair in matched_pairs(run, table["pair_id"].unique().to_pylist())
    }
    values = list(metric_values(table))
    found = rank_rows(values, pairs)
    ends = sorted({(pair.left_id, pair.right_id) for pair in pairs.values()})
    baseline = baseline_name(run.plan.parameters.perturbation)
    found += [_cost_row(cost, baseline) for cost in method_costs(run, plan.estimators, ends)]
    tables = {"leaderboard": found, "method_differences": difference_rows(values, pairs, plan.estimators)}
    common = {"measure_id": plan.measure_id}
    return BlockResult(
        {
            name: pa.Table.from_pylist([common | row for row in rows], schema=TABLES[name].schema)
            for name, rows in tables.items()
        },
        inputs=tuple(commit.digest for commit in commits),
    )


def rank_rows(values: Iterable[MetricValues], pairs: Mapping[str, RankedPair]) -> list[Row]:
    """Rows of a leaderboard, without cost and without the measurement's id.

    Parameters
    ----------
    values
        All metrics of all methods.
    pairs
        Measured pairs by id.

    Returns
    -------
    list of Row
        P-values are corrected over all of them.
    """
    rows = [row for group in values for row in _ranked(group, pairs)]
    _correct(rows)
    return rows


def _ranked(group: MetricValues, pairs: Mapping[str, RankedPair]) -> Iterator[Row]:
    mine = [pairs[pair_id] for pair_id in group.pairs]
    relations = sorted({pair.relation for pair in mine})
    for relation in [ALL, *relations] if len(relations) > 1 else [ALL]:
        chosen = np.array([relation in {ALL, pair.relation} for pair in mine])
        lefts = [pair.left_id for pair, here in zip(mine, chosen, strict=True) if here]
        rights = [pair.right_id for pair, here in zip(mine, chosen, strict=True) if here]
        for scale, control, versus, values in _compared(group):
            yield {
                **dict(zip(KINDS, group.kind, strict=True)),
                "relation": relation,
                "scale": scale,
                "control": control,
                "versus": versus,
                **_interval(group.kind, (scale, control, versus), (values[chosen], lefts, rights)),
                "direction": group.direction,
            }


def _compared(group: MetricValues) -> Iterator[tuple[str, str, str, Float[np.ndarray, " pairs"]]]:
    """Every control by itself, and the explanation against each of the others, pair by pair."""
    for (scale, control), values in group.values.items():
        if scale == "normalised" and np.isnan(values).all():
            continue
        yield scale, control, NONE, values
        ours = group.values.get((scale, Control.EXPLANATION))
        if ours is not None and control != Control.EXPLANATION:
            yield scale, Control.EXPLANATION, control, ours - values


def _interval(kind: Kind, what: tuple[str, str, str], asked: Values) -> Row:
    """Mean with its interval, and the test of it against what it is held against."""
    values, lefts, rights = asked
    scale, control, versus = what
    known = reported(kind[KINDS.index("metric")])
    bounds = known.range_of(kind[KINDS.index("mode")], scale)
    constant = known.null if control == Control.EXPLANATION else None
    null = constant if versus == NONE else 0.0 if known.is_tested else None
    mean = clustered_mean(values, lefts, rights, bounds=bounds if versus == NONE else bounds.of_difference)
    return {
        **mean_columns(mean, len(values)),
        "null_value": null,
        "p_value": None if null is None else mean.p_value(null),
    }


def _correct(rows: Sequence[Row]) -> None:
    """Add p-values that know how many comparisons with controls the measurement makes, over all of them."""
    tested = [row for row in rows if row["p_value"] is not None]
    adjusted = benjamini_hochberg(np.array([row["p_value"] for row in tested], dtype=np.float64))
    for row, value in zip(tested, adjusted.tolist(), strict=True):
        row["p_adjusted"] = value


def _cost_row(cost: MethodCost, baseline: str) -> Row:
    counts: Sequence[int] = cost.counts
    return {
        "estimator": cost.estimator,
        "relation": ALL,
        "metric": "cost",
        "mode": cost.mode,
        "side": "both",
        "baseline": baseline,
        "axis": NONE,
        "scale": "raw",
        "control": Control.EXPLANATION,
        "versus": NONE,
        "mean": float(np.mean(counts)),
        "median": float(np.median(counts)),
        "low": None,
        "high": None,
        "n": len(counts),
        "n_unknown": 0,
        "direction": "lower",
    }
