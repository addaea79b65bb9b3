"""Files of a corpus by a folder, a name, numbers in braces, or wildcards."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from ilime_core.errors import InputError
from tasks.storage import MissingFileError, Storage, StoredFile

__all__ = ["FilePattern", "find_files", "parse_pattern"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_WILD = frozenset("*?[")
_MOST_NAMES = 1_000_000
_ASKED_SINGLY = 100  # a listing answers for 1,000 files in one request, but may hold any number of others
_ASKERS = 8


@dataclass(frozen=True, slots=True)
class FilePattern:
    """Names below a root; known without looking there."""

    root: str
    names: tuple[str, ...]
    """Keys, or wildcards; none where the whole folder is meant."""
    suffix: str
    """End of the names of the files, like ``.tar``."""

    @property
    def is_folder(self) -> bool:
        """Whether every file below the root is meant."""
        return not self.names


def parse_pattern(url: str, suffix: str) -> FilePattern:
    """Split a URL into a root and what is wanted below it.

    Raises
    ------
    InputError
        If numbers in braces run backwards or are too many, or braces are not closed.
    """
    parts = url.rstrip("/").split("/")
    wild = [number for number, part in enumerate(parts) if _WILD & set(part) or "{" in part or "}" in part]
    if not wild and not parts[-1].endswith(suffix):
        return FilePattern(url, (), suffix)
    first = wild[0] if wild else len(parts) - 1
    names = tuple(islice(_expanded("/".join(parts[first:]), url), _MOST_NAMES + 1))
    if len(names) > _MOST_NAMES:
        raise InputError(f"{url}: stands for more than {_MOST_NAMES:,} files")
    if parts[:first] == [""]:
        return FilePattern("/", names, suffix)
    return FilePattern("/".join(parts[:first]) or ".", names, suffix)


def find_files(storage: Storage, pattern: FilePattern) -> list[StoredFile]:
    """Look for the files of a pattern, in its order; those of wildcards and folders sorted by name.

    Raises
    ------
    InputError
        If there are none, or one that was named is absent.
    StorageError
        If the transport fails.
    """
    if pattern.is_folder or any(_WILD & set(name) for name in pattern.names):
        return _listed(storage, pattern)
    if len(set(pattern.names)) < len(pattern.names):
        raise InputError(f"{pattern.root}: a file is named twice by the braces of {pattern.names[0]!r} ...")
    if len(pattern.names) > _ASKED_SINGLY:
        there = {file.key: file for file in storage.list()}
        found = [there.get(name) for name in pattern.names]
    else:
        with ThreadPoolExecutor(_ASKERS) as pool:
            found = list(pool.map(lambda name: _stat(storage, name), pattern.names))
    absent = [name for name, file in zip(pattern.names, found, strict=True) if file is None]
    if absent:
        raise InputError(
            f"{storage.url}/{absent[0]}: there is no such file ({len(absent)} of {len(found)} are absent)"
        )
    return [file for file in found if file is not None]


def _listed(storage: Storage, pattern: FilePattern) -> list[StoredFile]:
    everything = storage.list()
    found = [file for file in everything if _wanted(file.key, pattern)]
    if not found:
        near = ", ".join(repr(file.key) for file in everything[:3]) or "nothing"
        wanted = " or ".join(map(repr, pattern.names[:3])) or f"'*{pattern.suffix}'"
        raise InputError(f"{storage.url}: no file is called like {wanted}; there is {near}")
    return found


def _wanted(key: str, pattern: FilePattern) -> bool:
    if pattern.is_folder:
        return key.endswith(pattern.suffix)
    return any(_matches(key.split("/"), name.split("/")) for name in pattern.names)


def _matches(key: Sequence[str], name: Sequence[str]) -> bool:
    """Whether a key fits wildcards, of which none reaches over a '/'."""
    return len(key) == len(name) and all(map(fnmatchcase, key, name))


def _expanded(name: str, url: str) -> Iterator[str]:
    """Every name that braces stand for, the last pair running fastest."""
    braces = _BRACES.search(name)
    if braces is None:
        if "{" in name or "}" in name:
            raise InputError(f"{url}: a brace is not closed; needed is something like {{00000..00099}}")
        yield name
        return
    for choice in _choices(braces[1], url):
        yield from _expanded(name[: braces.start()] + choice + name[braces.end() :], url)


def _choices(inside: str, url: str) -> Iterator[str]:
    numbers = _RANGE.fullmatch(inside)
    if numbers is None:
        if "," not in inside:
            raise InputError(
                f"{url}: {{{inside}}} is neither a range like {{000..099}} nor names like {{a,b}}"
            )
        yield from inside.split(",")
        return
    first, last = numbers[1], numbers[2]
    if int(first) > int(last):
        raise InputError(f"{url}: {{{inside}}} runs backwards; give the smaller number first")
    width = len(first) if first.startswith("0") or len(first) == len(last) else 0
    for number in range(int(first), int(last) + 1):
        yield str(number).zfill(width)


def _stat(storage: Storage, name: str) -> StoredFile | None:
    try:
        return storage.stat(name)
    except MissingFileError:
        return None
