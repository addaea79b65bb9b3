"""Rows that searches ask for, through the run's encoder."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.protocols import DualEncoder
from ilime_core.records import Modality
from ilime_core.scoring.encoded import ItemEmbeddings, MaskedImage
from ilime_core.scoring.images import encode_masked_images
from ilime_core.selection.fade import mixed_baseline
from ilime_core.selection.search import Request
from tasks.items import Item
from tasks.perturb import Place, encode_coalitions, masked_images
from tasks.progress import report

__all__ = ["encode_requests"]

_Level = tuple[str, float]


def encode_requests(
    place: Place, encoder: DualEncoder, items: Mapping[str, Item], wanted: Mapping[str, Request]
) -> dict[str, Tensor]:
    """Embeddings of the rows of each item, in their order.

    Raises
    ------
    InputError
        If an embedding is not finite, or half a word is asked for.
    """
    asked = [items[name] for name in sorted(wanted)]
    images = [item for item in asked if item.modality == Modality.IMAGE.value]
    texts = [item for item in asked if item.modality != Modality.IMAGE.value]
    found: dict[str, Tensor] = {}
    if images:
        found |= _images(place, encoder, images, wanted)
    if texts:
        if any(wanted[item.item_id].levels.any() for item in texts):
            raise InputError("a word is there or not: levels of texts must be 0")
        masks = {item.item_id: wanted[item.item_id].masks for item in texts}
        for result in encode_coalitions(place, encoder, texts, masks):
            found[result.key] = _checked(result, items[result.key])
    return found


def _images(
    place: Place, encoder: DualEncoder, images: Sequence[Item], wanted: Mapping[str, Request]
) -> dict[str, Tensor]:
    """A level is a baseline mixed with the picture: what a row removes is then there by that much."""
    known = {item.item_id: item for item in images}
    masks = {name: wanted[name].masks for name in known}

    def jobs() -> Iterator[MaskedImage[_Level]]:
        for job in masked_images(place, encoder, images, masks):
            levels = wanted[job.key].levels
            for level in np.unique(levels).tolist():
                baseline = mixed_baseline(job.pixels, job.baseline, level)
                rows = job.masks[levels == level]
                yield MaskedImage((job.key, level), job.pixels, baseline, job.labels, rows)

    found: dict[str, Tensor] = {}
    batch = place.run.plan.parameters.blocks.image_batch
    for result in encode_masked_images(
        encoder, jobs(), batch_size=batch, on_batch=lambda n: report(place.stage, n, "images")
    ):
        name, level = result.key
        rows = _checked(result, known[name])
        if name not in found:
            found[name] = rows.new_empty((len(masks[name]), rows.shape[1]))
        found[name][np.flatnonzero(wanted[name].levels == level)] = rows
    return found


def _checked(result: ItemEmbeddings[str] | ItemEmbeddings[_Level], item: Item) -> Tensor:
    if result.error is not None:
        raise InputError(f"{item.uri}: {result.error}")
    return result.embeddings.cpu()
