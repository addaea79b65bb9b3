"""JSON annotations of others: bounded, strict, and every complaint names its place."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ilime_core.errors import InputError
from tasks.corpora.annotation_file import DOCUMENT_BYTES, AnnotationFile

__all__ = ["Node", "Packer", "read_document", "read_line"]

Packer = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its place, like ``/data/dataset.json.images[3].filename``."""

    value: object
    place: str

    def wrong(self, needed: str) -> InputError:
        """Make the error that says what was got here and what is needed."""
        return InputError(f"{self.place}: got {_described(self.value)}; needed is {needed}")

    def field(self, name: str, needed: str) -> "Node":
        """Member of an object that must be there."""
        found = self.optional(name)
        if found is None:
            raise InputError(f"{self.place}: {name!r} is absent; needed is {needed}")
        return found

    def optional(self, name: str) -> "Node | None":
        """Member of an object; None if absent or null."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        value: object = self.value.get(name)
        return None if value is None else Node(value, f"{self.place}.{name}")

    def items(self, needed: str) -> Iterator["Node"]:
        """Elements of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(needed)
        for number, value in enumerate(self.value):
            yield Node(value, f"{self.place}[{number}]")

    def text(self, needed: str) -> str:
        """Read a string that can be written as UTF-8."""
        if not isinstance(self.value, str):
            raise self.wrong(needed)
        try:
            self.value.encode()
        except UnicodeEncodeError as error:
            raise self.wrong(f"{needed}, without half a surrogate pair") from error
        return self.value

    def integer(self, needed: str) -> int:
        """Read a whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong(needed)
        return self.value

    def identifier(self) -> str:
        """Read an id: a whole number or a word."""
        if isinstance(self.value, str) and self.value:
            return self.text("an id")
        return str(self.integer("a whole number or a word as id"))


def read_document(
    url: str,
    fields: Collection[str],
    max_bytes: int = DOCUMENT_BYTES,
    packed: Mapping[str, Packer] = MappingProxyType({}),
) -> Node:
    """Parse a JSON file, keeping only the named members of every object, so that memory follows what is used.

    Parameters
    ----------
    url
        The file.
    fields
        Members that are kept.
    max_bytes
        Largest file that is read.
    packed
        By member: makes its value smaller as soon as it is read, so that long lists never lie there at once.

    Raises
    ------
    InputError
        If the file is absent, over ``max_bytes``, no JSON, nested too deeply, or names a member twice.
    StorageError
        If the transport fails.
    """
    file = AnnotationFile.find(url, max_bytes)
    data = file.storage.read_bytes(file.name)
    return Node(_parsed(data, file.url, partial(_members, frozenset(fields), packed, file.url)), file.url)


def read_line(line: str, place: str) -> Node:
    """Parse one line of a JSONL file; errors as of `read_document`."""
    return Node(_parsed(line, place, partial(_members, None, {}, place)), place)


def _parsed(
    data: bytes | str, place: str, members: Callable[[list[tuple[str, object]]], dict[str, object]]
) -> object:
    try:
        return json.loads(data, object_pairs_hook=members)
    except RecursionError as error:
        raise InputError(f"{place}: nested too deeply for annotations") from error
    except ValueError as error:
        raise InputError(f"{place}: no valid JSON ({error})") from error


def _members(
    fields: frozenset[str] | None,
    packed: Mapping[str, Packer],
    name: str,
    pairs: list[tuple[str, object]],
) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in pairs:
        if fields is not None and key not in fields:
            continue
        if key in kept:
            raise InputError(f"{name}: an object has two members {key!r}; the second is {_described(value)}")
        kept[key] = packed[key](value) if key in packed else value
    return kept


def _described(value: object) -> str:
    """Describe a value in one short line, whatever its size."""
    if isinstance(value, dict):
        return f"an object with members {', '.join(map(repr, value)) or 'that are not read here'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    written = json.dumps(value[:80] if isinstance(value, str) else value, default=repr)
    return written if len(written) <= 80 else f"{written[:77]}..."
