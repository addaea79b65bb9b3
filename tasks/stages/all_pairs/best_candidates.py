"""Best candidates of both orders, and what W of each of these pairs amounts to."""

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from ilime_core.all_pairs import JointRanks, measure_pairs
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.stages.all_pairs.rankings import Rankings
from tasks.stages.all_pairs.sides import SIDES, SidePlaces, pair_relations, read_ragged
from tasks.stages.all_pairs.typed_table import typed_table
from tasks.stages.match.tables import DIRECTIONS

__all__ = ["summary_table"]


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
