"""Files of a corpus by a folder, a name, numbers in braces, or wildcards."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from ilime_core.errors import InputError
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["FilePattern", "FoundFiles", "find_files", "parse_pattern"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_WILD = frozenset("*?[")
_SPECIAL = _WILD | frozenset("]{}")
_MOST_NAMES = 1_000_000
_ASKED_SINGLY = 100  # a listing answers for 1,000 files in one request, but may hold any number of others


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A root without wildcards and what is wanted below it; both known without looking there."""

    root: str
    path: str
    """A file, a folder, or a pattern of files; empty where the whole root is meant."""
    suffix: str
    """End of the names of files in a folder, like ``.tar``."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Files that match a pattern."""

    files: list[StoredFile]
    folder: str | None
    """Key of the folder that is meant as a whole, empty for the root; None where files were named."""


def parse_pattern(url: str, suffix: str) -> FilePattern:
    """Split a URL into a root and what is wanted below it.

    Parameters
    ----------
    url
        File, folder, wildcards or numbers in braces.
    suffix
        Ending of the files, like ``.tar``; a name without it and without wildcards is a folder.

    Returns
    -------
    FilePattern
        Pattern; nothing is looked up.
    """
    parts = url.rstrip("/").split("/")
    special = [number for number, part in enumerate(parts) if _is_special(part)]
    if not special and not parts[-1].endswith(suffix):
        return FilePattern(url, "", suffix)
    first = special[0] if special else len(parts) - 1
    root = "/" if parts[:first] == [""] else "/".join(parts[:first]) or "."
    return FilePattern(root, "/".join(parts[first:]), suffix)


def find_files(storage: Storage, pattern: FilePattern) -> FoundFiles:
    """Look for the files of a pattern, in its order; those of wildcards and folders sorted by name.

    What lies there under the very name that was given is that file or folder, also if the name holds brackets
    or braces; only what does not is a pattern.

    Parameters
    ----------
    storage
        Root of the pattern.
    pattern
        As `parse_pattern` returns it.

    Returns
    -------
    FoundFiles
        Files, and the folder if the pattern names a whole one.

    Raises
    ------
    InputError
        If there are none, one that was named is absent, or braces are not closed, run backwards or stand for
        too many files.
    StorageError
        If the transport fails.
    """
    parts = pattern.path.split("/") if pattern.path else []
    n_literal = 0
    while n_literal < len(parts) and _stands_for_itself(storage, parts[: n_literal + 1]):
        n_literal += 1
    if n_literal < len(parts):
        files = _of_pattern(storage, "/".join(parts[:n_literal]), "/".join(parts[n_literal:]))
        return FoundFiles(files, None)
    file = _stat(storage, pattern.path) if parts else None
    if file is not None:
        return FoundFiles([file], None)
    everything = storage.list(pattern.path)
    if parts and not everything:
        raise InputError(f"{storage.url}/{pattern.path}: there is no such file or folder")
    found = [file for file in everything if file.key.endswith(pattern.suffix)]
    if not found:
        place = f"{storage.url}/{pattern.path}" if parts else storage.url
        raise _nothing(place, [f"*{pattern.suffix}"], everything)
    return FoundFiles(found, pattern.path)


def _is_special(part: str) -> bool:
    return not _SPECIAL.isdisjoint(part)


def _stands_for_itself(storage: Storage, parts: Sequence[str]) -> bool:
    """Return whether the last of these parts of a path is a name and no pattern."""
    if not _is_special(parts[-1]):
        return True
    key = "/".join(parts)
    try:
        return storage.exists(key) or bool(storage.list(key))
    except InputError:  # too long for a name: many names in braces
        return False


def _of_pattern(storage: Storage, folder: str, pattern: str) -> list[StoredFile]:
    """Files below a folder that match braces and wildcards."""
    place = f"{storage.url}/{folder}" if folder else storage.url
    prefix = f"{folder}/" if folder else ""
    names = list(islice(_expanded(pattern, f"{place}/{pattern}"), _MOST_NAMES + 1))
    if len(names) > _MOST_NAMES:
        raise InputError(f"{place}/{pattern}: matches more than {_MOST_NAMES:,} files")
    if any(not _WILD.isdisjoint(name) for name in names):
        everything = storage.list(folder)
        wanted = [name.split("/") for name in names]
        found = [
            file
            for file in everything
            if any(_matches(file.key.removeprefix(prefix).split("/"), name) for name in wanted)
        ]
        if not found:
            raise _nothing(place, names, everything)
        return found
    if len(set(names)) < len(names):
        raise InputError(f"{place}: a file is named twice by the braces of {names[0]!r} ...")
    return _named(storage, [f"{prefix}{name}" for name in names])


def _named(storage: Storage, keys: Sequence[str]) -> list[StoredFile]:
    if len(keys) > _ASKED_SINGLY:
        there = {file.key: file for file in storage.list()}
        found = [there.get(key) for key in keys]
    else:
        found = list(read_many(lambda key: _stat(storage, key), keys))
    absent = [key for key, file in zip(keys, found, strict=True) if file is None]
    if absent:
        raise InputError(
            f"{storage.url}/{absent[0]}: there is no such file ({len(absent)} of {len(found)} are absent)"
        )
    return [file for file in found if file is not None]


def _nothing(place: str, names: Sequence[str], everything: Sequence[StoredFile]) -> InputError:
    near = ", ".join(repr(file.key) for file in everything[:3]) or "nothing"
    return InputError(f"{place}: no file is called like {' or '.join(map(repr, names[:3]))}; there is {near}")


def _matches(key: Sequence[str], name: Sequence[str]) -> bool:
    """Return whether a key fits wildcards, of which none reaches over a '/'."""
    return len(key) == len(name) and all(map(fnmatchcase, key, name))


def _expanded(name: str, url: str) -> Iterator[str]:
    """Expansions of the braces in a name; the last pair varies fastest."""
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
