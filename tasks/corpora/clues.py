"""Clues to the layout of a corpus: file names, the head of an annotation file, a file beside an image."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ilime_core.errors import InputError
from tasks.corpora.reading.sidecars import IMAGE_SUFFIXES
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["AnnotationHead", "Clue", "FileBeside", "Guess", "ImagesName", "ListedFiles", "has_image_name"]

_HEAD_BYTES = 65_536
_BLANK = "\ufeff \r\n\t"
_ANNOTATIONS = (".json", ".csv", ".token", "token.txt")
"""Endings of the files of a folder that may be its annotations."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Match of a format with a clue, and the fields of the spec that follow from it.

    Attributes
    ----------
    why
        What was seen, for people.
    fields
        Names and values of the section ``corpus`` that go with it, beside format and images.
    """

    why: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImagesName:
    """The text of ``corpus.images`` alone: a file or a pattern of files is not looked for."""

    text: str


class ListedFiles:
    """Files of the folder ``corpus.images``, listed when they are first asked for."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @cached_property
    def files(self) -> tuple[StoredFile, ...]:
        """All files, sorted by key."""
        return tuple(self.storage.list())

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of all files."""
        return tuple(file.key for file in self.files)

    @cached_property
    def beside(self) -> Mapping[str, str]:
        """Keys of the text or JSON file beside each image that has one, by its name without the ending."""
        images = {key.rsplit(".", 1)[0] for key in self.keys if has_image_name(key)}
        texts = {key.rsplit(".", 1)[0]: key for key in self.keys if key.lower().endswith((".json", ".txt"))}
        return {stem: key for stem, key in texts.items() if stem in images}

    @property
    def annotations(self) -> tuple[str, ...]:
        """Keys of files that may be annotations, and are not those of a single image."""
        return tuple(
            key
            for key in self.keys
            if "/" not in key and key.endswith(_ANNOTATIONS) and key.rsplit(".", 1)[0] not in self.beside
        )

    def head(self, key: str) -> "AnnotationHead":
        """Head of one of the files; errors as `AnnotationHead.read`."""
        return AnnotationHead.read(self.storage, key)


class AnnotationHead:
    """Beginning of a file that may be the annotations of a corpus.

    Parameters
    ----------
    place
        Where the file lies.
    text
        Its first bytes, without a byte order mark; none of Parquet.
    row
        Columns and first row of a table, where they are known without the text.
    """

    def __init__(self, place: str, text: str, row: Mapping[str, object] | None = None) -> None:
        self.place = place
        self.name = place.rpartition("/")[2]
        self.text = text
        self._row = row

    @classmethod
    def read(cls, storage: Storage, key: str) -> "AnnotationHead":
        """Read the head of a file.

        Parameters
        ----------
        storage
            Root of the file.
        key
            Name of the file below the root.

        Returns
        -------
        AnnotationHead
            Place and first characters of the file, without leading blanks; bad bytes are replaced.

        Raises
        ------
        InputError
            If there is no such file.
        StorageError
            If the transport fails.
        """
        place = f"{storage.url.rstrip('/')}/{key}"
        try:
            with storage.open(key) as stream:
                text = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace")
        except MissingFileError as error:
            raise InputError(f"{place}: there is no such file") from error
        return cls(place, text.lstrip(_BLANK))

    @property
    def is_object(self) -> bool:
        """Return whether this is one JSON object, and no list or lines of them."""
        return self.text.startswith("{") and not self.name.endswith(".jsonl")

    @cached_property
    def row(self) -> Mapping[str, object]:
        """Columns of a table and what its first row says; nothing where this is no table."""
        if self._row is not None:
            return self._row
        if self.name.endswith((".json", ".jsonl")):
            return _first_object(self.text.lstrip("[ \t\r\n"))
        header, _, rest = self.text.partition("\n")
        delimiter = max(",|\t", key=header.count) if self.name.endswith((".csv", ".tsv")) else ","
        columns = [column.strip() for column in next(csv.reader([header.strip()], delimiter=delimiter), [])]
        values = next(csv.reader([rest.partition("\n")[0].strip()], delimiter=delimiter), [])
        return dict(zip(columns, [*values, *[""] * len(columns)], strict=False))

    @property
    def columns(self) -> str:
        """Name and columns, in words."""
        return f"{self.name}: columns {', '.join(self.row)}"


@dataclass(frozen=True, slots=True)
class FileBeside:
    """A file that has the name of an image and another ending: a text, else the first JSON."""

    head: AnnotationHead


Clue = ImagesName | ListedFiles | AnnotationHead | FileBeside


def has_image_name(name: str) -> bool:
    """Return whether a name ends like that of an image, in any case."""
    return name.lower().endswith(tuple(IMAGE_SUFFIXES))


def _first_object(text: str) -> Mapping[str, object]:
    try:
        row, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): value for key, value in row.items()} if isinstance(row, dict) else {}
