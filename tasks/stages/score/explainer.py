"""Items are perturbed, encoded and regressed: once by score, and again wherever one thing is varied."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat

import numpy as np
import torch
from torch import Tensor

from ilime_core.effects.batched_banzhaf import banzhaf
from ilime_core.effects.registry import ESTIMATORS
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import ItemError
from ilime_core.modality import Modality
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.windows import Neighbours
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.white_box_records import GatedImage, GatedItem, GatedText
from tasks.run_files.commits import Failure
from tasks.runs.items import Item
from tasks.spec.core_options import fit_options
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.score.explained_item import ExplainedItem
from tasks.stages.score.grown_items import grown_items
from tasks.stages.score.perturb import Coalitions, StagePlace, encode_coalitions, region_neighbours
from tasks.stages.score.white_box import gated_contents, white_box_effects

__all__ = ["Explainer", "in_batches", "item_failure"]

FITTED_TOGETHER = 64
"""Items whose embeddings wait for one batched regression."""


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """Encoder, masks and estimators by which items of one modality are explained.

    Attributes
    ----------
    place
        Where segments are read, and what is done to views.
    encoder
        Used by white-box estimators.
    timed
        The same, counting seconds; gives embeddings, views and tokens.
    draw
        Which masks, and which estimators look into the model.
    estimators
        Those that items are explained by; the ones that look into the model are those of ``draw``.
    whole_items
        True if whole items are encoded too, because those that embed has stored belong to another encoder or
        to other views.
    """

    place: StagePlace
    encoder: DualEncoder
    timed: TimedEncoder
    draw: MaskDraw
    estimators: tuple[str, ...]
    whole_items: bool = False

    def masks(
        self, items: Sequence[Item], counts: Mapping[str, int], budgets: Mapping[str, int] | None = None
    ) -> dict[str, ItemMasks]:
        """Draw the masks of items; those that depend on where segments lie read the views.

        Parameters
        ----------
        items
            Items of the modality.
        counts
            Number of segments by item id.
        budgets
            Banzhaf rows by item id, for items that have not those of the draw: the first ones of an adaptive
            budget, all of a fixed one.

        Returns
        -------
        dict of str to ItemMasks
            Masks by item id.
        """
        near: Mapping[str, Neighbours] = {}
        if self.draw.modality is Modality.IMAGE and self.draw.is_placed:
            near = region_neighbours(self.place.run, self.place.blocks, [item.item_id for item in items])
        draws = {name: self.draw.of_budget(n_masks) for name, n_masks in (budgets or {}).items()}
        return {
            item.item_id: draws.get(item.item_id, self.draw.smallest).draw(
                item.sha256, counts[item.item_id], near.get(item.item_id)
            )
            for item in items
        }

    def n_encodes(self, masks: ItemMasks) -> int:
        """Rows of one item that go through its tower."""
        return masks.n_encodes + int(self.whole_items) + self.draw.inside(masks.n_segments)

    def explained(
        self, items: Sequence[Item], masks: Mapping[str, ItemMasks], counts: Mapping[str, int]
    ) -> Iterator[ExplainedItem | Failure]:
        """Encode and fit items in order; one that cannot be explained comes as a failure, ahead of its batch.

        Parameters
        ----------
        items
            Items of the modality, in the order of encoding.
        masks
            Masks by item id.
        counts
            Number of segments by item id.

        Returns
        -------
        Iterator[ExplainedItem | Failure]
            One for each item.

        Raises
        ------
        InputError
            If an image is no longer the one that was embedded, or a tower cannot serve an estimator.
        """
        return in_batches(self._encoded(items, masks, counts), self._fitted, FITTED_TOGETHER)

    def _encoded(
        self, items: Sequence[Item], masks: Mapping[str, ItemMasks], counts: Mapping[str, int]
    ) -> Iterator[ExplainedItem | Failure]:
        """Encode items in order, and fit white-box estimators."""
        inside = bool(self.draw.white_box)
        contents: Iterator[GatedImage | GatedText | None] = (
            gated_contents(self.place, self.timed, items, counts) if inside else repeat(None, len(items))
        )
        started = self._coalitions(items, masks)
        for encoded, content in zip(self._grown(started, counts), contents, strict=True):
            if isinstance(encoded, Failure) or content is None:
                yield encoded
            else:
                yield self._looked_into(encoded, content)

    def _fitted(self, encoded: Sequence[ExplainedItem]) -> list[ExplainedItem]:
        """Regress on the device, many items at once; estimators share the encodes."""
        options = fit_options(self.place.run.plan.parameters)
        items = [one.masks.fitted(one.rows, one.empty, one.full) for one in encoded]
        read = [name for name in self.estimators if name in ESTIMATORS.names]
        fitted = {name: ESTIMATORS[name].make(items, options) for name in read}
        return [
            replace(
                one,
                effects={
                    name: one.effects[name] if name in one.effects else fitted[name][place]
                    for name in self.estimators
                    if name in one.effects or name in fitted
                },
            )
            for place, one in enumerate(encoded)
        ]

    def _coalitions(
        self, items: Sequence[Item], masks: Mapping[str, ItemMasks]
    ) -> Iterator[ExplainedItem | Failure]:
        """Each item's coalitions behind the row that keeps nothing and, on demand, the one that keeps all."""
        if not items:
            return
        ends = np.array([[False], [True]] if self.whole_items else [[False]])
        rows = {
            name: np.concatenate([ends.repeat(one.n_segments, axis=1), one.encoded])
            for name, one in masks.items()
        }
        for item, found in zip(items, self._rows(items, rows), strict=True):
            if isinstance(found, Failure):
                yield found
                continue
            full = found[1] if self.whole_items else torch.from_numpy(item.embedding).to(found)
            yield ExplainedItem(item, masks[item.item_id], full, found[0], found[len(ends) :])

    def _rows(self, items: Sequence[Item], coalitions: Coalitions) -> Iterator[Tensor | Failure]:
        """Embeddings of coalitions, or a failure, in the order of the items."""
        if not items:
            return
        results = encode_coalitions(self.place, self.timed, items, coalitions)
        for item, result in zip(items, results, strict=True):
            if result.error is not None:
                yield item_failure(self.place.stage, item, result.error)
            else:
                yield result.embeddings

    def _grown(
        self, started: Iterable[ExplainedItem | Failure], counts: Mapping[str, int]
    ) -> Iterable[ExplainedItem | Failure]:
        """Items with as many masks as each of them needs."""
        if self.draw.adaptive is None:
            return started
        return grown_items(
            started,
            self.draw.adaptive,
            self.draw.request.n_masks,
            fit=partial(banzhaf, options=fit_options(self.place.run.plan.parameters)),
            draw=lambda items, budgets: self.masks(items, counts, budgets),
            encode=self._rows,
        )

    def _looked_into(
        self, encoded: ExplainedItem, content: GatedImage | GatedText
    ) -> ExplainedItem | Failure:
        """Fit white-box estimators; an item that one of them fails on is not explained."""
        gated = GatedItem(content, encoded.full, encoded.empty)
        started = time.perf_counter()
        try:
            inside = white_box_effects(self.place, self.encoder, self.draw.white_box, gated)
        except ItemError as error:
            return item_failure(self.place.stage, encoded.item, error)
        finally:
            self.timed.seconds += time.perf_counter() - started
        return replace(encoded, effects=inside)


def item_failure(stage: str, item: Item, error: ItemError) -> Failure:
    """An item that cannot be explained, as a row of ``failures``.

    Parameters
    ----------
    stage
        Name of the stage that failed.
    item
        The item.
    error
        Its reason and message are kept.

    Returns
    -------
    Failure
        Row with the item's entry and address.
    """
    return Failure(stage, item.entry, item.item_id, error.reason.value, str(error), item.uri)


def in_batches(
    found: Iterable[ExplainedItem | Failure],
    fit: Callable[[list[ExplainedItem]], Iterable[ExplainedItem]],
    size: int,
) -> Iterator[ExplainedItem | Failure]:
    """Items as they come, ``size`` of them fitted at once; failures pass through.

    Parameters
    ----------
    found
        Encoded items and failures.
    fit
        Fits a batch of items; returns them in their order.
    size
        Items of a batch.

    Returns
    -------
    Iterator[ExplainedItem | Failure]
        Fitted items in order; a failure comes ahead of its batch.
    """
    waiting: list[ExplainedItem] = []
    for one in found:
        if isinstance(one, Failure):
            yield one
            continue
        waiting.append(one)
        if len(waiting) == size:
            yield from fit(waiting)
            waiting = []
    if waiting:
        yield from fit(waiting)
