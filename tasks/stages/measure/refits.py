"""Refits: pairs explained again under other masks, noise, random weights or another model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import torch
from jaxtyping import Float

from ilime_core.encoders.randomised import check_randomisable
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.faithfulness.refits import Refits, Variation, Weights
from tasks.process.models import encoder_of
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item, read_items
from tasks.spec.estimator_kinds import draws_masks, item_estimators
from tasks.spec.refits import RefitParameters
from tasks.stages.fit.inputs import SCORED_PARTS
from tasks.stages.measure.refit_variations import Again, Vary, n_draws, other_model
from tasks.stages.score.effect_tables import item_effects
from tasks.stages.score.perturb import StagePlace, segment_counts
from tasks.tables.counts import Counts
from tasks.tables.row_filters import among

__all__ = ["RefitPair", "RefitResult", "refit_pairs"]

Effect = Float[np.ndarray, "segments dim"]


@dataclass(frozen=True, slots=True, eq=False)
class RefitPair:
    """A pair and its W, by estimator."""

    pair_id: str
    left_id: str
    right_id: str
    weights: dict[str, Weights]


@dataclass(frozen=True, slots=True, eq=False)
class RefitResult:
    """W under each draw of each variation, by pair and estimator, and what was encoded for it.

    ``encodes.seconds`` are those of other models; the run's encoder has counted its own.
    """

    refits: Mapping[tuple[str, str], Mapping[Variation, Refits]]
    encodes: Counts


def refit_pairs(  # noqa: PLR0917 - the six name one measurement of a block
    run: OpenRun,
    stage: str,
    encoder: TimedEncoder,
    parameters: RefitParameters,
    variations: Sequence[Variation],
    pairs: Sequence[RefitPair],
) -> RefitResult:
    """Explain pairs again, one change at a time.

    Every item is encoded once per change for all of its pairs. Estimators that score single pairs
    are not fitted again: they have no refits.

    Parameters
    ----------
    run
        Its items, segments and effects are read.
    stage
        Stage that reports progress.
    encoder
        The run's; it counts the seconds of what it encodes.
    parameters
        How often and how much is changed.
    variations
        Changes that some metric needs.
    pairs
        All of one block: items share batches in the order of their ids.

    Returns
    -------
    RefitResult
        W under each draw, and the encodes.

    Raises
    ------
    InputError
        If the other model is not named or cuts pictures differently, or the weights of the model cannot be
        found to be permuted.
    """
    _check(run, parameters, variations)
    asked = _Asked.of(run, pairs)
    refits: dict[tuple[str, str], dict[Variation, Refits]] = {key: {} for key in asked.weights}
    spent = Counts()
    if not asked.weights:
        return RefitResult(refits, spent)
    vary = Vary(StagePlace(run, stage, asked.blocks), encoder, parameters, asked.estimators)
    for variation in variations:
        found, cost = _refits(asked, vary, variation)
        spent += cost
        for key, draws in found.items():
            refits[key][variation] = draws
    return RefitResult(refits, spent)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Pairs with what the run knows of their items."""

    pairs: Mapping[str, RefitPair]
    weights: Mapping[tuple[str, str], Weights]
    """By pair and estimator, of the estimators that explain items."""
    items: Sequence[Item]
    blocks: tuple[int, ...]
    counts: Mapping[str, int]
    effects: Mapping[tuple[str, str], Effect]
    estimators: tuple[str, ...]

    @classmethod
    def of(cls, run: OpenRun, pairs: Sequence[RefitPair]) -> "_Asked":
        known = item_estimators(run.plan.parameters)
        weights = {
            (pair.pair_id, name): np.asarray(pair.weights[name], dtype=np.float64)
            for pair in pairs
            for name in known
            if name in pair.weights
        }
        asked = tuple(name for name in known if any(name in pair.weights for pair in pairs))
        own = [pair for pair in pairs if not pair.weights.keys().isdisjoint(known)]
        ids = sorted({item_id for pair in own for item_id in (pair.left_id, pair.right_id)})
        blocks = tuple(item_blocks_of(run, ids))
        return cls(
            {pair.pair_id: pair for pair in own},
            weights,
            list(read_items(run, ids).values()) if ids else [],
            blocks,
            segment_counts(run, blocks, ids) if ids else {},
            _stored_effects(run, blocks, ids, asked),
            asked,
        )


def _check(run: OpenRun, parameters: RefitParameters, variations: Sequence[Variation]) -> None:
    """Refuse before anything is encoded."""
    if Variation.MODEL in variations:
        other_model(parameters)
    if Variation.WEIGHTS in variations:
        check_randomisable(encoder_of(run))


def _refits(asked: _Asked, vary: Vary, variation: Variation) -> tuple[dict[tuple[str, str], Refits], Counts]:
    """W of every pair and estimator under each draw of a change that reached it and did not fail."""
    found: dict[tuple[str, str], list[Weights]] = {key: [] for key in asked.weights}
    spent: list[Counts] = []
    for number in range(n_draws(vary.parameters, variation)):
        again = vary.explain(variation, number, asked.items, asked.counts)
        spent.append(again.encodes)
        for key, refit in _refitted(asked, again, variation):
            found[key].append(refit)
    if vary.encoder.device.startswith("cuda"):
        torch.cuda.empty_cache()  # of models that are gone
    return {
        key: np.array(each).reshape(len(each), *asked.weights[key].shape) for key, each in found.items()
    }, sum(spent, Counts())


def _refitted(asked: _Asked, again: Again, variation: Variation) -> Iterator[tuple[tuple[str, str], Weights]]:
    """W of one draw: effects of items that the change has reached, and the stored ones of others.

    A pair that it has not reached has none, and neither has an estimator that draws no masks under others:
    that W stays the same where nothing was drawn again says nothing of it.
    """
    for pair_id, estimator in asked.weights:
        pair = asked.pairs[pair_id]
        sides = ((pair.left_id, estimator), (pair.right_id, estimator))
        if not again.failed.isdisjoint((pair.left_id, pair.right_id)):
            continue
        if variation is Variation.SEED and not draws_masks(estimator):
            continue
        if any(side in again.effects for side in sides):
            left, right = (again.effects.get(side, asked.effects[side]) for side in sides)
            yield (pair_id, estimator), left @ right.T


def _stored_effects(
    run: OpenRun, blocks: Sequence[int], item_ids: Sequence[str], estimators: Sequence[str]
) -> dict[tuple[str, str], Effect]:
    """Effects as score has committed them, by item and estimator."""
    if not item_ids:
        return {}
    mine = among("item_id", item_ids)
    rows = read_rows(
        run.storage,
        run.commits("score", blocks),
        "effects",
        ["item_id", "estimator", "segment", "effect"],
        mine & among("estimator", estimators),
        cache=SCORED_PARTS,
    )
    found: dict[tuple[str, str], Effect] = {}
    for estimator in estimators:
        own = item_effects(rows.filter(pc.field("estimator") == estimator))
        values = own.rows.double().numpy()
        stops = [*own.first[1:].tolist(), len(values)]
        for item_id, start, stop in zip(own.item_ids, own.first.tolist(), stops, strict=True):
            found[item_id, estimator] = values[start:stop]
    return found
