"""Items of explained pairs as records of the viewer, their photographs, and their columns."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Int
from PIL import Image

from ilime_core.errors import InputError, ItemError
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.segmentation.geometry import label_map_to_original
from ilime_core.view_records import ViewGeometry
from ilime_core.viewer.building import LABEL_SIDE, image_record, region_record, text_record
from ilime_core.viewer.records import AnswerRecord, ItemRecord
from tasks.corpora.corpus import ImageFiles
from tasks.corpora.images.loading import images_of, map_ahead, read_unchanged
from tasks.explorer.data_files import code_column, integer_column, list_column, real_column, text_column
from tasks.runs.items import ENTRY_COLUMNS, image_entry
from tasks.runs.run import Run
from tasks.spec import CorpusParameters
from tasks.stages.segment.view_geometry import view_geometry
from tasks.storage.storage import StorageError
from tasks.tables.row_filters import among

__all__ = ["StoredItem", "item_columns", "read_stored_items"]

PHOTO_SIDE = 640
"""Longest side of a photograph, in pixels."""

_QUALITY = 85
_ANSWERS = 5
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class StoredItem:
    """An item with its photograph, if it is an image whose photograph is to be had."""

    record: ItemRecord
    photo: bytes | None
    segments: list[Row]
    """Rows of the table ``segments``, in their order."""


def read_stored_items(
    run: Run, item_ids: Collection[str], answers_of: Mapping[tuple[str, str], str]
) -> Iterator[StoredItem]:
    """Read items in the order of the corpus, images first; photographs are read ahead in threads.

    Parameters
    ----------
    run
        Stored run.
    item_ids
        Items to read; those without segments are left out.
    answers_of
        Ids of explained pairs by both items.

    Yields
    ------
    StoredItem
        A photograph that cannot be read is absent, and the record says why.
    """
    mine = among("item_id", sorted(item_ids))
    items: dict[str, Row] = {}
    for row in sorted(run.table("items", _ITEM, mine).to_pylist(), key=lambda one: one["entry"]):
        items.setdefault(row["item_id"], row)
    views = {row["item_id"]: row for row in run.table("views", filter=mine).to_pylist()}
    segments: defaultdict[str, list[Row]] = defaultdict(list)
    for row in (
        run.table("segments", _SEGMENT, mine)
        .sort_by([("item_id", "ascending"), ("segment", "ascending")])
        .to_pylist()
    ):
        segments[row["item_id"]].append(row)
    answers = _answers(run, items, answers_of)
    known = [row for name, row in items.items() if name in views]
    images = [row for row in known if row["modality"] == Modality.IMAGE]
    files = _files(run) if images else ""

    def read(row: Row) -> StoredItem:
        name = row["item_id"]
        return _image(files, row, views[name], segments[name])

    for found in map_ahead(read, images):
        if isinstance(found, StoredItem):
            yield _with_context(found, items, answers)
    for row in known:
        if row["modality"] == Modality.TEXT:
            name = row["item_id"]
            yield _with_context(_text(row, views[name], segments[name]), items, answers)


_ITEM = ["item_id", "entry", "modality", *ENTRY_COLUMNS, "text", "sha256", "tags"]
_BOX = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")
_SEGMENT = ["item_id", "segment", "char_start", "char_end", "word", "word_class", "label", "share", *_BOX]


def _with_context(
    item: StoredItem, items: Mapping[str, Row], answers: Mapping[str, list[AnswerRecord]]
) -> StoredItem:
    name = item.record["item_id"]
    item.record["tags"] = dict(items[name]["tags"] or ())
    item.record["answers"] = answers.get(name, [])
    return item


def _image(files: ImageFiles | str, row: Row, view: Row, segments: list[Row]) -> StoredItem:
    geometry = view_geometry(view)
    size = geometry.original_width, geometry.original_height
    photo, problem = _photo(files, row)
    record = image_record(
        row["item_id"],
        image_entry(row).title,
        labels=_small_labels(label_map_from_png(bytes(view["label_map"])), geometry),
        regions=[
            region_record(one["label"], tuple(one[name] for name in _BOX), one["share"], size)
            for one in segments
        ],
        seen=view["seen"],
        photo="" if photo is None else f"photos/{row['item_id']}.jpg",
        problem=problem,
    )
    return StoredItem(record, photo, segments)


def _text(row: Row, view: Row, segments: list[Row]) -> StoredItem:
    seen = segments[: view["n_segments"]]  # truncated words come last
    spans = [(one["char_start"], one["char_end"]) for one in seen]
    classes = [one["word_class"] for one in seen]
    record = text_record(row["item_id"], row["text"], spans, classes, len(segments) - len(seen))
    return StoredItem(record, None, seen)


def _small_labels(
    labels: Int[np.ndarray, "height width"], geometry: ViewGeometry
) -> Int[np.ndarray, "rows columns"]:
    """Label map of the original, no side longer than `LABEL_SIDE`: the original's size costs nothing."""
    share = min(1.0, LABEL_SIDE / max(geometry.original_width, geometry.original_height))
    width, height = (
        max(1, round(side * share)) for side in (geometry.original_width, geometry.original_height)
    )
    x, y = width / geometry.original_width, height / geometry.original_height
    small = replace(
        geometry,
        original_width=width,
        original_height=height,
        left=geometry.left * x,
        top=geometry.top * y,
        scale_x=geometry.scale_x / x,
        scale_y=geometry.scale_y / y,
    )
    return label_map_to_original(labels, small)


