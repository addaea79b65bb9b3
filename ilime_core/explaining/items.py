"""Items perturbed, encoded and regressed in memory, each once."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from ilime_core.effects.registry import ESTIMATORS
from ilime_core.errors import InputError
from ilime_core.explaining.contents import ExplainedInput, read_content
from ilime_core.explaining.cut_item import CutItem, cut_item
from ilime_core.explaining.encode_items import EncodedContent, encode_items
from ilime_core.explaining.explanation import ItemExplanation
from ilime_core.explaining.options import ExplainOptions
from ilime_core.perturbation.drop_tokens import check_dropping
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects, LowRankCovariance, Modality, TextSegments
from ilime_core.white_box.registry import WHITE_BOX
from ilime_core.white_box.text_gates import gate_words
from ilime_core.white_box.tower_checks import check_white_box
from ilime_core.white_box_records import GatedImage, GatedItem, GatedText, WhiteBoxOptions

__all__ = ["explain_items"]

THUMBNAIL_SIDE = 640
"""Longest side of the photograph that an explained item keeps, in pixels."""


def explain_items(
    encoder: DualEncoder, items: Sequence[ExplainedInput], options: ExplainOptions | None = None
) -> list[ItemExplanation]:
    """Explain items: segments, masks, embeddings, effects.

    Parameters
    ----------
    encoder
        Model, from :func:`ilime_core.build_encoder` or of your own
        (:class:`~ilime_core.protocols.DualEncoder`).
    items
        Texts (``str``), paths of images (``pathlib.Path``), Pillow images, or arrays (height, width, 3) of
        uint8. Items of equal content are encoded once.
    options
        Settings; None takes the defaults, which are those of a run.

    Returns
    -------
    list
        One explanation an item, in the same order.

    Raises
    ------
    InputError
        If an item cannot be read, has no segment that the model sees or a value that is not finite, or the
        model cannot serve an estimator.
    """
    options = options or ExplainOptions()
    check_white_box(encoder, options.estimators)
    check_dropping(encoder, [options.image_baseline])
    contents = [read_content(item) for item in items]
    distinct = {(one.modality, one.sha256): one for one in contents}
    found: dict[tuple[Modality, str], ItemExplanation] = {}
    for modality in Modality:
        own = [one for (kind, _), one in distinct.items() if kind is modality]
        if own:
            cut = [cut_item(encoder, one, options) for one in own]
            encoded = list(encode_items(encoder, modality, cut, options))
            explained = _explanations(encoder, cut, encoded, options)
            found |= {(modality, one.sha256): one for one in explained}
    return [found[one.modality, one.sha256] for one in contents]


def _explanations(
    encoder: DualEncoder, items: Sequence[CutItem], encoded: Sequence[EncodedContent], options: ExplainOptions
) -> Iterator[ItemExplanation]:
    known = [
        one.masks.fitted(found.rows, found.empty, found.full)
        for one, found in zip(items, encoded, strict=True)
    ]
    read = {
        name: ESTIMATORS[name].make(known, options.fit)
        for name in options.estimators
        if name in ESTIMATORS.names
    }
    for place, (one, found) in enumerate(zip(items, encoded, strict=True)):
        effects = {name: of_items[place] for name, of_items in read.items()}
        effects |= _looked_into(encoder, one, found, options)
        yield ItemExplanation(
            modality=one.content.modality,
            sha256=one.content.sha256,
            segments=one.segments,
            view=one.view,
            effects={name: _single_precision(effects[name]) for name in options.estimators},
            held_out=one.masks.fresh(found.rows, found.empty, found.full),
            n_encodes=one.masks.n_encodes + 1,
            thumbnail=None if one.content.image is None else _thumbnail(one.content.image),
        )


def _thumbnail(image: Image.Image) -> UInt8[np.ndarray, "height width 3"]:
    small = image.convert("RGB")
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return np.asarray(small)


def _looked_into(
    encoder: DualEncoder, item: CutItem, encoded: EncodedContent, options: ExplainOptions
) -> dict[str, Effects]:
    names = [name for name in options.estimators if name in WHITE_BOX.names]
    if not names:
        return {}
    gated = GatedItem(_gated(encoder, item), encoded.full, encoded.empty)
    batch = options.text_batch if item.view is None else options.image_batch
    white_box = WhiteBoxOptions(options.path_steps, batch)
    return {name: WHITE_BOX[name].make(encoder, gated, white_box) for name in names}


def _gated(encoder: DualEncoder, item: CutItem) -> GatedImage | GatedText:
    if isinstance(item.segments, TextSegments):
        return gate_words(encoder.text, item.segments)
    if item.view is None or item.baseline is None:
        raise InputError("an image needs its view and its baseline")
    return GatedImage(item.view.pixels, item.baseline, item.segments.labels, item.segments.n_segments)


def _single_precision(effects: Effects) -> Effects:
    """Effects as the tables of a run hold them, on the device where they are."""
    changed: dict[str, Tensor | LowRankCovariance] = {}
    for name in (one.name for one in fields(effects)):
        value = getattr(effects, name)
        if isinstance(value, Tensor):
            changed[name] = value.float()
        elif isinstance(value, LowRankCovariance):
            changed[name] = LowRankCovariance(value.factors.float(), value.rest.float())
    return replace(effects, **changed)
