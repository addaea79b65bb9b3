"""Generated corpora laid out below a folder: whole files, and only those that are not there yet."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.pictures.decoding import label_map_png
from tasks.storage.storage import Storage, StorageError

__all__ = ["CaptionedPicture", "Json", "LabelledCorpus", "lay_out", "lay_out_captioned", "png"]

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LabelledCorpus:
    """Paths of a generated corpus; the annotations are in the Karpathy layout, split ``test``."""

    images: Path
    """Folder."""
    annotations: Path
    regions: Path
    """Words of a caption for each object, and the object's box."""
    label_maps: Path
    """Folder of label maps, one an image: 0 the ground, k object k. For segmentation method ``given``."""

    @classmethod
    def below(cls, folder: Path) -> "LabelledCorpus":
        """Paths at which `lay_out_captioned` lays a corpus out."""
        return cls(
            folder / "images", folder / "annotations.json", folder / "regions.json", folder / "label_maps"
        )


@dataclass(frozen=True, slots=True, eq=False)
class CaptionedPicture:
    """A generated picture with its truth.

    Attributes
    ----------
    filename
        Of the picture and of its label map.
    labels
        Object of each pixel.
    spans
        Words of the caption that name an object, with its label and box.
    """

    filename: str
    picture: Image.Image
    labels: Int[np.ndarray, "height width"]
    caption: str
    spans: Sequence[Json]


def lay_out_captioned(folder: Path, pictures: Iterable[CaptionedPicture], what: str) -> LabelledCorpus:
    """Write pictures, label maps, regions and annotations as `lay_out` does, the annotations last.

    Parameters
    ----------
    folder
        Made if absent.
    pictures
        Pictures with one caption each.
    what
        Name of the corpus in the complaint; the data set is ``ilime-`` and this.

    Returns
    -------
    LabelledCorpus
        Paths of the corpus.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    lay_out(folder, _files(pictures, f"ilime-{what}"), what)
    return LabelledCorpus.below(folder)


def _files(pictures: Iterable[CaptionedPicture], dataset: str) -> Iterator[tuple[str, bytes]]:
    images: list[Json] = []
    regions: list[Json] = []
    for number, one in enumerate(pictures):
        yield f"images/{one.filename}", png(one.picture)
        yield f"label_maps/{one.filename}", label_map_png(one.labels)
        sentence = {"raw": one.caption, "sentid": number}
        images.append({"filename": one.filename, "imgid": number, "split": "test", "sentences": [sentence]})
        regions.append({"filename": one.filename, "sentid": number, "spans": one.spans})
    yield "regions.json", _document(dataset, "regions", regions)
    yield "annotations.json", _document(dataset, "images", images)


def lay_out(folder: Path, files: Iterable[tuple[str, bytes]], what: str) -> None:
    """Write files by key, each whole or not at all, in the order given; what is there and right is left.

    Parameters
    ----------
    folder
        Made if absent.
    files
        Keys below the folder, and contents.
    what
        Name of the corpus in the complaint.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    storage = Storage(str(folder))
    try:
        for key, data in files:
            if not storage.exists(key) or storage.read_bytes(key) != data:
                storage.write(key, data)
    except StorageError as error:
        raise InputError(f"cannot lay the {what} out: {error}; choose another folder") from error


def png(image: Image.Image) -> bytes:
    """A picture as a PNG file."""
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return stream.getvalue()


def _document(dataset: str, name: str, rows: Sequence[Json]) -> bytes:
    """JSON document with a row on each line, so that people can read it."""
    body = ",\n".join(json.dumps(row) for row in rows)
    return f'{{"dataset": "{dataset}", "{name}": [\n{body}\n]}}\n'.encode()
