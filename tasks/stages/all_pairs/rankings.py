"""Joint effect beside score: both orders of all candidates, and what the best candidates amount to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Int64
from torch import Tensor

from ilime_core.aggregates.estimate import Estimate
from ilime_core.all_pairs import JointRanks, joint_pool, joint_ranks, measure_pairs, order_agreement
from ilime_core.retrieval.pool import Pool
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.stages.all_pairs.sides import SIDES, SidePlaces, pair_relations, read_ragged
from tasks.stages.all_pairs.typed_table import typed_table
from tasks.stages.match.tables import DIRECTIONS
from tasks.tables.tensors import vectors

__all__ = ["Rankings", "agreement_table", "rank_all", "summary_table"]

KEPT = 10
"""Candidates of every query that are kept of each order."""


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """Both directions, over the items that have effects."""

    ranks: dict[str, JointRanks]
    """By direction."""
    items: dict[str, Int64[np.ndarray, " items"]]
    """Position of each ranked item in its side, by side."""


def rank_all(run: OpenRun, places: dict[str, SidePlaces]) -> Rankings:
    """Rank all candidates of every query by score and by joint effect.

    Parameters
    ----------
    run
        Opened plan of the run.
    places
        Positions of both sides.

    Returns
    -------
    Rankings
        Items without effects are left out of both orders.
    """
    sums, items = {}, {}
    for side in SIDES:
        sums[side], items[side] = _effect_sums(run, side, places[side])
    whole = {side: _embeddings(run, places[side], items[side]) for side in SIDES}
    ids = {side: tuple(places[side].item_ids[one] for one in items[side]) for side in SIDES}
    scores = Pool(whole["left"], whole["right"], ids["left"], ids["right"])
    joint = joint_pool(scores, sums["left"], sums["right"])
    positives = pair_relations(run, places["left"], places["right"]).positives
    ranked = {side: np.full(len(places[side].item_ids), -1, dtype=np.int64) for side in SIDES}
    for side in SIDES:
        ranked[side][items[side]] = np.arange(len(items[side]))
    relevance = np.column_stack([ranked["left"][positives[:, 0]], ranked["right"][positives[:, 1]]])
    relevance = relevance[(relevance >= 0).all(axis=1)]
    backward = relevance[:, ::-1].copy()
    found = (
        joint_ranks(scores, joint, relevance, top_k=KEPT),
        joint_ranks(scores.reversed(), joint.reversed(), backward, top_k=KEPT),
    )
    return Rankings(dict(zip(DIRECTIONS, found, strict=True)), items)


def _effect_sums(run: OpenRun, side: str, places: SidePlaces) -> tuple[Tensor, Int64[np.ndarray, " items"]]:
    """Sum of the effects of each item, one block in memory at a time, and the items that have any."""
    sums: list[Tensor] = []
    positions: list[np.ndarray] = []
    for block in match_plan(run).item_blocks:
        effects = read_ragged(run, [block.block], places) if side in block.sides else None
        if effects is not None:
            sums.append(effects.sums())
            positions.append(effects.positions)
    return torch.cat(sums), np.concatenate(positions)


def _embeddings(run: OpenRun, places: SidePlaces, items: Int64[np.ndarray, " items"]) -> Tensor:
    blocks = [block.block for block in run.plan.embed_blocks]
    rows = read_rows(run.storage, run.commits("embed", blocks), "items", ["item_id", "embedding"])
    positions = places.positions(rows["item_id"])
    row_of = np.full(len(places.item_ids), -1, dtype=np.int64)
    row_of[positions[positions >= 0]] = np.flatnonzero(positions >= 0)
    return vectors(rows["embedding"].take(pa.array(row_of[items])))


def agreement_table(found: Rankings) -> pa.Table:
    """Rows of ``joint_rankings``.

    Parameters
    ----------
    found
        Both orders of both directions.

    Returns
    -------
    pyarrow.Table
        Means over queries with 95 % intervals.
    """
    rows = [
        (direction, quantity, one.value, one.low, one.high, one.n)
        for direction, ranks in found.ranks.items()
        for quantity, one in _quantities(ranks)
    ]
    names = ("direction", "quantity", "value", "low", "high", "n")
    return typed_table("joint_rankings", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _quantities(ranks: JointRanks) -> Iterator[tuple[str, Estimate]]:
    agreement = order_agreement(ranks)
    for name in ("score_recall", "joint_recall", "overlap"):
        for depth, one in getattr(agreement, name).items():
            yield f"{name}_at_{depth}", one
    yield "spearman", agreement.spearman


def summary_table(run: OpenRun, places: dict[str, SidePlaces], found: Rankings) -> pa.Table:
    """Rows of ``pair_summaries``: the best candidates of both orders, each measured once.

    Parameters
    ----------
    run
        Opened plan of the run.
    places
        Positions of both sides.
    found
        Both orders of both directions.

    Returns
    -------
    pyarrow.Table
        W of each pair is formed again; one tile of items is in memory at a time.
    """
    kept = pa.concat_tables([_kept(direction, ranks, found) for direction, ranks in found.ranks.items()])
    left, right = kept["left"].to_numpy(), kept["right"].to_numpy()
    pairs, place = np.unique(np.column_stack([left, right]), axis=0, return_inverse=True)
    measured = _measured(run, places, pairs)
    relations = pair_relations(run, places["left"], places["right"])
    matches = set(map(tuple, relations.positives.tolist()))
    forward = [one == DIRECTIONS[0] for one in kept["direction"].to_pylist()]
    ids = [[places[side].item_ids[one] for one in kept[side].to_numpy()] for side in SIDES]
    ordered = [
        (one, other) if ahead else (other, one) for one, other, ahead in zip(*ids, forward, strict=True)
    ]
    columns: dict[str, object] = {
        "query_id": [query for query, _ in ordered],
        "candidate_id": [candidate for _, candidate in ordered],
        "direction": kept["direction"],
        "is_relevant": [pair in matches for pair in zip(left.tolist(), right.tolist(), strict=True)],
        **{name: kept[name] for name in ("score", "score_rank", "joint_effect", "joint_rank")},
        **{name: values[place] for name, values in measured.items()},
    }
    return typed_table("pair_summaries", columns)


def _kept(direction: str, ranks: JointRanks, found: Rankings) -> pa.Table:
    """Best candidates of both orders, a pair once, by the positions of its items."""
    orders = (ranks.best_by_score, ranks.best_by_joint)
    query = np.concatenate([np.nonzero(one.candidates >= 0)[0] for one in orders])
    rows = {
        name: np.concatenate([getattr(one, attribute)[one.candidates >= 0] for one in orders])
        for name, attribute in _OF_KEPT.items()
    }
    _, first = np.unique(np.column_stack([query, rows["candidate"]]), axis=0, return_index=True)
    asks, answers = SIDES if direction == DIRECTIONS[0] else SIDES[::-1]
    columns = {
        asks: found.items[asks][query[first]],
        answers: found.items[answers][rows.pop("candidate")[first]],
    }
    return pa.table(
        {
            "direction": [direction] * len(first),
            **{side: columns[side] for side in SIDES},
            "score": rows["score"][first],
            "score_rank": rows["score_rank"][first].astype(np.int32),
            "joint_effect": rows["joint_effect"][first],
            "joint_rank": rows["joint_rank"][first].astype(np.int32),
        }
    )


_OF_KEPT = {
    "candidate": "candidates",
    "score": "scores",
    "score_rank": "score_ranks",
    "joint_effect": "joint_effects",
    "joint_rank": "joint_ranks",
}


def _measured(
    run: OpenRun, places: dict[str, SidePlaces], pairs: Int64[np.ndarray, "pairs 2"]
) -> dict[str, np.ndarray]:
    """Mass, norm and largest cell of some pairs, tile by tile."""
    names = ("mass", "norm", "largest")
    found = {name: np.full(len(pairs), np.nan) for name in names}
    found |= {name: np.zeros(len(pairs), dtype=np.int32) for name in ("left_segment", "right_segment")}
    held = {side: _tile_groups(run, side, places[side]) for side in SIDES}
    for own in range(held["left"].max() + 1):
        left = None
        for other in range(held["right"].max() + 1):
            inside = (held["left"][pairs[:, 0]] == own) & (held["right"][pairs[:, 1]] == other)
            if not inside.any():
                continue
            left = left or read_ragged(run, _blocks_of(run, "left", own), places["left"])
            right = read_ragged(run, _blocks_of(run, "right", other), places["right"])
            if left is None or right is None:
                continue
            local = np.column_stack(
                [_local(left.positions, pairs[inside, 0]), _local(right.positions, pairs[inside, 1])]
            )
            measured = measure_pairs(left, right, local)
            for name, values in found.items():
                values[inside] = getattr(measured, name)
    return found


def _local(positions: Int64[np.ndarray, " items"], wanted: Int64[np.ndarray, " pairs"]) -> np.ndarray:
    order = np.argsort(positions)
    return order[np.searchsorted(positions[order], wanted)]


def _tile_rows(run: OpenRun, side: str) -> list[tuple[int, ...]]:
    """Groups of item blocks that the tiles have on a side."""
    return list(dict.fromkeys(getattr(tile, side) for tile in match_plan(run).sweep_tiles))


def _blocks_of(run: OpenRun, side: str, group: int) -> tuple[int, ...]:
    return _tile_rows(run, side)[group]


def _tile_groups(run: OpenRun, side: str, places: SidePlaces) -> Int64[np.ndarray, " items"]:
    """Number of the group of blocks that holds each item of a side."""
    blocks = match_plan(run).item_blocks
    found = np.zeros(len(places.item_ids), dtype=np.int64)
    for number, group in enumerate(_tile_rows(run, side)):
        for block in group:
            found[[places.position[name] for name in blocks[block].item_ids]] = number
    return found
