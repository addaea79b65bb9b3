"""Parquet files of a split, recognised by the names of files and folders."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ilime_core.errors import InputError
from tasks.corpora.reading.file_patterns import FoundFiles
from tasks.corpora.reading.listing import ALL_SPLITS, no_split
from tasks.storage.storage import StoredFile

__all__ = ["SplitFiles", "files_of_split", "split_of_name"]

_KNOWN = frozenset(
    {
        *("train", "training", "test", "testing", "validation", "valid", "val", "dev", "eval", "evaluation"),
        *("restval", "minival", "trainval"),
    }
)
_NUMBERED = re.compile(r"(?P<split>.+?)-(?P<number>\d{5})-of-(?P<count>\d{5})(?:-[0-9a-f]+)?")
_BETWEEN = re.compile(r"[-_. ]+")
_COUNTING = re.compile(r"\d*|of|part|shard|chunk|data|partial|(?=.*\d)[0-9a-f]{4,}", re.IGNORECASE)
"""Words of a name that number the files of one set."""
_HIVE = "split="


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """Files that hold the rows of a split."""

    files: list[StoredFile]
    refusal: InputError | None
    """Error to raise if there is no column ``split``; set where no name contains the split."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Split that was found in the name of a file."""

    split: str
    rest: str
    """The name without the split and without numbers: a configuration, or the name of a data set."""


def split_of_name(key: str) -> str | None:
    """Split that the name of a file or of its folders contains; None if there is none, or several."""
    told = _tell(key, "")
    return None if told is None else told.split


def files_of_split(found: FoundFiles, split: str, root: str) -> SplitFiles:
    """Files of a split, in order; all of them for ``all``, or where only a column has the split.

    Parameters
    ----------
    found
        Files by their names below ``root``; all parts of a split are needed where a folder was named.
    split
        As asked.
    root
        Where the files lie; its own name counts where those of the files contain no split.

    Returns
    -------
    SplitFiles
        The files, and the error to raise if no column has the split of their rows either.

    Raises
    ------
    InputError
        If some files are of the split and others do not say, if the split is there twice side by side, or if
        files of it are absent.
    """
    place = f"{root}/{found.folder}" if found.folder else root
    folder = f"{found.folder}/" if found.folder else ""
    asked = "" if split == ALL_SPLITS else split
    told = [_tell(file.key.removeprefix(folder), asked) for file in found.files]
    if not any(told):
        own = _known(place.rstrip("/").rpartition("/")[2].removeprefix(_HIVE), asked)
        told = [_Told(own, "") if own else None] * len(found.files)
    taken = [
        file
        for file, one in zip(found.files, told, strict=True)
        if split == ALL_SPLITS or (one is not None and one.split == split)
    ]
    if not taken:
        return SplitFiles(found.files, _refusal(place, split, told))
    if split != ALL_SPLITS:
        _check_all_told(found.files, told, split, root)
    if found.folder is not None:
        _check_sets(found.files, told, taken, place)
        _check_counts(taken, root)
    return SplitFiles(taken, None)


def _tell(key: str, asked: str) -> _Told | None:
    *folders, name = key.split("/")
    stem = name.removesuffix(".parquet")
    for number, folder in enumerate(folders):
        if folder.startswith(_HIVE):
            return _Told(folder.removeprefix(_HIVE), _joined(folders[:number]))
    numbered = _NUMBERED.fullmatch(stem)
    own = _tell_word(numbered["split"] if numbered else stem, asked, whole=bool(numbered))
    above = [
        (number, told)
        for number, folder in enumerate(folders)
        if (told := _tell_word(folder, asked)) is not None
    ]
    splits = {told.split for _, told in above} | ({own.split} if own else set())
    if len(splits) > 1:
        return None
    if own is not None:
        return _Told(own.split, _joined([*folders, own.rest]))
    if above:
        number, told = above[-1]
        return _Told(told.split, _joined([*folders[:number], told.rest]))
    return _Told(numbered["split"], _joined(folders)) if numbered else None


def _tell_word(name: str, asked: str, *, whole: bool = False) -> _Told | None:
    """The one word of a name that is known as a split, or is the one that was asked for.

    Parameters
    ----------
    whole
        Take the word only where it is the whole name, or follows the last '-'.
    """
    if asked and name.casefold() == asked.casefold():
        return _Told(asked, "")
    if whole:
        before, _, last = name.rpartition("-")
        split = _known(last, asked)
        return None if split is None else _Told(split, before)
    words = _BETWEEN.split(name)
    splits = [(number, split) for number, word in enumerate(words) if (split := _known(word, asked))]
    if len({split for _, split in splits}) != 1:
        return None
    rest = [
        word for number, word in enumerate(words) if number != splits[0][0] and not _COUNTING.fullmatch(word)
    ]
    return _Told(splits[0][1], "-".join(rest))


def _known(word: str, asked: str) -> str | None:
    """Split that a word means; ``val2017`` is ``val`` unless it was asked for."""
    bare = word.casefold().rstrip("0123456789")
    if asked and asked.casefold() in {word.casefold(), bare}:
        return asked
    return bare if bare in _KNOWN else None


def _joined(folders: Sequence[str]) -> str:
    """Folders but those of a partition, like ``lang=en``."""
    return "/".join(folder for folder in folders if folder and "=" not in folder)


def _refusal(place: str, split: str, told: Sequence[_Told | None]) -> InputError:
    counts = Counter(one.split for one in told if one is not None)
    if counts:
        return no_split(place, split, counts, "file")
    return InputError(
        f"{place}: no name of a file or folder says of which split it is, and there is no column 'split', so"
        f" corpus.split {split!r} selects nothing; set corpus.split: all"
    )


def _check_all_told(files: Sequence[StoredFile], told: Sequence[_Told | None], split: str, root: str) -> None:
    untold = [file.key for file, one in zip(files, told, strict=True) if one is None]
    if untold:
        raise InputError(
            f"{root}/{untold[0]}: its name does not say of which split it is ({len(untold)} of {len(files)}"
            f" files), beside files of split {split!r}; name those that you mean in corpus.images, like"
            " data/test-*.parquet, or set corpus.split: all"
        )


def _check_sets(
    files: Sequence[StoredFile], told: Sequence[_Told | None], taken: Sequence[StoredFile], place: str
) -> None:
    """Refuse configurations of one data set, or several sets, that lie side by side."""
    keys = {file.key for file in taken}
    first: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for file, one in zip(files, told, strict=True):
        if one is not None and file.key in keys:
            first[one.split].setdefault(one.rest, file.key)
    for split, sets in first.items():
        if len(sets) > 1:
            shown = " and ".join(list(sets.values())[:3])
            raise InputError(
                f"{place}: split {split!r} is there {len(sets)} times side by side, as {shown}; name the"
                " folder or the files of one in corpus.images"
            )


def _check_counts(files: Sequence[StoredFile], root: str) -> None:
    numbers: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)
    for file in files:
        folder, slash, name = file.key.rpartition("/")
        if match := _NUMBERED.fullmatch(name.removesuffix(".parquet")):
            numbers[folder + slash, match["split"], int(match["count"])].add(int(match["number"]))
    for (folder, split, count), found in numbers.items():
        absent = next((number for number in range(count) if number not in found), None)
        if absent is not None:
            raise InputError(
                f"{root}/{folder}{split}-{absent:05d}-of-{count:05d}.parquet: there is no such file"
                f" ({count - len(found)} of {count} are absent)"
            )
