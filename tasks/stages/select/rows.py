"""Embeddings of the rows that searches request, by the run's encoder."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ilime_core.encoding.encoded import ItemEmbeddings, MaskedImage
from ilime_core.encoding.images import encode_masked_images
from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.selection.fade import mixed_baseline
from ilime_core.selection.search import Request
from ilime_core.view_records import TextSegments
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.text_gates import gate_words
from tasks.process.models import encoder_of
from tasks.runs.items import Item
from tasks.stages.progress import report_progress
from tasks.stages.score.perturb import StagePlace, encode_coalitions, masked_images, read_text_segments

__all__ = ["encode_requests"]

_Level = tuple[str, float]


def encode_requests(
    place: StagePlace, encoder: DualEncoder, items: Mapping[str, Item], wanted: Mapping[str, Request]
) -> dict[str, Tensor]:
    """Embeddings of the rows of each item, in their order.

    Parameters
    ----------
    place
        Stage and item blocks whose segments are read.
    encoder
        Encoder of the run.
    items
        Items by id.
    wanted
        Rows to encode, by item id.

    Returns
    -------
    dict of str to Tensor
        Embeddings of shape (rows, dim), by item id.

    Raises
    ------
    InputError
        If an embedding is not finite, or half a word is requested of a tower without gates.
    """
    asked = [items[name] for name in sorted(wanted)]
    images = [item for item in asked if item.modality == Modality.IMAGE.value]
    texts = [item for item in asked if item.modality != Modality.IMAGE.value]
    found: dict[str, Tensor] = {}
    if images:
        found |= _images(place, encoder, images, wanted)
    if texts:
        found |= _texts(place, encoder, texts, wanted)
    return found


def _images(
    place: StagePlace, encoder: DualEncoder, images: Sequence[Item], wanted: Mapping[str, Request]
) -> dict[str, Tensor]:
    """A level is a baseline mixed with the picture: what a row removes is then there by that much."""
    known = {item.item_id: item for item in images}
    masks = {name: wanted[name].masks for name in known}

    def jobs() -> Iterator[MaskedImage[_Level]]:
        for job in masked_images(place, encoder, images, masks):
            levels = wanted[job.key].levels
            for level in np.unique(levels).tolist():
                baseline = mixed_baseline(job.pixels, job.painted(), level) if level else job.baseline
                rows = job.masks[levels == level]
                yield MaskedImage((job.key, level), job.pixels, baseline, job.labels, rows)

    found: dict[str, Tensor] = {}
    batch = place.run.plan.parameters.blocks.image_batch
    for result in encode_masked_images(
        encoder, jobs(), batch_size=batch, on_batch=lambda n: report_progress(place.stage, n, "images")
    ):
        name, level = result.key
        rows = _checked(result, known[name])
        if name not in found:
            found[name] = rows.new_empty((len(masks[name]), rows.shape[1]))
        found[name][np.flatnonzero(wanted[name].levels == level)] = rows
    return found


def _texts(
    place: StagePlace, encoder: DualEncoder, texts: Sequence[Item], wanted: Mapping[str, Request]
) -> dict[str, Tensor]:
    """Whole words are cut out or masked in the text; half ones are mixed with the mask word in the tower."""
    known = {item.item_id: item for item in texts}
    found: dict[str, Tensor] = {}
    whole = {name: wanted[name].masks[wanted[name].levels == 0] for name in known}
    cut = [item for item in texts if len(whole[item.item_id])]
    if cut:
        for result in encode_coalitions(place, encoder, cut, whole):
            found[result.key] = _checked(result, known[result.key])
    mixed = [item for item in texts if wanted[item.item_id].levels.any()]
    for name, segments in (read_text_segments(place, mixed) if mixed else {}).items():
        request = wanted[name]
        rows = _mixed_words(encoder_of(place.run), segments, request)  # a timed one shows no gates
        dim = rows.shape[1]
        order = np.argsort(request.levels > 0, kind="stable")
        joined = torch.cat([found.get(name, rows.new_zeros((0, dim))), rows])
        found[name] = torch.empty_like(joined)
        found[name][order] = joined
    return found


def _mixed_words(encoder: DualEncoder, segments: TextSegments, request: Request) -> Tensor:
    """Embeddings of the rows whose removed words are partly there."""
    part = request.levels > 0
    gates = np.where(request.masks[part], 1.0, request.levels[part][:, None])
    tower = gated_tower(encoder, gate_words(encoder.text, segments))
    with torch.no_grad():
        rows = tower(torch.tensor(gates, dtype=torch.float32, device=encoder.device)).cpu()
    if not torch.isfinite(rows).all():
        raise InputError(f"words of {segments.text!r} that fade in have embeddings that are not finite")
    return rows


def _checked(result: ItemEmbeddings[str] | ItemEmbeddings[_Level], item: Item) -> Tensor:
    if result.error is not None:
        raise InputError(f"{item.uri}: {result.error}")
    return result.embeddings.cpu()
