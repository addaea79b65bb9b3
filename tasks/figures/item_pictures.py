"""Items as pictures show them: a photograph with its regions, a caption with its words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Int, UInt8
from PIL import Image

from ilime_core.errors import InputError, ItemError
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.pictures.places import RegionPlace, region_place
from ilime_core.segmentation.geometry import label_map_to_original
from tasks.corpora.corpus import ImageEntry, ImageFiles
from tasks.corpora.images.loading import images_of, map_ahead, read_unchanged
from tasks.runs.items import ENTRY_COLUMNS, image_entry
from tasks.runs.run import Run
from tasks.spec import CorpusParameters
from tasks.stages.segment.view_geometry import view_geometry
from tasks.storage.storage import StorageError
from tasks.tables.row_filters import among

__all__ = [
    "ImagePicture",
    "ItemPicture",
    "Segment",
    "TextPicture",
    "Word",
    "read_item_pictures",
    "read_segments",
    "reduced",
]

LONGEST_SIDE = 640
"""Photographs are shown at most this large, in pixels."""

_NO_PHOTO = 205  # grey of a photograph that cannot be read


@dataclass(frozen=True, slots=True, eq=False)
class ImagePicture:
    """A photograph, reduced, with its regions."""

    item_id: str
    title: str
    """File name without folders, or the row of a table."""
    photo: UInt8[np.ndarray, "height width 3"]
    """Upright; plain grey where the photograph is not to be had."""
    labels: Int[np.ndarray, "height width"]
    """Region of every pixel; -1 where the model sees nothing."""
    places: tuple[RegionPlace, ...]
    """Place of every region."""
    seen: float
    """Share of the photograph that the model sees."""
    problem: str
    """Reason why the photograph could not be read; empty if it could."""

    @property
    def n_segments(self) -> int:
        """Number of regions."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Word:
    """An explained span of a caption, in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class TextPicture:
    """A caption with its words."""

    item_id: str
    caption: str
    words: tuple[Word, ...]
    """The words that the model sees, in reading order."""
    n_truncated: int
    """Words beyond the model's context."""

    @property
    def n_segments(self) -> int:
        """Number of words that are explained."""
        return len(self.words)


ItemPicture = ImagePicture | TextPicture
Segment = Word | RegionPlace
Row = dict[str, object]


def read_item_pictures(run: Run, item_ids: Collection[str]) -> dict[str, ItemPicture]:
    """Read items by id; each image file is opened once.

    Items that were never segmented (they failed) are absent from the result. A photograph that is not where
    the corpus had it is replaced by plain grey, and the record says so: tables outlive folders.

    Parameters
    ----------
    run
        Stored run.
    item_ids
        Items to read.

    Returns
    -------
    dict of str to ItemPicture
        Images and texts by item id.
    """
    mine = among("item_id", sorted(item_ids))
    items = {row["item_id"]: row for row in _rows(run, "items", _ITEM_COLUMNS, mine)}
    views = {row["item_id"]: row for row in _rows(run, "views", None, mine)}
    known = [name for name in sorted(item_ids) if name in items and name in views]
    images = [name for name in known if items[name]["modality"] == Modality.IMAGE]
    files = _files(run) if images else ""
    segments = read_segments(run, {name: views[name] for name in known})
    pictures = map_ahead(lambda name: _image_picture(files, items[name], views[name], segments[name]), images)
    found: dict[str, ItemPicture] = {
        name: picture
        for name, picture in zip(images, pictures, strict=True)
        if isinstance(picture, ImagePicture)
    }
    texts = (name for name in known if items[name]["modality"] == Modality.TEXT)
    return found | {name: _text_picture(items[name], views[name], segments[name]) for name in texts}


def read_segments(run: Run, views: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Segment]]:
    """Segments of items: words, truncated ones too, or places of regions.

    Parameters
    ----------
    run
        Stored run.
    views
        Rows of the table ``views`` by item id, with the size of the original.

    Returns
    -------
    dict of str to list of Segment
        In the order of their numbers, by item id.
    """
    columns = ["item_id", "segment", "char_start", "char_end", "text", "share", *_BOX]
    rows = run.table("segments", columns, among("item_id", sorted(views))).sort_by("segment").to_pylist()
    found: dict[str, list[Segment]] = {name: [] for name in views}
    for row in rows:
        view = views[row["item_id"]]
        found[row["item_id"]].append(
            Word(row["char_start"], row["char_end"], row["text"])
            if view["original_width"] is None
            else region_place(
                tuple(row[name] for name in _BOX),
                row["share"],
                (view["original_width"], view["original_height"]),
            )
        )
    return found


_BOX = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")


_ITEM_COLUMNS = ["item_id", "modality", *ENTRY_COLUMNS, "text", "sha256"]


def _rows(run: Run, table: str, columns: list[str] | None, mine: pc.Expression) -> list[Row]:
    return run.table(table, columns, mine).to_pylist()


def _files(run: Run) -> ImageFiles | str:
    """The corpus's images, or why they cannot be opened."""
    try:
        parameters = run.plan["parameters"]
        return images_of(CorpusParameters.model_validate(parameters["corpus"]))  # type: ignore[index]
    except (InputError, StorageError, KeyError, ValueError) as error:
        return f"the corpus cannot be opened: {error}"


def _image_picture(
    files: ImageFiles | str, item: Row, view: Row, segments: Sequence[Segment]
) -> ImagePicture:
    labels = label_map_to_original(label_map_from_png(bytes(view["label_map"])), view_geometry(view))  # type: ignore[arg-type]
    place = image_entry(item)
    photo, problem = _photo(files, place, str(item["sha256"]), labels.shape)
    small, small_labels = reduced(photo, labels)
    return ImagePicture(
        item_id=str(item["item_id"]),
        title=place.title,
        photo=small,
        labels=small_labels,
        places=tuple(one for one in segments if isinstance(one, RegionPlace)),
        seen=float(view["seen"]),  # type: ignore[arg-type]
        problem=problem,
    )


def reduced(
    photo: Image.Image, labels: Int[np.ndarray, "height width"]
) -> tuple[UInt8[np.ndarray, "rows columns 3"], Int[np.ndarray, "rows columns"]]:
    """Photograph and label map shrunk to one size, at most `LONGEST_SIDE`.

    Parameters
    ----------
    photo
        Photograph in its own size.
    labels
        Region of every pixel as the tables hold it.

    Returns
    -------
    tuple of ndarray
        Pixels (rows, columns, 3) and labels (rows, columns).
    """
    share = min(1.0, LONGEST_SIDE / max(labels.shape))
    height, width = (max(1, round(side * share)) for side in labels.shape)
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(int)
    small = photo.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(small), labels[np.ix_(rows, columns)]


def _photo(
    files: ImageFiles | str, place: ImageEntry, sha256: str, shape: tuple[int, ...]
) -> tuple[Image.Image, str]:
    if not isinstance(files, str):
        try:
            return read_unchanged(files, place, sha256).image, ""
        except (ItemError, StorageError, InputError) as error:
            files = str(error)
    return Image.new("RGB", (shape[1], shape[0]), (_NO_PHOTO,) * 3), files


def _text_picture(item: Row, view: Row, segments: Sequence[Segment]) -> TextPicture:
    seen = int(view["n_segments"])  # type: ignore[call-overload] - truncated words come last
    return TextPicture(
        item_id=str(item["item_id"]),
        caption=str(item["text"]),
        words=tuple(one for one in segments[:seen] if isinstance(one, Word)),
        n_truncated=len(segments) - seen,
    )
