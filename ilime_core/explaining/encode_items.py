"""Embeddings of items in memory: whole, empty, and each distinct coalition once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from torch import Tensor

from ilime_core.encoding.encoded import ItemEmbeddings, MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_images, encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts, encode_texts
from ilime_core.errors import InputError
from ilime_core.explaining.contents import Content
from ilime_core.explaining.cut_item import CutItem
from ilime_core.explaining.options import ExplainOptions
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import ImageSegments, Modality, TextSegments

__all__ = ["EncodedContent", "encode_items"]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedContent:
    """Embeddings of an item: whole, empty, and its distinct coalitions."""

    full: Float[Tensor, " dim"]
    empty: Float[Tensor, " dim"]
    rows: Float[Tensor, "distinct dim"]


def encode_items(
    encoder: DualEncoder, modality: Modality, items: Sequence[CutItem], options: ExplainOptions
) -> Iterator[EncodedContent]:
    """Encode items of one modality in batches that are filled across the items.

    Parameters
    ----------
    encoder
        Model whose tower of that modality is used.
    modality
        Modality of all ``items``.
    items
        Items with their masks; their distinct coalitions are encoded once.
    options
        Batch sizes and the way in which words are removed.

    Yields
    ------
    EncodedContent
        One per item, in order.

    Raises
    ------
    InputError
        If an embedding has a value that is not finite.
    """
    encode = _encode_images if modality is Modality.IMAGE else _encode_texts
    return encode(encoder, items, options)


def _encode_images(
    encoder: DualEncoder, items: Sequence[CutItem], options: ExplainOptions
) -> Iterator[EncodedContent]:
    views = [(one, one.view.pixels) for one in items if one.view is not None]
    jobs = [
        MaskedImage(one, one.view.pixels, one.baseline, one.segments.labels, _with_empty(one.masks))
        for one in items
        if one.view is not None and isinstance(one.segments, ImageSegments)
    ]
    whole = encode_images(encoder, views, batch_size=options.image_batch)
    yield from _joined(whole, encode_masked_images(encoder, jobs, batch_size=options.image_batch))


def _encode_texts(
    encoder: DualEncoder, items: Sequence[CutItem], options: ExplainOptions
) -> Iterator[EncodedContent]:
    removal, mask_word = options.text_removal, encoder.text.mask_word
    jobs = [
        MaskedTexts(one, tuple(remove_words(one.segments, _with_empty(one.masks), removal, mask_word)))
        for one in items
        if isinstance(one.segments, TextSegments)
    ]
    texts = [(one, one.content.text) for one in items]
    whole = encode_texts(encoder, texts, batch_size=options.text_batch)
    yield from _joined(whole, encode_masked_texts(encoder, jobs, batch_size=options.text_batch))


def _with_empty(masks: ItemMasks) -> np.ndarray:
    """The distinct coalitions behind the row that keeps nothing."""
    return np.concatenate([np.zeros_like(masks.masks[:1]), masks.encoded])


def _joined(
    whole: Iterator[ItemEmbeddings[CutItem]], masked: Iterator[ItemEmbeddings[CutItem]]
) -> Iterator[EncodedContent]:
    # The whole items first: both pass through one tower.
    for full, rows in zip(list(whole), masked, strict=True):
        error = full.error or rows.error
        if error is not None:
            raise InputError(f"{_name(rows.key.content)}: {error}") from error
        yield EncodedContent(full.embeddings, rows.embeddings[0], rows.embeddings[1:])


def _name(content: Content) -> str:
    return f"the text {content.text!r}" if content.image is None else f"the image {content.sha256[:12]}"
