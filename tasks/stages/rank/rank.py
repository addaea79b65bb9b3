"""Stage rank: a measurement as a leaderboard, and method against method, from rows that were committed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa
from jaxtyping import Float, Int64

from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes
from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.registry import reported
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.pairs import matched_pairs
from tasks.stages.block_report import BlockReport
from tasks.stages.mean_columns import mean_columns
from tasks.stages.measure.baselines import baseline_name
from tasks.stages.measure.plan import MeasurePlan, measure_plan
from tasks.stages.method_cost import MethodCost, method_costs
from tasks.stages.rank.measured_slices import NO_SLICES, MeasuredSlices, measured_slices
from tasks.stages.rank.method_differences import difference_rows
from tasks.stages.rank.ranked_values import (
    ALL,
    MetricKind,
    MetricValues,
    RankedPair,
    metric_values,
    relations_of,
)
from tasks.stages.run_block import BlockResult, run_block
from tasks.tables import TABLES

__all__ = ["rank_block", "rank_rows"]

NONE = "none"

Row = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Mean of one metric of one method, or of what a control is below it, over the pairs of one relation."""

    group: MetricValues
    relation: str
    slice: str
    scale: str
    control: str
    versus: str
    mean: ClusteredMean
    n_asked: int
    null: float | None
    """Constant that the mean is tested against; None where it is not tested."""

    @property
    def p_value(self) -> float | None:
        return None if self.null is None else self.mean.p_value(self.null)


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
    found = rank_rows(values, pairs, measured_slices(run, pairs))
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


def rank_rows(
    values: Iterable[MetricValues],
    pairs: Mapping[str, RankedPair],
    slices: MeasuredSlices = NO_SLICES,
) -> list[Row]:
    """Rows of a leaderboard, without cost and without the measurement's id.

    Parameters
    ----------
    values
        All metrics of all methods.
    pairs
        Measured pairs by id.
    slices
        Slices of these pairs.

    Returns
    -------
    list of Row
        P-values are corrected for how many comparisons with controls the measurement makes, over all of them;
        those of slices apart, so that tags move no other number.
    """
    found = [one for group in values for one in _ranked(group, pairs, slices)]
    whole = [one for one in found if one.slice == ALL]
    sliced = [one for one in found if one.slice != ALL]
    return [*_corrected(whole), *_corrected(sliced)]


def _corrected(found: Sequence[_Ranked]) -> Iterator[Row]:
    adjusted = benjamini_hochberg(np.array([one.p_value for one in found], dtype=np.float64))
    for one, p_adjusted in zip(found, adjusted.tolist(), strict=True):
        yield _row(one, None if one.p_value is None else p_adjusted)


def _ranked(
    group: MetricValues, pairs: Mapping[str, RankedPair], slices: MeasuredSlices
) -> Iterator[_Ranked]:
    mine = [pairs[pair_id] for pair_id in group.pairs]
    lefts, rights = _codes([pair.left_id for pair in mine]), _codes([pair.right_id for pair in mine])
    known = reported(group.kind.metric)
    groups = [
        (relation, name, chosen & here)
        for relation, chosen in relations_of(mine)
        for name, here in slices.of(group.pairs)
        if name == ALL or (chosen & here).sum() >= slices.limits.pairs
    ]
    for relation, name, chosen in groups:
        for scale, control, versus, values in _compared(group):
            bounds = known.range_of(group.kind.mode, scale)
            if versus == NONE:
                null = known.null if control == Control.EXPLANATION else None
            else:
                bounds, null = bounds.of_difference, 0.0 if known.is_tested else None
            mean = mean_by_codes(values[chosen], lefts[chosen], rights[chosen], bounds=bounds)
            if name == ALL or slices.limits.admit(mean):
                yield _Ranked(group, relation, name, scale, control, versus, mean, int(chosen.sum()), null)


def _codes(names: Sequence[str]) -> Int64[np.ndarray, " pairs"]:
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def _compared(group: MetricValues) -> Iterator[tuple[str, str, str, Float[np.ndarray, " pairs"]]]:
    """Every control by itself, and the explanation against each of the others, pair by pair."""
    for (scale, control), values in group.values.items():
        if scale == "normalised" and np.isnan(values).all():
            continue
        yield scale, control, NONE, values
        ours = group.values.get((scale, Control.EXPLANATION))
        if ours is not None and control != Control.EXPLANATION:
            yield scale, Control.EXPLANATION, control, ours - values


@cache
def _columns(kind: MetricKind) -> dict[str, object]:
    return asdict(kind)


def _row(found: _Ranked, p_adjusted: float | None) -> Row:
    return {
        **_columns(found.group.kind),
        "direction": found.group.direction,
        "relation": found.relation,
        "slice": found.slice,
        "scale": found.scale,
        "control": found.control,
        "versus": found.versus,
        **mean_columns(found.mean, found.n_asked),
        "null_value": found.null,
        "p_value": found.p_value,
        "p_adjusted": p_adjusted,
    }


def _cost_row(cost: MethodCost, baseline: str) -> Row:
    return {
        **asdict(MetricKind(cost.estimator, "cost", cost.mode, "both", baseline, NONE)),
        "relation": ALL,
        "slice": ALL,
        "scale": "raw",
        "control": Control.EXPLANATION,
        "versus": NONE,
        "mean": float(np.mean(cost.counts)),
        "median": float(np.median(cost.counts)),
        "n": len(cost.counts),
        "n_unknown": 0,
        "direction": "lower",
    }
