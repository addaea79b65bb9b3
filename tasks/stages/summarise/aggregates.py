"""Means of the quantities of fits over pairs, by relation and slice, and how slices differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.corrections import question_by_question
from ilime_core.aggregates.group_differences import GroupDifference
from ilime_core.aggregates.slices import ALL, SliceLimits, TagSlices, named_slices, slice_differences
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.spec.estimator_kinds import pair_estimators
from tasks.stages.fit.commits import fit_commits
from tasks.stages.mean_columns import mean_columns
from tasks.stages.summarise.fitted_blocks import Pairs
from tasks.tables import TABLES

__all__ = ["QUANTITIES", "aggregate_tables"]

_R2, _SHARE, _SIZE = Bounds(high=1.0), Bounds(0.0, 1.0), Bounds(low=0.0)
QUANTITIES: Mapping[str, Bounds] = {
    "f_full": UNBOUNDED,
    "f_left_empty": UNBOUNDED,
    "f_right_empty": UNBOUNDED,
    "f_empty": UNBOUNDED,
    "r2_total": _R2,
    "r2_linear": _R2,
    "r2_cross": _R2,
    "r2_cross_ceiling": _R2,
    "r2_cross_held_out": _R2,
    "share_left": _SHARE,
    "share_right": _SHARE,
    "share_cross": _SHARE,
    "completeness_residual": UNBOUNDED,
    "effective_rank": Bounds(low=1.0),
    "max_z": _SIZE,
    "share_certain": _SHARE,
    "split_half_error": _SIZE,
}
"""Columns of ``fits`` that are summarised, with their possible ranges."""

_COSINE = Bounds(-1.0, 1.0)
"""Range of scores where they are cosines; those of a scorer have no known range."""

_SCORES = frozenset({"f_full", "f_left_empty", "f_right_empty", "f_empty"})

Row = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Pairs of one relation that one estimator has explained."""

    estimator: str
    relation: str
    fits: pa.Table
    left: Int64[np.ndarray, " pairs"]
    right: Int64[np.ndarray, " pairs"]
    tags: Sequence[TagSlices]

    def values(self, quantity: str) -> Float[np.ndarray, " pairs"]:
        return self.fits[quantity].to_numpy().astype(np.float64)


def aggregate_tables(run: OpenRun, selected: Pairs, tags: Sequence[TagSlices]) -> dict[str, pa.Table]:
    """Rows of ``aggregates``, ``slice_differences`` and ``slice_counts``.

    Parameters
    ----------
    run
        Run whose fits are committed.
    selected
        Its pairs.
    tags
        Slices of these pairs.

    Returns
    -------
    dict of str to pyarrow.Table
        By the name of the table.
    """
    pairs = selected.table.select(["pair_id", "left_id", "right_id", "relation"])
    limits = run.plan.parameters.summary.limits
    means: list[Row] = []
    differences: list[Row] = []
    questions: list[int] = []
    for group in _groups(run, pairs, tags):
        for quantity in QUANTITIES:
            bounds = _bounds(run, group.estimator, quantity)
            means += _mean_rows(group, quantity, bounds, limits)
            for tag in group.tags:
                found = _difference_rows(group, quantity, bounds, tag, limits)
                question = questions[-1] + 1 if questions else 0
                questions += [question] * len(found)
                differences += found
    return {
        name: pa.Table.from_pylist(rows, schema=TABLES[name].schema)
        for name, rows in (
            ("aggregates", means),
            ("slice_differences", _adjusted(differences, questions)),
            ("slice_counts", list(_count_rows(pairs, tags, limits))),
        )
    }


def _groups(run: OpenRun, pairs: pa.Table, tags: Sequence[TagSlices]) -> Iterator[_Group]:
    places = pairs.append_column("place", pa.array(np.arange(pairs.num_rows)))
    fits = read_rows(run.storage, fit_commits(run), "fits", ["pair_id", "estimator", *QUANTITIES])
    joined = fits.join(places, "pair_id").sort_by([("estimator", "ascending"), ("pair_id", "ascending")])
    relations = [ALL, *sorted(set(joined["relation"].to_pylist()))]
    for estimator in run.plan.parameters.estimators:
        for relation in relations:
            mine = pc.field("estimator") == estimator
            chosen = joined.filter(mine if relation == ALL else mine & (pc.field("relation") == relation))
            here = [tag.of(chosen["place"].to_numpy()) for tag in tags]
            left, right = _codes(chosen["left_id"]), _codes(chosen["right_id"])
            yield _Group(estimator, relation, chosen, left, right, here)


def _codes(names: pa.ChunkedArray) -> Int64[np.ndarray, " pairs"]:
    return np.unique(np.asarray(names.to_pylist(), dtype=object), return_inverse=True)[1].astype(np.int64)


def _bounds(run: OpenRun, estimator: str, quantity: str) -> Bounds:
    is_cosine = quantity in _SCORES and estimator not in pair_estimators(run.plan.parameters)
    return _COSINE if is_cosine else QUANTITIES[quantity]


def _mean_rows(group: _Group, quantity: str, bounds: Bounds, limits: SliceLimits) -> Iterator[Row]:
    values = group.values(quantity)
    for name, here in named_slices(group.tags, len(values)):
        mean = mean_by_codes(values[here], group.left[here], group.right[here], bounds=bounds)
        if name == ALL or limits.admit(mean):
            yield {
                "estimator": group.estimator,
                "relation": group.relation,
                "slice": name,
                "quantity": quantity,
                **mean_columns(mean, int(here.sum())),
            }


def _difference_rows(
    group: _Group, quantity: str, bounds: Bounds, tag: TagSlices, limits: SliceLimits
) -> list[Row]:
    found = slice_differences(
        group.values(quantity), tag, group.left, group.right, limits=limits, bounds=bounds
    )
    return [
        {
            "estimator": group.estimator,
            "relation": group.relation,
            "quantity": quantity,
            "slice": name,
            **_difference_columns(one),
        }
        for name, one in found
    ]


def _difference_columns(found: GroupDifference) -> Row:
    return {
        "mean": found.group.mean,
        "rest_mean": found.rest.mean,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "n": found.group.n,
        "n_rest": found.rest.n,
        "n_items": found.n_clusters,
        "standard_error": found.standard_error,
        "degrees": found.degrees,
        "p_value": found.p_value,
    }


def _adjusted(rows: Sequence[Row], questions: Sequence[int]) -> list[Row]:
    """Rows with p-values that know how many differences were asked for."""
    tested = [number for number, row in enumerate(rows) if row["p_value"] is not None]
    p_values = np.array([rows[number]["p_value"] for number in tested], dtype=np.float64)
    adjusted = question_by_question(p_values, np.array([questions[number] for number in tested], np.int64))
    known = dict(zip(tested, adjusted.tolist(), strict=True))
    return [row | {"p_adjusted": known.get(number)} for number, row in enumerate(rows)]


def _count_rows(pairs: pa.Table, tags: Sequence[TagSlices], limits: SliceLimits) -> Iterator[Row]:
    left, right = _codes(pairs["left_id"]), _codes(pairs["right_id"])
    for tag in tags:
        large = [limits.admit_pairs(left[one.pairs], right[one.pairs]) for one in tag.slices]
        yield {
            "tag": tag.tag,
            "n_pairs": int(tag.tagged.sum()),
            "n_values": tag.n_values,
            "n_slices": sum(large),
            "n_small": len(large) - sum(large),
            "n_rare": tag.n_values - len(large),
        }
