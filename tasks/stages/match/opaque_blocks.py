"""Blocks of the pairs that the estimators of single pairs explain: match fixes them for fit-opaque."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ilime_core.opaque.coefficients import is_within_bound
from ilime_core.opaque.foreseen_scores import foreseen_scores
from tasks.run_files.match_plan import OpaqueBlock, OpaquePair, match_plan
from tasks.run_files.plan import OpenRun
from tasks.spec import ExplainParameters
from tasks.spec.core_options import pair_options
from tasks.spec.estimator_kinds import item_estimators, pair_estimators
from tasks.stages.pair_sample import drawing_order

__all__ = ["STAGE", "TYPICAL_WORDS", "fitted_items", "kept_items", "opaque_blocks", "pairs_per_block"]

STAGE = "fit-opaque"
"""Commits of the stage fit that hold scored pairs: a stage of its own, because it may need the device."""

TYPICAL_WORDS = 12
"""Words of a typical caption, for the size of blocks."""


def opaque_blocks(
    parameters: ExplainParameters, pairs: Iterable[tuple[OpaquePair, str]], block_of: Mapping[str, int]
) -> tuple[OpaqueBlock, ...]:
    """Draw the pairs and cut them into blocks of about as many scores as an image block has encodes.

    A larger sample contains a smaller one. Pairs are drawn as they are for measuring, so that what is
    measured has been explained.

    Parameters
    ----------
    parameters
        The spec.
    pairs
        All that are explained, each with its relation.
    block_of
        Item block of each item.

    Returns
    -------
    tuple of OpaqueBlock
        Empty without an estimator of single pairs.
    """
    if not pair_estimators(parameters):
        return ()
    named = [(pair, relation) for pair, relation in pairs]
    order = drawing_order(((pair.pair_id, relation) for pair, relation in named), parameters.seed)
    drawn = set(order[: parameters.opaque.sample])
    rows = [pair for pair, _ in named if pair.pair_id in drawn]
    chosen = sorted(rows, key=lambda one: (one.left_id, one.right_id))
    size = pairs_per_block(parameters)
    return tuple(
        OpaqueBlock(
            block=start // size,
            pairs=tuple(chosen[start : start + size]),
            reads=tuple(
                sorted(
                    {
                        block_of[name]
                        for one in chosen[start : start + size]
                        for name in (one.left_id, one.right_id)
                    }
                )
            ),
        )
        for start in range(0, len(chosen), size)
    )


def pairs_per_block(parameters: ExplainParameters) -> int:
    """Number of pairs whose scores, or encodes of a read-out, are about those of an image block."""
    options = pair_options(parameters)
    n_left = parameters.segmentation.image.n_segments
    each = [
        foreseen_scores(name, n_left, TYPICAL_WORDS, options, np.random.default_rng(0))
        for name in pair_estimators(parameters)
        if is_within_bound(name, n_left, TYPICAL_WORDS)
    ]
    costs = [left + right if parameters.opaque.reads_embeddings else scores for scores, left, right in each]
    return max(1, parameters.blocks.image_encodes // max(1, sum(costs)))


def kept_items(run: OpenRun) -> frozenset[str]:
    """Items whose fitted masks a read-out reads again: score keeps their embeddings."""
    if not run.plan.parameters.opaque.reads_embeddings:
        return frozenset()
    pairs = [pair for block in match_plan(run).opaque_blocks for pair in block.pairs]
    return frozenset(name for pair in pairs for name in (pair.left_id, pair.right_id))


def fitted_items(run: OpenRun, item_ids: Sequence[str]) -> list[str]:
    """Items that score has to encode: all, or where no estimator wants their effects those that it keeps.

    Parameters
    ----------
    run
        Opened plan of the run.
    item_ids
        Items of a block.

    Returns
    -------
    list of str
        Ids in the order of ``item_ids``.
    """
    if item_estimators(run.plan.parameters):
        return list(item_ids)
    kept = kept_items(run)
    return [name for name in item_ids if name in kept]
