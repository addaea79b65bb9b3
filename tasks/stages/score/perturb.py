"""Perturbed items, ready for their towers: what score and measure send through the model."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, UInt8

from ilime_core.encoding.encoded import ItemEmbeddings, MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts
from ilime_core.errors import InputError, ItemError
from ilime_core.modality import Modality
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.randomness import item_rng
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.perturbation.windows import Neighbours, nearest_regions
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.protocols.perturbation import Baseline
from ilime_core.view_records import ImageSegments, TextSegments
from tasks.corpora.images.loading import images_of, map_ahead, read_unchanged
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item
from tasks.spec.core_options import options_of
from tasks.stages.progress import report_progress
from tasks.tables.row_filters import among

__all__ = [
    "Coalitions",
    "PixelChange",
    "StagePlace",
    "baseline_of",
    "encode_coalitions",
    "masked_images",
    "read_text_segments",
    "region_neighbours",
    "segment_counts",
    "view_rows",
]

Coalitions = Mapping[str, Bool[np.ndarray, "samples segments"]]
"""Rows to encode of each item, by item id."""

PixelChange = Callable[[str, UInt8[np.ndarray, "height width 3"]], UInt8[np.ndarray, "height width 3"]]
"""Function of an image's item id and its view; returns the pixels that are explained instead."""


@dataclass(frozen=True, slots=True)
class StagePlace:
    """Stage that reports progress, and the item blocks whose segments it reads."""

    run: OpenRun
    stage: str
    blocks: tuple[int, ...]
    change: PixelChange | None = None
    """Change of views, after the check that they are the embedded ones; baselines follow it."""


def segment_counts(run: OpenRun, blocks: Iterable[int], item_ids: Sequence[str]) -> dict[str, int]:
    """Perturbed segments of each item of some item blocks; items that could not be cut are omitted.

    Parameters
    ----------
    run
        Opened plan of the run.
    blocks
        Numbers of item blocks.
    item_ids
        Items in these blocks.

    Returns
    -------
    dict of str to int
        Number of segments by item id, in the order of ``item_ids``.
    """
    rows = view_rows(run, blocks, item_ids, ["item_id", "n_segments"])
    counts = dict(zip(rows["item_id"].to_pylist(), rows["n_segments"].to_pylist(), strict=True))
    return {item_id: counts[item_id] for item_id in item_ids if item_id in counts}


def region_neighbours(run: OpenRun, blocks: Iterable[int], item_ids: Sequence[str]) -> dict[str, Neighbours]:
    """Regions of each image of some item blocks by their distance from each other, on its view.

    Parameters
    ----------
    run
        Opened plan of the run.
    blocks
        Numbers of item blocks.
    item_ids
        Images in these blocks.

    Returns
    -------
    dict of str to Neighbours
        Neighbours by item id.
    """
    rows = view_rows(run, blocks, item_ids, ["item_id", "label_map"])
    return {
        str(row["item_id"]): nearest_regions(label_map_from_png(row["label_map"])) for row in rows.to_pylist()
    }


def encode_coalitions(
    place: StagePlace, encoder: DualEncoder, items: Sequence[Item], coalitions: Coalitions
) -> Iterator[ItemEmbeddings[str]]:
    """Encode rows of items of one modality, in order, in batches that are filled across the items.

    Parameters
    ----------
    place
        Stage and item blocks whose segments are read.
    encoder
        Encoder of the run, or another of the same view.
    items
        Items of one modality, at least one.
    coalitions
        Rows to encode, by item id.

    Returns
    -------
    Iterator[ItemEmbeddings[str]]
        Embeddings or an error of each item.

    Raises
    ------
    InputError
        If an image is no longer the one that was embedded.
    """
    batches = place.run.plan.parameters.blocks
    if items[0].modality == Modality.IMAGE.value:
        return encode_masked_images(
            encoder,
            masked_images(place, encoder, items, coalitions),
            batch_size=batches.image_batch,
            on_batch=lambda n: report_progress(place.stage, n, "images"),
        )
    return encode_masked_texts(
        encoder,
        _masked_texts(place, encoder, items, coalitions),
        batch_size=batches.text_batch,
        on_batch=lambda n: report_progress(place.stage, n, "texts"),
    )


