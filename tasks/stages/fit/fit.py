"""Stage fit: W, factors, main effects, errors and fidelity of pairs; no model, only small algebra."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.interactions.fidelity import held_out_r2_pairs
from ilime_core.interactions.margins import Candidates, Margins, fit_margins
from ilime_core.interactions.pair_fits import fit_pairs
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.spec.core_options import wants_second_order
from tasks.spec.estimator_kinds import item_estimators
from tasks.stages.block_report import BlockReport
from tasks.stages.fit.second_order import fit_second_order
from tasks.stages.fit.sides import FitSide, read_sides
from tasks.stages.fit.tables import (
    TABLES_OF_PAIRS,
    FittedPairs,
    margin_effect_table,
    margin_table,
    significance_of,
)
from tasks.stages.match.rivals import RivalCandidates, read_rivals
from tasks.stages.match.tables import DIRECTIONS
from tasks.stages.progress import report_progress
from tasks.stages.run_block import BlockResult, run_block

__all__ = ["fit_block", "pair_rows"]


def fit_block(root: str, run_id: str, block: int) -> BlockReport:
    """Fit the pairs of one block.

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
    return run_block(run, "fit", block, partial(_fit, run, block))


def pair_rows(run: OpenRun, block: int) -> pa.Table:
    """Selected pairs of one pair block; match wrote a part for each, in their order.

    Parameters
    ----------
    run
        Opened plan of the run.
    block
        Number of the pair block.

    Returns
    -------
    pa.Table
        Rows of the table ``pairs``.
    """
    commit = run.commits("match", [0])[0]
    parts = [part for part in commit.parts if part.table == "pairs"]
    planned = {one.block: place for place, one in enumerate(match_plan(run).pair_blocks)}
    if len(parts) == len(planned):
        commit = replace(commit, parts=(parts[planned[block]],))
    return read_rows(run.storage, [commit], "pairs", filter=pc.field("block") == block)


def _fit(run: OpenRun, block: int) -> BlockResult:
    commits = run.commits("score", match_plan(run).pair_blocks[block].reads)
    pairs = pair_rows(run, block)
    rivals = read_rivals(run, block)
    left_ids, right_ids = _item_ids(pairs, rivals)
    scored = [_commits_of(run, block, side) for side in ("left", "right")]
    # A side for each modality: in one stack, captions would be padded to the regions of photographs.
    lefts, rights = (
        read_sides(run, own, ids) for own, ids in zip(scored, (left_ids, right_ids), strict=True)
    )
    tables: dict[str, list[pa.Table]] = {name: [] for name in (*TABLES_OF_PAIRS, "margins", "margin_effects")}
    for estimator in item_estimators(run.plan.parameters):
        if estimator not in lefts or estimator not in rights:
            continue  # every item of a side has failed
        left, right = lefts.pop(estimator), rights.pop(estimator)
        fitted = _fit_estimator(estimator, left, right, pairs)
        for name, make in TABLES_OF_PAIRS.items():
            tables[name].append(make(fitted))
        for direction, asking, answering in zip(DIRECTIONS, (left, right), (right, left), strict=True):
            own = [one for one in rivals if one.direction == direction]
            own = [one for one in own if _explained(one, asking, answering)]
            if own:
                found = _fit_margins(own, asking, answering)
                tables["margins"].append(margin_table(estimator, own, found))
                tables["margin_effects"].append(margin_effect_table(estimator, own, found))
    if wants_second_order(run.plan.parameters):
        for name, table in fit_second_order(run, pairs, scored).items():
            tables[name] = [table]
    report_progress("fit", pairs.num_rows, "pairs")
    return BlockResult(
        {name: pa.concat_tables(parts) for name, parts in tables.items() if parts},
        inputs=tuple(commit.digest for commit in commits),
    )


def _commits_of(run: OpenRun, block: int, side: str) -> list[Commit]:
    """Items of one side lie in blocks of that side, so a part is read twice only if it holds both."""
    plan = match_plan(run)
    blocks = [place for place in plan.pair_blocks[block].reads if side in plan.item_blocks[place].sides]
    return run.commits("score", blocks)


def _item_ids(pairs: pa.Table, rivals: Sequence[RivalCandidates]) -> tuple[list[str], list[str]]:
    """Left and right items that the pairs and the rivals of a block need."""
    sides = [set(pairs["left_id"].to_pylist()), set(pairs["right_id"].to_pylist())]
    for query in rivals:
        asking = DIRECTIONS.index(query.direction)
        sides[asking].add(query.query_id)
        sides[1 - asking] |= {query.correct_item_id, query.wrong_item_id}
    return sorted(sides[0]), sorted(sides[1])


def _fit_estimator(estimator: str, left: FitSide, right: FitSide, pairs: pa.Table) -> FittedPairs:
    usable = [
        place
        for place, (x, y) in enumerate(
            zip(pairs["left_id"].to_pylist(), pairs["right_id"].to_pylist(), strict=True)
        )
        if x in left.known and y in right.known
    ]
    pairs = pairs.take(pa.array(usable, pa.int64()))
    lefts, rights = left.places(pairs["left_id"].to_pylist()), right.places(pairs["right_id"].to_pylist())
    fits = fit_pairs(left.stack, right.stack, lefts, rights)
    return FittedPairs(
        pairs["pair_id"].to_numpy(zero_copy_only=False),
        estimator,
        fits,
        significance_of(fits, estimator),
        held_out_r2_pairs(left.held_out, right.held_out, lefts, rights).numpy(),
    )


def _explained(query: RivalCandidates, asking: FitSide, answering: FitSide) -> bool:
    return (
        query.query_id in asking.known
        and query.correct_item_id in answering.known
        and query.wrong_item_id in answering.known
    )


def _fit_margins(queries: Sequence[RivalCandidates], asking: FitSide, answering: FitSide) -> Margins:
    return fit_margins(
        Candidates(asking.stack, asking.places([one.query_id for one in queries])),
        Candidates(answering.stack, answering.places([one.correct_item_id for one in queries])),
        Candidates(answering.stack, answering.places([one.wrong_item_id for one in queries])),
    )
