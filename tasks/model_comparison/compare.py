"""Comparison of two runs of different models, checkpoints or settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan

import numpy as np
import pyarrow as pa

from ilime_core.errors import InputError
from tasks.model_comparison.common_cells import common_cells
from tasks.model_comparison.common_effects import common_effects
from tasks.model_comparison.common_pairs import DIRECTIONS, CommonPairs, common_pairs
from tasks.model_comparison.common_segments import common_segments
from tasks.model_comparison.comparison_rows import (
    Row,
    agreement_rows,
    change_rows,
    common_pair_rows,
    named_rows,
    query_rows,
    recall_rows,
)
from tasks.model_comparison.queries import CommonQueries, common_queries
from tasks.runs.run import Run
from tasks.tables.comparisons import COMPARISONS

__all__ = ["ModelComparison", "compare_runs"]

_DESIGN = ("design", "p", "max_image_masks", "max_text_masks")


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """Two runs beside each other.

    Attributes
    ----------
    a, b
        The runs.
    estimator
        Whose explanations are compared.
    rows
        Rows of table ``comparisons``.
    notes
        One line each on what limits the comparison.
    """

    a: Run
    b: Run
    estimator: str
    rows: pa.Table
    notes: tuple[str, ...]


def compare_runs(a: Run, b: Run, estimator: str = "") -> ModelComparison:
    """Compare the explanations and the retrieval of two runs on the items that both have.

    Parameters
    ----------
    a, b
        Finished runs; B is compared with A.
    estimator
        Whose explanations are compared; empty: the first one of A.

    Returns
    -------
    ModelComparison
        Its rows, and what limits them.

    Raises
    ------
    InputError
        If a run is not finished, lacks the estimator, or the runs have no pair in common.
    """
    for run in (a, b):
        if not run.finished:
            raise InputError(f"run {run.run_id} of {run.root} is not finished: `ilime explain` resumes it")
    estimator = estimator or str(a.table("runs", ["estimator"])["estimator"][0].as_py())
    pairs = common_pairs(a, b, estimator)
    segments = common_segments(pairs)
    cells = common_cells(pairs, segments)
    changed = np.zeros(len(pairs.pair_ids), dtype=bool)
    for first, second in pairs.ranks.values():
        changed |= np.abs(second - first) > 0  # NaN, an unknown rank, has not changed
    effects = common_effects(pairs, segments, changed)
    queries = common_queries(a, b, estimator)
    shared = _share_masks(a, b)

    def rows() -> Iterator[Row]:
        yield from agreement_rows(pairs, segments, cells, shared_masks=shared)
        yield from recall_rows(queries)
        yield from named_rows(effects.named, segments)
        yield from common_pair_rows(pairs, cells)
        yield from change_rows(pairs, segments, effects.changes)
        yield from query_rows(queries, pairs.scales)

    known = [_known(row) | {"estimator": estimator} for row in rows()]
    table = pa.Table.from_pylist(known, schema=COMPARISONS.schema)
    return ModelComparison(a, b, estimator, table, tuple(_notes(pairs, queries, shared_masks=shared)))


def _known(row: Row) -> Row:
    """NaN is NULL."""
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in row.items()}


def _share_masks(a: Run, b: Run) -> bool:
    """Whether masks of equal items are the same in both: they derive from seed and content.

    Adaptive budgets follow what a model does with an item, so that two models need not have the same.
    """
    first, second = (_parameters(run) for run in (a, b))
    designs = [_section(own, "perturbation") for own in (first, second)]
    if any(_section(own, "adaptive").get("standard_error") is not None for own in designs):
        return False
    same_design = all(designs[0].get(name) == designs[1].get(name) for name in _DESIGN)
    return same_design and first.get("seed") == second.get("seed")


def _parameters(run: Run) -> Mapping[str, object]:
    return _section(run.plan, "parameters")


def _section(tree: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def _notes(pairs: CommonPairs, queries: Mapping[str, CommonQueries], *, shared_masks: bool) -> Iterator[str]:
    first, second = (set(run.table("items", ["item_id"])["item_id"].to_pylist()) for run in pairs.runs)
    if first != second:
        yield (
            f"the corpora differ: {len(first - second):,} items are in A only, {len(second - first):,} in B "
            f"only, {len(first & second):,} in both; recalls are among these, ranks of pairs among all"
        )
    for direction in DIRECTIONS:
        own = queries[direction]
        if len(own.query_ids) < max(own.n_queries):
            first_n, second_n = own.n_queries
            yield f"{direction}: {len(own.query_ids):,} queries in common, of {first_n:,} and {second_n:,}"
    if shared_masks:
        yield (
            "both runs have drawn the same masks, so their errors may go together: the correlation without "
            "errors lies between the two values"
        )
    for run, scale in zip(pairs.runs, pairs.joint_effects, strict=True):
        if not scale.any():
            yield f"run {run.run_id} has no joint effect at all: nothing is scaled"