def masked_images(
    place: StagePlace, encoder: DualEncoder, items: Sequence[Item], coalitions: Coalitions
) -> Iterator[MaskedImage[str]]:
    """Views of images with their baselines and coalitions, in the order of the items.

    Parameters
    ----------
    place
        Stage and item blocks whose segments are read.
    encoder
        Makes the view of an image.
    items
        Images that were cut.
    coalitions
        Rows to encode, by item id.

    Returns
    -------
    iterator of MaskedImage
        Keyed by item id; read ahead in threads.

    Raises
    ------
    InputError
        If an image is no longer the one that was embedded.
    """
    run, parameters = place.run, place.run.plan.parameters
    baseline = baseline_of(run)
    views = {
        row["item_id"]: row
        for row in view_rows(
            run, place.blocks, [item.item_id for item in items], ["item_id", "label_map", "view_digest"]
        ).to_pylist()
    }
    files = images_of(parameters.corpus)

    def prepare(item: Item) -> MaskedImage[str]:
        opened = read_unchanged(files, item.image, item.sha256)
        pixels = encoder.image.view(opened.image).pixels
        row = views[item.item_id]
        if hashlib.sha256(pixels.tobytes()).hexdigest() != row["view_digest"]:
            raise InputError(f"{item.uri} has changed since it was embedded; start ilime explain again")
        if place.change is not None:
            pixels = place.change(item.item_id, pixels)
        labels = label_map_from_png(row["label_map"])
        segments = ImageSegments(labels, int(labels.max()) + 1)
        rng = item_rng(parameters.seed, Modality.IMAGE, item.sha256, "baseline")
        return MaskedImage(
            item.item_id, pixels, baseline(pixels, segments, rng), labels, coalitions[item.item_id]
        )

    for masked in map_ahead(prepare, items):
        if isinstance(masked, ItemError):  # it could be decoded when it was embedded
            raise InputError(f"an image has changed since it was embedded: {masked}")
        yield masked


def baseline_of(run: OpenRun) -> Baseline:
    """Baseline of this run: the pixels that replace removed regions."""
    perturbation = run.plan.parameters.perturbation
    colour = run.plan.dataset_colour or perturbation.baseline_colour
    options = options_of(BaselineOptions, perturbation, baseline_colour=colour)
    return BASELINES[perturbation.image_baseline].make(options)


def _masked_texts(
    place: StagePlace, encoder: DualEncoder, items: Sequence[Item], coalitions: Coalitions
) -> Iterator[MaskedTexts[str]]:
    removal = place.run.plan.parameters.perturbation.text_removal
    for item_id, segments in read_text_segments(place, items).items():
        texts = remove_words(segments, coalitions[item_id], removal, encoder.text.mask_word)
        yield MaskedTexts(item_id, tuple(texts))


def read_text_segments(place: StagePlace, items: Sequence[Item]) -> dict[str, TextSegments]:
    """Words of texts as they were cut, in the order of the items.

    Parameters
    ----------
    place
        Item blocks whose segments are read.
    items
        Texts that were cut.

    Returns
    -------
    dict of str to TextSegments
        Character spans by item id.
    """
    run = place.run
    rows = read_rows(
        run.storage,
        run.commits("segment", place.blocks),
        "segments",
        ["item_id", "segment", "char_start", "char_end", "truncated"],
        among("item_id", (item.item_id for item in items)),
    ).sort_by([("item_id", "ascending"), ("segment", "ascending")])
    spans: dict[str, list[dict[str, int]]] = {}
    for row in rows.to_pylist():
        spans.setdefault(row["item_id"], []).append(row)
    return {
        item.item_id: TextSegments(
            text=item.text or "",
            starts=tuple(word["char_start"] for word in spans[item.item_id]),
            ends=tuple(word["char_end"] for word in spans[item.item_id]),
            truncated=tuple(bool(word["truncated"]) for word in spans[item.item_id]),
        )
        for item in items
    }


def view_rows(run: OpenRun, blocks: Iterable[int], item_ids: Sequence[str], columns: list[str]) -> pa.Table:
    """Rows of the table ``views`` of some items.

    Parameters
    ----------
    run
        Opened plan of the run.
    blocks
        Numbers of item blocks.
    item_ids
        Items in these blocks.
    columns
        Columns to read.

    Returns
    -------
    pa.Table
        In the order of the parts.
    """
    return read_rows(
        run.storage,
        run.commits("segment", blocks),
        "views",
        columns,
        among("item_id", item_ids),
    )
