"""Interactions within an item, and of three segments, as rows: from the embeddings of the fitted masks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import torch

from ilime_core.interactions.second_order import (
    SecondOrder,
    SegmentPairs,
    second_order,
    segment_pairs,
    strongest_cells,
)
from ilime_core.records import Effects
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.spec import ExplainParameters
from tasks.stages.fit.inputs import SCORED_PARTS, read_fit_inputs
from tasks.storage.storage import Storage
from tasks.tables import TABLES
from tasks.tables.arrays import item_runs
from tasks.tables.row_filters import among
from tasks.tables.tensors import masks_of, vectors

__all__ = ["SECOND_ORDER_OF", "fit_second_order"]

SECOND_ORDER_OF = "banzhaf"
"""Estimator whose rows and effects they are read from."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """Effects and fitted rows of the items of a block of pairs, by item id, left and right."""

    effects: tuple[Mapping[str, Effects], Mapping[str, Effects]]
    pairs: tuple[Mapping[str, SegmentPairs], Mapping[str, SegmentPairs]]


def _read_segment_pairs(
    storage: Storage, commits: Sequence[Commit], effects: Mapping[str, Effects], p: float
) -> dict[str, SegmentPairs]:
    """Contrasts of items from their fitted masks and embeddings."""
    wanted = (pc.field("set") == "fit") & among("item_id", effects)
    columns = ["item_id", "row", "mask", "embedding"]
    rows = read_rows(storage, commits, "embeddings", columns, wanted, cache=SCORED_PARTS)
    rows, first, counts = item_runs(rows, "row")
    names = rows["item_id"].to_numpy(zero_copy_only=False)[first]
    found: dict[str, SegmentPairs] = {}
    for name, start, count in zip(map(str, names), first.tolist(), counts.tolist(), strict=True):
        own = rows.slice(start, min(count, effects[name].n_masks))  # Banzhaf rows come first
        masks = masks_of(own["mask"], len(effects[name].effects))
        found[name] = segment_pairs(masks, vectors(own["embedding"]).double(), effects[name], p=p)
    return found


def fit_second_order(
    run: OpenRun, pairs: pa.Table, commits: Sequence[Sequence[Commit]]
) -> dict[str, pa.Table]:
    """Rows of ``within_interactions`` and ``three_way_interactions`` of some pairs.

    Parameters
    ----------
    run
        Its spec says how many cells are kept.
    pairs
        With the ids of both items.
    commits
        Records of score that hold the left and the right items.

    Returns
    -------
    dict of str to pyarrow.Table
        Tables by name; pairs with a failed item have no rows.

    Raises
    ------
    StorageError
        If a part is missing or damaged.
    """
    parameters = run.plan.parameters
    effects: list[dict[str, Effects]] = []
    for records, side in zip(commits, ("left_id", "right_id"), strict=True):
        ids = sorted(set(pairs[side].to_pylist()))
        given = read_fit_inputs(run.storage, records, ids)
        ids = given.explained(SECOND_ORDER_OF, ids)
        effects.append(dict(zip(ids, given.effects_of(SECOND_ORDER_OF, ids), strict=True)))
    p = parameters.perturbation.p
    contrasts = [
        _read_segment_pairs(run.storage, records, known, p)
        for records, known in zip(commits, effects, strict=True)
    ]
    sides = _Sides((effects[0], effects[1]), (contrasts[0], contrasts[1]))
    return _tables(sides, pairs, parameters)


def _tables(sides: _Sides, pairs: pa.Table, parameters: ExplainParameters) -> dict[str, pa.Table]:
    estimation = parameters.estimation
    within: list[dict[str, object]] = []
    three_way: list[dict[str, object]] = []
    for row in pairs.select(["pair_id", "left_id", "right_id"]).to_pylist():
        ids = row["left_id"], row["right_id"]
        if any(name not in found for name, found in zip(ids, sides.effects, strict=True)):
            continue  # an item of the pair has failed
        for place, side in enumerate(("left", "right")):
            other = sides.effects[1 - place][ids[1 - place]]
            targets = torch.cat([other.mean[None], other.full[None], other.effects])
            found = second_order(sides.pairs[place][ids[place]], targets)
            key = {"pair_id": row["pair_id"], "estimator": SECOND_ORDER_OF, "side": side}
            n_segments = len(sides.effects[place][ids[place]].effects)
            first, second = (part.tolist() for part in torch.triu_indices(n_segments, n_segments, 1))
            within += _within(key, found, (first, second), estimation.within_cells)
            three_way += _three_way(key, found, (first, second), estimation.three_way_cells)
    return {
        name: pa.Table.from_pylist(rows, schema=TABLES[name].schema)
        for name, rows in (("within_interactions", within), ("three_way_interactions", three_way))
    }


def _within(
    key: Mapping[str, object], found: SecondOrder, segments: tuple[list[int], list[int]], n_cells: int
) -> list[dict[str, object]]:
    weights, errors = found.weights, found.standard_errors
    return [
        {
            **key,
            "segment": segments[0][cell],
            "other_segment": segments[1][cell],
            "weight": float(weights[cell, 0]),
            "standard_error": float(errors[cell, 0]),
            "intact_weight": float(weights[cell, 1]),
            "intact_standard_error": float(errors[cell, 1]),
            "degrees": found.degrees,
        }
        for cell in sorted(map(int, strongest_cells(weights[:, 0], n_cells)))
    ]


def _three_way(
    key: Mapping[str, object], found: SecondOrder, segments: tuple[list[int], list[int]], n_cells: int
) -> list[dict[str, object]]:
    weights, errors = found.weights[:, 2:], found.standard_errors[:, 2:]
    cells = [divmod(cell, weights.shape[1]) for cell in map(int, strongest_cells(weights.flatten(), n_cells))]
    return [
        {
            **key,
            "segment": segments[0][pair],
            "other_segment": segments[1][pair],
            "opposite_segment": opposite,
            "weight": float(weights[pair, opposite]),
            "standard_error": float(errors[pair, opposite]),
            "degrees": found.degrees,
        }
        for pair, opposite in sorted(cells)
    ]
