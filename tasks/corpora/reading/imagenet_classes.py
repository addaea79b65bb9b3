"""Ten classes of ImageNet-1k, and their images in a validation folder of any usual layout."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ilime_core.errors import InputError
from tasks.corpora.reading.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.reading.sidecars import IMAGE_SUFFIXES
from tasks.corpora.rejections import Rejections
from tasks.storage.storage import Storage

__all__ = ["CLASSES", "LABEL_FILES", "ImagenetClass", "class_images"]


@dataclass(frozen=True, slots=True)
class ImagenetClass:
    """One class under its four names."""

    name: str
    """Word of the captions."""
    index: int
    """Place among the sorted wnids, from 0, as models count."""
    wnid: str
    """WordNet's id: name of a folder."""
    number: int
    """ILSVRC2012_ID of the development kit, from 1."""


CLASSES = (
    ImagenetClass("goldfish", 1, "n01443537", 450),
    ImagenetClass("husky", 248, "n02109961", 149),
    ImagenetClass("cat", 282, "n02123159", 55),
    ImagenetClass("plane", 404, "n02690373", 230),
    ImagenetClass("church", 497, "n03028079", 690),
    ImagenetClass("ipod", 605, "n03584254", 980),
    ImagenetClass("ball", 805, "n04254680", 222),
    ImagenetClass("tractor", 866, "n04465501", 289),
    ImagenetClass("banana", 954, "n07753592", 323),
    ImagenetClass("pizza", 963, "n07873807", 948),
)

LABEL_FILES = ("LOC_val_solution.csv", "val.txt", "ILSVRC2012_validation_ground_truth.txt")
"""Labels of files that lie in no folder by class, where they lie beside the images."""

_BY_LABEL = {label: one.name for one in CLASSES for label in (one.name, one.wnid, str(one.index))}
_BY_NUMBER = {one.number: one.name for one in CLASSES}
_FILE_NUMBER = re.compile(r"_(\d{8})$")


def class_images(images: str, annotations: str = "") -> Mapping[str, Sequence[str]]:
    """Keys of the images of each class, sorted by file name.

    Parameters
    ----------
    images
        Folder of the validation images: a folder a class, called by wnid, index or name, or all in one.
    annotations
        Labels of files that lie in one folder: lines of a file name and a wnid, an index from 0 or a name,
        with a blank or a comma between them, or the development kit's file of one ILSVRC2012_ID a line; empty
        looks for `LABEL_FILES` among the images.

    Returns
    -------
    Mapping
        By the class's name, all of `CLASSES`.

    Raises
    ------
    InputError
        If a class has no image, or class folders lie below several folders.
    StorageError
        If the transport fails.
    """
    storage = Storage(images)
    keys = [file.key for file in storage.list() if PurePosixPath(file.key).suffix.lower() in IMAGE_SUFFIXES]
    beside = next((name for name in LABEL_FILES if storage.exists(name)), "")
    labels = annotations or (f"{storage.url.rstrip('/')}/{beside}" if beside else "")
    named = _by_file(keys, AnnotationFile.find(labels)) if labels else _by_folder(keys, storage.url)
    found: dict[str, list[str]] = {one.name: [] for one in CLASSES}
    for name, key in named:
        found[name].append(key)
    absent = [one for one in CLASSES if not found[one.name]]
    if absent:
        which = ", ".join(f"{one.name} ({one.wnid}, index {one.index})" for one in absent)
        raise InputError(
            f"{labels or storage.url}: of {len(keys):,} images none is of {which}; needed is the validation"
            " set of ImageNet-1k, in a folder a class called by wnid, index or name, or in one folder with"
            f" corpus.annotations, like {LABEL_FILES[0]}"
        )
    return {name: sorted(set(own), key=_file_name) for name, own in found.items()}


def _file_name(key: str) -> tuple[str, str]:
    return key.rpartition("/")[2], key


def _by_folder(keys: Sequence[str], url: str) -> Iterator[tuple[str, str]]:
    parents: set[str] = set()
    for key in keys:
        folder = PurePosixPath(key).parent
        name = _class_of(folder.name)
        if name is not None:
            parents.add(str(folder.parent))
            if len(parents) > 1:
                first, second = sorted(parents)
                raise InputError(
                    f"{url}: classes have folders below {first!r} and {second!r}; set corpus.images to one of"
                    " them"
                )
            yield name, key


def _by_file(keys: Sequence[str], file: AnnotationFile) -> Iterator[tuple[str, str]]:
    """Images by the labels of a file; lines of other classes are passed over."""
    stems = {PurePosixPath(key).stem: key for key in keys}
    numbered = {int(found[1]): key for stem, key in stems.items() if (found := _FILE_NUMBER.search(stem))}
    for line, (_, text) in enumerate(numbered_lines(file, Rejections(file.name)), start=1):
        first, *rest = re.split(r"[\s,]+", text.strip())
        if rest:
            name, key = _class_of(rest[0]), stems.get(PurePosixPath(first).stem)
        else:
            name = _BY_NUMBER.get(int(first)) if first.isdecimal() else None
            key = numbered.get(line)
        if name is not None and key is not None:
            yield name, key


def _class_of(label: str) -> str | None:
    """Class by wnid, index or name; None of any other."""
    plain = label.strip().casefold()
    return _BY_LABEL.get(str(int(plain)) if plain.isascii() and plain.isdecimal() else plain)