def _files(run: Run) -> ImageFiles | str:
    """The corpus's images, or why they cannot be opened."""
    try:
        parameters = run.plan["parameters"]
        return images_of(CorpusParameters.model_validate(parameters["corpus"]))  # type: ignore[index]
    except (InputError, StorageError, KeyError, ValueError) as error:
        return f"the corpus cannot be opened: {error}"


def _photo(files: ImageFiles | str, row: Row) -> tuple[bytes | None, str]:
    if isinstance(files, str):
        return None, files
    try:
        photo = read_unchanged(files, image_entry(row), row["sha256"]).image
    except (ItemError, StorageError, InputError) as error:
        return None, str(error)
    photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.BOX)
    stream = BytesIO()
    photo.convert("RGB").save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue(), ""


def _answers(
    run: Run, items: Mapping[str, Row], pair_of: Mapping[tuple[str, str], str]
) -> dict[str, list[AnswerRecord]]:
    """The candidates that the model prefers for each item as a query, as far as rankings are stored."""
    columns = ["query_id", "direction", "rank", "candidate_id", "score", "relevant"]
    wanted = among("query_id", sorted(items)) & (pc.field("rank") <= _ANSWERS)
    found: defaultdict[str, list[AnswerRecord]] = defaultdict(list)
    rows = (
        run.table("rankings", columns, wanted)
        .sort_by([("query_id", "ascending"), ("rank", "ascending")])
        .to_pylist()
    )
    titles = _titles(run, {row["candidate_id"] for row in rows})
    for row in rows:
        pair = row["query_id"], row["candidate_id"]
        found[row["query_id"]].append(
            {
                "item_id": row["candidate_id"],
                "title": titles[row["candidate_id"]],
                "score": round(row["score"], 4),
                "relevant": bool(row["relevant"]),
                "pair_id": pair_of.get(pair if row["direction"] == "left_to_right" else pair[::-1]),
            }
        )
    return dict(found)


def _titles(run: Run, item_ids: Collection[str]) -> dict[str, str]:
    rows = run.table(
        "items", ["item_id", "text", *ENTRY_COLUMNS], among("item_id", sorted(item_ids))
    ).to_pylist()
    return {row["item_id"]: row["text"] or image_entry(row).title for row in rows}


def item_columns(items: list[tuple[ItemRecord, list[Row]]]) -> dict[str, object]:
    """Columns by which the gallery filters and names items.

    Parameters
    ----------
    items
        Records with the rows of their segments, in the order of the pages of items.

    Returns
    -------
    dict of str
        JSON.
    """
    records = [record for record, _ in items]
    tags = sorted({name for record in records for name in record["tags"]})
    return {
        "n": len(records),
        "item_id": text_column(record["item_id"] for record in records),
        "kind": code_column([record["kind"] for record in records]),
        "title": text_column(
            record["text"] if record["kind"] == "text" else record["title"] for record in records
        ),
        "words": list_column([row["word"] for row in rows if row["word"]] for _, rows in items),
        "classes": list_column([row["word_class"] for row in rows if row["word_class"]] for _, rows in items),
        "labels": list_column([row["label"] for row in rows if row["label"]] for _, rows in items),
        "tags": {
            name: list_column([r["tags"][name]] if name in r["tags"] else [] for r in records)
            for name in tags
        },
        "seen": real_column(
            np.array([record["seen"] if record["kind"] == "image" else 1.0 for record in records])
        ),
        "n_segments": integer_column(np.array([len(rows) for _, rows in items], int)),
        "photo": text_column(record["photo"] if record["kind"] == "image" else "" for record in records),
    }
