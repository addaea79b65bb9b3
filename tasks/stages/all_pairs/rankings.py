"""Joint effect beside score: both orders of all candidates, and their agreement."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Int64
from torch import Tensor

from ilime_core.aggregates.estimate import Estimate
from ilime_core.all_pairs import (
    JointRanks,
    OrderAgreement,
    joint_pool,
    joint_ranks,
    order_agreement,
)
from ilime_core.retrieval.pool import Pool
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.stages.all_pairs.sides import SIDES, SidePlaces, pair_relations, read_ragged
from tasks.stages.all_pairs.typed_table import typed_table
from tasks.stages.match.tables import DIRECTIONS, query_slices
from tasks.stages.pair_tags import item_tags
from tasks.tables.tensors import vectors

__all__ = ["Rankings", "agreement_table", "rank_all"]

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


def agreement_table(run: OpenRun, found: Rankings) -> pa.Table:
    """Rows of ``joint_rankings``.

    Parameters
    ----------
    run
        Opened plan of the run.
    found
        Both orders of both directions.

    Returns
    -------
    pyarrow.Table
        Means over queries with 95 % intervals; slices are those of ``retrieval_metrics``.
    """
    tags, limits = item_tags(run), run.plan.parameters.summary.limits
    rows = [
        (direction, name, quantity, one.value, one.low, one.high, one.n)
        for direction, ranks in found.ranks.items()
        for name, queries in query_slices(ranks.by_score, tags, limits)
        for quantity, one in _quantities(order_agreement(ranks, queries))
    ]
    names = ("direction", "slice", "quantity", "value", "low", "high", "n")
    return typed_table("joint_rankings", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _quantities(agreement: OrderAgreement) -> Iterator[tuple[str, Estimate]]:
    for name in ("score_recall", "joint_recall", "overlap"):
        for depth, one in getattr(agreement, name).items():
            yield f"{name}_at_{depth}", one
    yield "spearman", agreement.spearman
