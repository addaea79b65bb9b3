"""Captions in a text or JSON file beside each image."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry, Tags, TextEntry
from tasks.corpora.fields import CorpusFields
from tasks.corpora.reading.caption_files import (
    CAPTION_BYTES,
    Beside,
    Caption,
    read_captions,
    read_description,
)
from tasks.corpora.reading.json_document import Node
from tasks.corpora.reading.listing import image_key, with_rejections
from tasks.corpora.reading.tags import TagColumns, in_folder
from tasks.corpora.rejections import Rejection, Rejections
from tasks.storage.many_requests import read_many
from tasks.storage.storage import Storage, StoredFile

__all__ = ["IMAGE_SUFFIXES", "Sidecars", "read_sidecars"]

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})

_CAPTIONS = frozenset({".txt", ".json"})
_NO_CAPTIONS = frozenset({"readme", "license", "licence", "notice", "changelog", "requirements"})
"""Text files that belong to no image, wherever there are any."""


@dataclass(frozen=True, slots=True)
class Sidecars:
    """Images, their captions, and what cannot be used."""

    images: Sequence[ImageEntry]
    texts: Sequence[TextEntry]
    rejected: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class _Stem:
    """Files of one name but for its ending."""

    name: str
    images: Sequence[StoredFile]
    captions: Mapping[str, StoredFile]
    """Text and JSON file by their endings in small letters."""

    @property
    def key(self) -> str:
        """The image, or what is there instead."""
        return next(file.key for file in (*self.images, *self.captions.values()))


@dataclass(frozen=True, slots=True)
class _Read:
    """Captions and rejections from the files of a stem."""

    captions: Sequence[Caption] | None
    tags: Tags
    rejected: Sequence[Rejection]


def read_sidecars(storage: Storage, asked: CorpusFields, tables: Sequence[str]) -> Sidecars:
    """List the images that have a text or JSON file of the same name beside them, sorted by key.

    Parameters
    ----------
    storage
        Root of images and captions.
    asked
        Section ``corpus`` of the spec, of which limit and tags are read.
    tables
        Names of tables that are also accepted, for the message if no image has such a file.

    Returns
    -------
    Sidecars
        Images and captions by key; entries that cannot be used are in ``rejected``.

    Raises
    ------
    InputError
        If no image has one.
    StorageError
        If the transport fails.
    """
    stems = _stems(storage)
    n_images = sum(len(stem.images) for stem in stems)
    if not any(stem.images and stem.captions for stem in stems):
        raise InputError(
            f"{storage.url}: holds {n_images} images and no captions for them; needed is"
            f" {', '.join(tables)}, or a.txt beside a.jpg"
        )
    images: list[ImageEntry] = []
    texts: list[TextEntry] = []
    rejections = Rejections(storage.url)
    columns = TagColumns(asked.tags, storage.url)
    for stem, read in _read_all(storage, stems, asked.limit, columns):
        if len(images) == asked.limit:
            break
        for one in read.rejected:
            rejections.add(one.reason, one.message, one.uri)
        if read.captions is not None:
            texts += _entries(stem, read, len(images))
            images.append(ImageEntry(stem.key, stem.key, tags=read.tags))
    columns.check()
    if not texts:
        raise InputError(
            f"{storage.url}: the {n_images} images have no caption, so there is no pair to explain; needed is"
            f" a.txt beside a.jpg{with_rejections(rejections)}"
        )
    return Sidecars(images, texts, rejections.found)


def _stems(storage: Storage) -> list[_Stem]:
    images: defaultdict[str, list[StoredFile]] = defaultdict(list)
    captions: defaultdict[str, dict[str, StoredFile]] = defaultdict(dict)
    for file in storage.list():
        path = PurePosixPath(file.key)
        if path.name.startswith("._"):  # what macOS keeps of a file on other file systems
            continue
        suffix = path.suffix.lower()
        if suffix in IMAGE_SUFFIXES:
            images[str(path.with_suffix(""))].append(file)
        elif suffix in _CAPTIONS:
            captions[str(path.with_suffix(""))].setdefault(suffix, file)
    stems = [_Stem(name, images.get(name, []), captions.get(name, {})) for name in {*images, *captions}]
    return sorted(stems, key=lambda stem: stem.key)


def _read_all(
    storage: Storage, stems: Sequence[_Stem], limit: int | None, columns: TagColumns
) -> Iterator[tuple[_Stem, _Read]]:
    """What the files of every stem give, ahead in threads; one after the other where a limit may end it."""
    if limit is not None:
        yield from ((stem, _read(storage, columns, stem)) for stem in stems)
        return
    yield from zip(stems, read_many(partial(_read, storage, columns), stems), strict=True)


def _read(storage: Storage, columns: TagColumns, stem: _Stem) -> _Read:
    rejections = Rejections(stem.key)
    captions, tags = None, ()
    with rejections.guard():
        captions, tags = _captions(storage, stem, columns, rejections)
    return _Read(captions, tags, rejections.found)


def _captions(
    storage: Storage, stem: _Stem, columns: TagColumns, rejections: Rejections
) -> tuple[list[Caption] | None, Tags]:
    place = f"{storage.url}/{stem.name}"
    if not stem.images:
        if ".txt" in stem.captions and PurePosixPath(stem.name).name.lower() not in _NO_CAPTIONS:
            name = stem.captions[".txt"].key
            message = (
                f"{storage.url}/{name}: there is no image beside it; needed is {stem.name}.jpg, png, ..."
            )
            raise ItemError(FailureReason.ABSENT, message)
        return None, ()
    if len(stem.images) > 1 and stem.captions:
        first, second, *_ = (file.key for file in stem.images)
        name = next(iter(stem.captions.values())).key
        message = f"{storage.url}/{name}: is beside both {first} and {second}; needed is one"
        raise ItemError(FailureReason.DUPLICATE, message)
    image_key(stem.key, place)
    text, described = (_beside(storage, stem.captions.get(suffix)) for suffix in (".txt", ".json"))
    node = read_description(described, text)
    captions = read_captions(node, text, rejections)
    if captions is None:
        message = f"{storage.url}/{stem.key}: has no caption; needed is {stem.name}.txt beside it"
        raise ItemError(FailureReason.UNLISTED, message)
    return captions, columns.read(in_folder(node or Node({}, place), stem.key))


def _beside(storage: Storage, file: StoredFile | None) -> Beside | None:
    if file is None:
        return None
    data = storage.read_bytes(file.key) if file.size <= CAPTION_BYTES else None
    return Beside(file.key, f"{storage.url}/{file.key}", data, file.size)


def _entries(stem: _Stem, read: _Read, image: int) -> Iterator[TextEntry]:
    for number, one in enumerate(read.captions or ()):
        file = stem.captions[".json" if one.in_json else ".txt"]
        yield TextEntry(one.text, file.key, str(one.number or 0), f"{stem.key}#{number}", image, read.tags)
