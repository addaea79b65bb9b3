"""Variations under which items are explained again, and the items that each of them changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, UInt8

from ilime_core.draws import named_rng
from ilime_core.effects.registry import rows_read
from ilime_core.encoders.same_view import SameView
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.faithfulness.refit_noise import add_noise
from ilime_core.faithfulness.refits import Variation
from ilime_core.modality import Modality
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.protocols.encoders import DualEncoder
from tasks.process.models import encoder_of, other_encoder, random_encoder
from tasks.run_files.commits import Failure
from tasks.runs.items import Item
from tasks.spec import ModelParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.refits import RefitParameters
from tasks.stages.item_budgets import item_budgets
from tasks.stages.score.explained_item import ExplainedItem
from tasks.stages.score.explainer import Explainer
from tasks.stages.score.perturb import StagePlace
from tasks.tables.counts import Counts

__all__ = ["Again", "Vary", "n_draws", "other_model"]

Effect = Float[np.ndarray, "segments dim"]


def n_draws(parameters: RefitParameters, variation: Variation) -> int:
    """Number of draws of one kind of change; everything is explained again under each.

    Parameters
    ----------
    parameters
        How often and how much is changed.
    variation
        Kind of change.

    Returns
    -------
    int
        1 of another model.
    """
    return {
        Variation.SEED: parameters.seeds,
        Variation.NOISE: parameters.noise_draws,
        Variation.RADIUS: parameters.sensitivity_draws,
        Variation.WEIGHTS: parameters.random_models,
        Variation.MODEL: 1,
    }[variation]


def other_model(parameters: RefitParameters) -> ModelParameters:
    """The model that consistency compares with.

    Raises
    ------
    InputError
        If there is none.
    """
    if parameters.other is None:
        raise InputError(
            "consistency compares with another model: name it as faithfulness.refits.other, for example "
            "{name: scenes, pretrained: early}"
        )
    return parameters.other


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """Effects of the items that one change has reached, by item and estimator."""

    effects: Mapping[tuple[str, str], Effect]
    failed: frozenset[str]
    """Items that could not be explained under it."""
    encodes: Counts
    """``seconds`` are those of models other than the run's."""


