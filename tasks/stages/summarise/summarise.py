"""Stage summarise: factors of the whole benchmark, and means over pairs, clustered by shared items."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.interactions.global_factors import GlobalFactors, SecondMoment, global_factors, second_moment
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import ItemBlock, match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.stages.block_report import BlockReport
from tasks.stages.fit.commits import fit_commits
from tasks.stages.pair_tags import pair_slices
from tasks.stages.run_block import BlockResult, run_block
from tasks.stages.score.effect_tables import ItemEffects, item_effects
from tasks.stages.summarise.aggregates import aggregate_tables
from tasks.stages.summarise.fitted_blocks import selected_pairs
from tasks.stages.summarise.label_word_mass import label_word_table
from tasks.stages.summarise.word_classes import word_class_table
from tasks.tables import TABLES

__all__ = ["summarise_block"]

SIDES = ("left", "right")
GLOBAL_FACTORS = 10
LOADINGS_KEPT = 50
"""Segments of each side that are kept for a global factor."""

Loading = tuple[float, str, int]


def summarise_block(root: str, run_id: str, block: int) -> BlockReport:
    """Run the one block of summarise.

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
    return run_block(run, "summarise", block, partial(_summarise, run))


def _summarise(run: OpenRun) -> BlockResult:
    factors: list[dict[str, object]] = []
    loadings: list[dict[str, object]] = []
    for estimator in run.plan.parameters.estimators:
        moments: dict[str, SecondMoment] = {}
        for planned in match_plan(run).item_blocks:  # one block in memory at a time
            effects = _effects(run, planned, estimator)
            if effects.item_ids:
                moment = second_moment(effects.rows)
                for side in planned.sides:
                    moments[side] = moments[side] + moment if side in moments else moment
        if len(moments) < len(SIDES):
            continue  # every item of a side has failed
        found = global_factors(moments["left"], moments["right"], GLOBAL_FACTORS)
        factors += _factor_rows(estimator, found)
        loadings += _loading_rows(run, estimator, found)
    pairs = selected_pairs(run)
    tags = pair_slices(run, pairs.column("left_id").tolist(), pairs.column("right_id").tolist())
    return BlockResult(
        {
            "global_factors": pa.Table.from_pylist(factors, schema=TABLES["global_factors"].schema),
            "global_loadings": pa.Table.from_pylist(loadings, schema=TABLES["global_loadings"].schema),
            **aggregate_tables(run, pairs, tags),
            "word_class_means": word_class_table(run, pairs, tags),
            "label_word_mass": label_word_table(run, pairs),
        },
        inputs=_inputs(run),
    )


def _inputs(run: OpenRun) -> tuple[str, ...]:
    blocks = [planned.block for planned in match_plan(run).item_blocks]
    read = (*run.commits("segment", blocks), *run.commits("score", blocks), *fit_commits(run))
    return tuple(commit.digest for commit in read)


def _effects(run: OpenRun, planned: ItemBlock, estimator: str) -> ItemEffects:
    rows = read_rows(
        run.storage,
        run.commits("score", [planned.block]),
        "effects",
        ["item_id", "segment", "effect"],
        pc.field("estimator") == estimator,
    )
    return item_effects(rows)


def _factor_rows(estimator: str, found: GlobalFactors) -> list[dict[str, object]]:
    return [
        {
            "estimator": estimator,
            "component": component + 1,
            "strength": float(found.strengths[component]),
            "energy": float(found.energy[component]),
            "left_direction": found.left_directions[component].numpy().astype(np.float32),
            "right_direction": found.right_directions[component].numpy().astype(np.float32),
        }
        for component in range(len(found.strengths))
    ]


def _loading_rows(run: OpenRun, estimator: str, found: GlobalFactors) -> list[dict[str, object]]:
    """The segments and words of largest absolute loading of each component."""
    best: dict[tuple[str, int], list[Loading]] = {}
    for planned in match_plan(run).item_blocks:
        effects = _effects(run, planned, estimator)
        if not effects.item_ids:
            continue
        for side in planned.sides:
            project = found.left_scores if side == "left" else found.right_scores
            scores = project(effects.rows.double()).numpy()
            for component in range(scores.shape[1]):
                kept = best.setdefault((side, component), [])
                largest = _largest(scores[:, component])
                kept += [(float(scores[row, component]), *effects.place(int(row))) for row in largest]
                kept.sort(key=lambda one: (-abs(one[0]), one[1], one[2]))
                del kept[LOADINGS_KEPT:]
    return [
        {
            "estimator": estimator,
            "component": component + 1,
            "side": side,
            "item_id": item_id,
            "segment": segment,
            "loading": score,
        }
        for (side, component), kept in best.items()
        for score, item_id, segment in kept
    ]


def _largest(scores: np.ndarray) -> np.ndarray:
    """Rows among which the kept ones are: the largest, with all that tie with the last of them."""
    sizes = np.abs(scores)
    if len(sizes) <= LOADINGS_KEPT:
        return np.arange(len(sizes))
    return np.flatnonzero(sizes >= np.partition(sizes, -LOADINGS_KEPT)[-LOADINGS_KEPT])
