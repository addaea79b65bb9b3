"""JSON annotations of others: bounded, strict, and every complaint names its place."""

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ilime_core.errors import InputError
from tasks.corpora.reading.annotation_file import DOCUMENT_BYTES, AnnotationFile, numbered_lines
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text

__all__ = ["Node", "Packer", "json_lines", "read_document", "read_line"]

Packer = Callable[[object], object]

_MOST_DIGITS = 4300
_DEEPEST = 64
_NESTING = re.compile(r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[\[\]{}]')


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its place, like ``/data/dataset.json.images[3].filename``."""

    value: object
    place: str

    def wrong(self, needed: str) -> InputError:
        """Make the error that says what was got here and what is needed."""
        return InputError(f"{self.place}: got {_described(self.value)}; needed is {needed}")

    def field(self, name: str, needed: str) -> "Node":
        """Member of an object that must be there.

        Parameters
        ----------
        name
            Member.
        needed
            Description of the value, for the message.

        Returns
        -------
        Node
            Value of the member, with its place.
        """
        found = self.optional(name)
        if found is None:
            got = "null" if isinstance(self.value, dict) and name in self.value else "absent"
            raise InputError(f"{self.place}: {name!r} is {got}; needed is {needed}")
        return found

    def optional(self, name: str) -> "Node | None":
        """Member of an object; None if absent or null."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        value: object = self.value.get(name)
        if isinstance(value, _Doubled):
            raise InputError(
                f"{self.place}: an object has two members {name!r}; the second is {_described(value.second)}"
            )
        return None if value is None else Node(value, f"{self.place}.{name}")

    def items(self, needed: str) -> Iterator["Node"]:
        """Elements of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(needed)
        for number, value in enumerate(self.value):
            yield Node(value, f"{self.place}[{number}]")

    def text(self, needed: str) -> str:
        """Read a string; errors as of `check_text`, too."""
        if not isinstance(self.value, str):
            raise self.wrong(needed)
        return check_text(self.value, self.place, needed)

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


@dataclass(frozen=True, slots=True)
class _Doubled:
    """Stands for a member that an object has twice; who asks for it is refused."""

    second: object


def read_document(
    url: str,
    fields: Collection[str] | None,
    max_bytes: int = DOCUMENT_BYTES,
    packed: Mapping[str, Packer] = MappingProxyType({}),
) -> Node:
    """Parse a JSON file, keeping only the named members of every object, so that memory follows what is used.

    What is wrong with one member, like bytes that are not UTF-8 or a name that occurs twice, is refused where
    it is asked for.

    Parameters
    ----------
    url
        The file.
    fields
        Members that are kept; None keeps all.
    max_bytes
        Largest file that is read.
    packed
        By member: makes its value smaller as soon as it is read, so that long lists never lie there at once.

    Returns
    -------
    Node
        Value of the whole file.

    Raises
    ------
    InputError
        If the file is absent, over ``max_bytes``, no JSON, or nested too deeply.
    StorageError
        If the transport fails.
    """
    file = AnnotationFile.find(url, max_bytes)
    data = file.read_bytes()
    try:
        text = data.decode(json.detect_encoding(data), errors="surrogateescape")
    except UnicodeDecodeError as error:  # UTF-16 and UTF-32 have no way to escape a byte
        raise InputError(f"{file.url}: no valid JSON ({error})") from error
    wanted = None if fields is None else frozenset(fields)
    return Node(_parsed(text, file.url, partial(_members, wanted, packed)), file.url)


def read_line(line: str, place: str) -> Node:
    """Parse one line of a JSONL file; errors as of `read_document`.

    Parameters
    ----------
    line
        JSON text.
    place
        File and line, for messages.

    Returns
    -------
    Node
        Value of the line.
    """
    return Node(_parsed(line, place, partial(_members, None, {})), place)


def json_lines(file: AnnotationFile, rejections: Rejections) -> Iterator[Node]:
    """Values of a JSONL file; a line that is no JSON is rejected.

    Parameters
    ----------
    file
        JSONL file.
    rejections
        Receives the lines that are no JSON.

    Yields
    ------
    Iterator[Node]
        One value a line that is not blank.
    """
    for place, line in numbered_lines(file, rejections):
        with rejections.guard():
            yield read_line(line, place)


def _parsed(
    text: str, place: str, members: Callable[[list[tuple[str, object]]], dict[str, object]]
) -> object:
    # Not strict: control characters in a caption are no reason to read none of a file.
    parse = partial(json.loads, object_pairs_hook=members, strict=False)
    try:
        return parse(text)
    except RecursionError:
        fault = "nested too deeply for annotations"
    except json.JSONDecodeError as error:
        raise InputError(f"{place}: no valid JSON ({error})") from error
    except ValueError as error:  # a number of more digits than Python reads
        fault = str(error)
    try:
        return parse(_cut_at_depth(text), parse_int=_whole_number)
    except (RecursionError, ValueError) as error:
        raise InputError(f"{place}: {fault}") from error


def _whole_number(digits: str) -> int | float:
    """Read a number; one of more digits than Python reads is refused."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def _cut_at_depth(text: str) -> str:
    """Leave out what is nested deeper than any annotation is, so that it is one value that cannot be used."""
    kept: list[str] = []
    depth = begin = 0
    for found in _NESTING.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                kept.append(f"{text[begin : found.start()]}null")
        elif found[0] in "]}":
            depth -= 1
            if depth == _DEEPEST:
                begin = found.end()
    if depth <= _DEEPEST:
        kept.append(text[begin:])
    return "".join(kept)


def _members(
    fields: frozenset[str] | None, packed: Mapping[str, Packer], pairs: list[tuple[str, object]]
) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in pairs:
        if fields is not None and key not in fields:
            continue
        found = packed[key](value) if key in packed else value
        kept[key] = _Doubled(value) if key in kept else found
    return kept


def _described(value: object) -> str:
    """Describe a value in one short line, whatever its size."""
    if isinstance(value, dict):
        return f"an object with members {', '.join(map(repr, value)) or 'that are not read here'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    written = json.dumps(value[:80] if isinstance(value, str) else value, default=repr)
    return written if len(written) <= 80 else f"{written[:77]}..."
