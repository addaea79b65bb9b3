"""Stage match: how well the model retrieves, which pairs are explained, and all later blocks."""

from collections.abc import Mapping
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from jaxtyping import Int64
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.retrieval.hubness import NEIGHBOURS
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.selection import select_pairs
from ilime_core.retrieval.survey import survey_direction
from tasks.run_files.commits import Commit
from tasks.run_files.committed import committed, read_rows
from tasks.run_files.match_plan import fix_match_plan
from tasks.run_files.naming import pair_id_of
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.stages.block_report import BlockReport
from tasks.stages.explain_cost import asks_for_matches
from tasks.stages.match.blocks import assign_pairs, plan_blocks
from tasks.stages.match.contrast_accuracy import accuracy_table
from tasks.stages.match.contrasts import PlacedContrasts, contrast_table, place_contrasts
from tasks.stages.match.rivals import failed_queries, listed_rivals, numbered
from tasks.stages.match.tables import (
    DIRECTIONS,
    MatchSide,
    hub_table,
    metric_table,
    pair_tables,
    ranking_table,
)
from tasks.stages.pair_tags import item_tags
from tasks.stages.run_block import BlockResult, run_block
from tasks.tables.tensors import vectors

__all__ = ["match_block"]

STORED_RANKS = NEIGHBOURS
"""Candidates of every query in ``rankings``, 10; more where pairs ask for more."""


def match_block(root: str, run_id: str, block: int) -> BlockReport:
    """Run the one block of match.

    Parameters
    ----------
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
    return run_block(run, "match", block, lambda: _match(run))


def _match(run: OpenRun) -> BlockResult:
    commits = committed(run.storage, run.run_id, "embed")
    names = ["item_id", "modality", "entry", "same_entries", "external_id"]
    items = read_rows(run.storage, commits.values(), "items", names)
    left, right = (_side(run, items, commits, side) for side in ("left", "right"))
    relevance = _relevance(run, left, right)
    parameters = run.plan.parameters.pairs
    contrasts = place_contrasts(run, left, right)
    request = PairRequest(
        positives=parameters.positives,
        errors=parameters.errors,
        retrieved=parameters.retrieved,
        hard_negatives=parameters.hard_negatives,
        random=parameters.random,
        sampled_queries=parameters.sample_queries,
        seed=run.plan.parameters.seed,
        unasked=contrasts.without_match(left, right, relevance),
    )
    pool = Pool(left.embeddings, right.embeddings, left.ids, right.ids)
    top, wrong = max(STORED_RANKS, parameters.retrieved), max(1, parameters.hard_negatives)
    forward = survey_direction(pool, relevance, top_k=top, n_wrong=wrong)
    backward = survey_direction(pool.reversed(), relevance[:, ::-1].copy(), top_k=top, n_wrong=wrong)
    listed = _places(run.named, left, right)
    if run.named.num_rows and not len(listed) and not asks_for_matches(parameters):
        raise InputError("no pair of pairs.listed is usable; the failures of stage embed say why")
    asked = PlacedContrasts(())
    if parameters.contrasts:
        asked = contrasts.asked((forward, backward), request)
    held = np.concatenate([asked.correct, asked.edited])
    pairs = select_pairs(forward, backward, request, pair_id_of, listed, contrasts=held)
    rivals = numbered(
        chain(
            failed_queries((forward, backward), request),
            asked.rivals(left, right),
            listed_rivals(pairs, listed, left, right),
        )
    )
    drafted = plan_blocks(run, (left, right), pairs, rivals, relevance)
    plan, block_of = fix_match_plan(run, drafted.plan), drafted.block_of
    if plan != drafted.plan:  # an earlier start has fixed other blocks
        block_of = assign_pairs(pairs, (left, right), plan.item_blocks, plan.pairs_per_block)
    tables = {
        "rankings": pa.concat_tables(
            ranking_table(survey, direction)
            for survey, direction in zip((forward, backward), DIRECTIONS, strict=True)
        ),
        "retrieval_metrics": metric_table(
            (forward, backward), run.plan.parameters.seed, item_tags(run), run.plan.parameters.summary.limits
        ),
        "hub_candidates": pa.concat_tables(
            hub_table(survey, direction)
            for survey, direction in zip((forward, backward), DIRECTIONS, strict=True)
        ),
        "pairs": pair_tables(pairs, left, right, block_of),
    }
    if contrasts.any:
        tables["contrasts"] = contrast_table(contrasts, forward, pairs.pair_ids)
        tables["contrast_accuracy"] = accuracy_table(tables["contrasts"], contrasts)
    return BlockResult(tables, inputs=tuple(commits[block].digest for block in sorted(commits)))


def _n_items(commit: Commit) -> int:
    return sum(part.rows for part in commit.parts if part.table == "items")


def _side(run: OpenRun, items: pa.Table, commits: Mapping[int, Commit], name: str) -> MatchSide:
    """Usable items of a side; one content is one item, however many entries have it."""
    on_side = set(run.manifest.filter(pc.field(name)).column("entry").to_pylist())
    places: dict[int, int] = {}
    rows: dict[str, int] = {}
    first: list[int] = []
    listing = items.select(["item_id", "entry", "same_entries"]).to_pylist()
    for row, item in sorted(enumerate(listing), key=lambda found: found[1]["entry"]):
        entries = [item["entry"], *(item["same_entries"] or ())]
        if on_side.isdisjoint(entries):
            continue
        if item["item_id"] not in rows:
            rows[item["item_id"]] = len(first)
            first.append(row)
        places |= dict.fromkeys(entries, rows[item["item_id"]])
    if not first:
        raise InputError(f"the corpus has no usable item on the {name}; the failures of stage embed say why")
    taken = items.take(pa.array(first))
    holding = np.repeat(list(commits), [_n_items(commit) for commit in commits.values()])
    return MatchSide(
        Modality(taken["modality"][0].as_py()),
        tuple(rows),
        places,
        _embeddings(run, commits, np.array(first)),
        tuple(taken["external_id"].to_pylist()),
        tuple(holding[first].tolist()),
    )


def _embeddings(run: OpenRun, commits: Mapping[int, Commit], rows: Int64[np.ndarray, " items"]) -> Tensor:
    """Embeddings of some rows of ``items``, one block at a time beside them: no embedding is held twice."""
    found = torch.empty(0, 0)
    start = 0
    for commit in commits.values():
        stop = start + _n_items(commit)
        here = np.flatnonzero((rows >= start) & (rows < stop))
        if len(here):
            block = vectors(read_rows(run.storage, [commit], "items", ["embedding"])["embedding"])
            if not len(found):
                found = torch.empty(len(rows), block.shape[1])
            found[here] = block[rows[here] - start]
        start = stop
    return found


def _relevance(run: OpenRun, left: MatchSide, right: MatchSide) -> np.ndarray:
    """Pairs of positions that match; pairs with a failed item are omitted."""
    places = _places(run.relevance, left, right)
    if not len(places):
        raise InputError("no pair of the corpus that matches is usable; the failures of stage embed say why")
    return places


def _places(pairs: pa.Table, left: MatchSide, right: MatchSide) -> np.ndarray:
    """Positions of pairs of manifest entries, as far as both items are usable."""
    found = {
        (left.places[i], right.places[j])
        for i, j in zip(pairs["left"].to_pylist(), pairs["right"].to_pylist(), strict=True)
        if i in left.places and j in right.places
    }
    found = {(i, j) for i, j in found if left.ids[i] != right.ids[j]}  # nothing answers itself
    return np.asarray(sorted(found), dtype=np.int64).reshape(-1, 2)
