"""Stage fit: W, factors, main effects, errors and fidelity of pairs; no model, only small algebra."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import torch

from ilime_core.effects.registry import gives_posterior
from ilime_core.interactions.fidelity import HeldOutStack, held_out_r2_pairs, stack_held_out
from ilime_core.interactions.margins import Candidates, Margins, fit_margins
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import EffectsStack, stack_effects
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.spec.core_options import design_probability, fit_options, wants_second_order
from tasks.spec.estimator_kinds import item_estimators
from tasks.stages.block_report import BlockReport
from tasks.stages.fit.inputs import FitInputs, read_fit_inputs
from tasks.stages.fit.second_order import fit_second_order
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
    inputs = [_inputs(run, block, side, ids) for side, ids in (("left", left_ids), ("right", right_ids))]
    tables: dict[str, list[pa.Table]] = {name: [] for name in (*TABLES_OF_PAIRS, "margins", "margin_effects")}
    for estimator in item_estimators(run.plan.parameters):
        # A side for each modality: in one stack, captions would be padded to the regions of photographs.
        left, right = (
            _Side(run, given, estimator, ids)
            for given, ids in zip(inputs, (left_ids, right_ids), strict=True)
        )
        if not left.known or not right.known:
            continue  # every item of a side has failed
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
        scored = [run.commits("score", _blocks_of(run, block, side)) for side in ("left", "right")]
        for name, table in fit_second_order(run, pairs, inputs, scored).items():
            tables[name] = [table]
    report_progress("fit", pairs.num_rows, "pairs")
    return BlockResult(
        {name: pa.concat_tables(parts) for name, parts in tables.items() if parts},
        inputs=tuple(commit.digest for commit in commits),
    )


def _inputs(run: OpenRun, block: int, side: str, item_ids: Sequence[str]) -> FitInputs:
    return read_fit_inputs(run.storage, run.commits("score", _blocks_of(run, block, side)), item_ids)


def _blocks_of(run: OpenRun, block: int, side: str) -> list[int]:
    """Items of one side lie in blocks of that side, so a part is read twice only if it holds both."""
    plan = match_plan(run)
    return [place for place in plan.pair_blocks[block].reads if side in plan.item_blocks[place].sides]


class _Side:
    """Effects and held-out masks of the left or of the right items of a block under one estimator."""

    def __init__(self, run: OpenRun, inputs: FitInputs, estimator: str, item_ids: Sequence[str]) -> None:
        ids = inputs.explained(estimator, item_ids)
        self.known = {name: place for place, name in enumerate(ids)}
        if not ids:
            return
        effects = inputs.effects_of(estimator, ids)
        p = design_probability(estimator, run.plan.parameters)
        posterior = gives_posterior(estimator, fit_options(run.plan.parameters))
        self.stack: EffectsStack = stack_effects(effects, p=p, posterior=posterior)
        self.held_out: HeldOutStack = stack_held_out(inputs.held_out_of(ids, effects), effects)

    def places(self, item_ids: Sequence[str]) -> torch.Tensor:
        """Rows of the stack."""
        return torch.tensor([self.known[name] for name in item_ids], dtype=torch.long)


def _item_ids(pairs: pa.Table, rivals: Sequence[RivalCandidates]) -> tuple[list[str], list[str]]:
    """Left and right items that the pairs and the rivals of a block need."""
    sides = [set(pairs["left_id"].to_pylist()), set(pairs["right_id"].to_pylist())]
    for query in rivals:
        asking = DIRECTIONS.index(query.direction)
        sides[asking].add(query.query_id)
        sides[1 - asking] |= {query.correct_item_id, query.wrong_item_id}
    return sorted(sides[0]), sorted(sides[1])


def _fit_estimator(estimator: str, left: _Side, right: _Side, pairs: pa.Table) -> FittedPairs:
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


def _explained(query: RivalCandidates, asking: _Side, answering: _Side) -> bool:
    return (
        query.query_id in asking.known
        and query.correct_item_id in answering.known
        and query.wrong_item_id in answering.known
    )


def _fit_margins(queries: Sequence[RivalCandidates], asking: _Side, answering: _Side) -> Margins:
    return fit_margins(
        Candidates(asking.stack, asking.places([one.query_id for one in queries])),
        Candidates(answering.stack, answering.places([one.correct_item_id for one in queries])),
        Candidates(answering.stack, answering.places([one.wrong_item_id for one in queries])),
    )