@dataclass(frozen=True, slots=True, eq=False)
class Vary:
    """Explains items again under one change at a time; a model that it needs is released afterwards.

    Attributes
    ----------
    place
        Where segments are read.
    encoder
        The run's.
    parameters
        How often and how much.
    estimators
        Estimators of the run whose effects are refitted.
    """

    place: StagePlace
    encoder: TimedEncoder
    parameters: RefitParameters
    estimators: tuple[str, ...]

    def explain(
        self, variation: Variation, number: int, items: Sequence[Item], counts: Mapping[str, int]
    ) -> Again:
        """Explain those items again that the change reaches.

        Parameters
        ----------
        variation, number
            Kind of change, and the number of its draw.
        items
            Items of both modalities, in the order in which they are encoded.
        counts
            Segments of each, by item id.

        Returns
        -------
        Again
            Effects of the items that the change reaches.

        Raises
        ------
        InputError
            If a model cannot be randomised, or another one does not cut pictures as the run's does.
        """
        effects: dict[tuple[str, str], Effect] = {}
        failed: set[str] = set()
        rows = dict.fromkeys(Modality, 0)
        explainers = self._explainers(variation, number)
        for explainer in explainers:
            modality = explainer.draw.modality
            own = [item for item in items if item.modality == modality.value]
            masks, undrawn = self._changed(explainer, own, counts)
            failed |= undrawn
            own = [item for item in own if item.item_id in masks]
            rows[modality] = sum(map(explainer.n_encodes, masks.values()))
            for one in explainer.explained(own, masks, counts):
                if isinstance(one, Failure):
                    failed.add(str(one.item_id))
                else:
                    effects |= _by_estimator(one)
        others = {one.timed for one in explainers if one.timed is not self.encoder}
        seconds = sum(one.seconds for one in others)
        return Again(
            effects,
            frozenset(failed),
            Counts(rows[Modality.IMAGE], rows[Modality.TEXT], encoder_seconds=seconds),
        )

    def _explainers(self, variation: Variation, number: int) -> list[Explainer]:
        """By modality; a modality that the change does not reach has none."""
        run = self.place.run
        if variation is Variation.SEED:
            seed = int(named_rng(run.plan.parameters.seed, "other masks", str(number)).integers(2**62))
            # What looks into the model draws no masks.
            draws = [replace(draw, seed=seed, white_box=()) for draw in self._draws()]
            return [self._explainer(self.place, draw) for draw in draws]
        if variation in (Variation.NOISE, Variation.RADIUS):
            place = replace(self.place, change=self._noise(variation, number))
            images = [draw for draw in self._draws() if draw.modality is Modality.IMAGE]
            return [replace(self._explainer(place, draw), whole_items=True) for draw in images]
        encoder = self._other(variation, number)
        timed = TimedEncoder(SameView(encoder, self.encoder.image))
        return [
            Explainer(self.place, encoder, timed, draw, self.estimators, whole_items=True)
            for draw in self._draws()
        ]

    def _explainer(self, place: StagePlace, draw: MaskDraw) -> Explainer:
        """By the run's model."""
        return Explainer(place, encoder_of(self.place.run), self.encoder, draw, self.estimators)

    def _other(self, variation: Variation, number: int) -> DualEncoder:
        run = self.place.run
        if variation is Variation.WEIGHTS:
            return random_encoder(run, number)
        return other_encoder(run, other_model(self.parameters))

    def _draws(self) -> list[MaskDraw]:
        """Masks of the run, fitted ones alone."""
        draws = [MaskDraw.of(modality, self.place.run.plan.parameters) for modality in Modality]
        return [
            replace(
                draw,
                held_out=0,
                adaptive=None,  # what is explained again gets the masks that it has
                white_box=tuple(name for name in draw.white_box if name in self.estimators),
            )
            for draw in draws
        ]

    def _noise(self, variation: Variation, number: int) -> "_Noise":
        bound = self.parameters.noise if variation is Variation.NOISE else self.parameters.sensitivity_radius
        return _Noise(bound, self.place.run.plan.parameters.seed, number)

    def _changed(
        self, explainer: Explainer, items: Sequence[Item], counts: Mapping[str, int]
    ) -> tuple[dict[str, ItemMasks], set[str]]:
        """Masks of items whose masks or content the change has reached, and items that it leaves without."""
        seed = self.place.run.plan.parameters.seed
        run = replace(explainer, draw=replace(explainer.draw, seed=seed))
        found: dict[str, ItemMasks] = {}
        undrawn: set[str] = set()
        for item in items:
            try:
                masks = self._masks(explainer, item, counts)
            except RankDeficientError:  # few independent masks: what served one seed may not serve another
                undrawn.add(item.item_id)
                continue
            if explainer.whole_items or not np.array_equal(masks.masks, self._masks(run, item, counts).masks):
                found[item.item_id] = masks
        return found, undrawn

    def _masks(self, explainer: Explainer, item: Item, counts: Mapping[str, int]) -> ItemMasks:
        """The run's own masks of the sets that are read.

        Drawing for these estimators alone could give others: an item whose rows are few may no longer be
        enumerated.
        """
        budgets = item_budgets(self.place.run, self.place.blocks, [item.item_id])
        return explainer.masks([item], counts, budgets)[item.item_id].of_sets(rows_read(self.estimators))


@dataclass(frozen=True, slots=True)
class _Noise:
    """A draw of noise; of one number at two bounds it is the same noise, more and less of it."""

    bound: float
    seed: int
    number: int

    def __call__(
        self, item_id: str, pixels: UInt8[np.ndarray, "height width 3"]
    ) -> UInt8[np.ndarray, "height width 3"]:
        return add_noise(pixels, self.bound, named_rng(self.seed, "noise", item_id, str(self.number)))


def _by_estimator(one: ExplainedItem) -> dict[tuple[str, str], Effect]:
    return {
        (one.item.item_id, name): found.effects.detach().double().cpu().numpy()
        for name, found in one.effects.items()
    }
