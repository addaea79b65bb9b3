"""Which Parquet files of a folder are of a split: ``test-00000-of-00003.parquet`` says so by itself."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ilime_core.errors import InputError
from tasks.corpora.listing import ALL_SPLITS, no_split
from tasks.storage import StoredFile

__all__ = ["files_of_split"]

_NAMED = re.compile(
    r"(?P<folder>(?:.*/)?)(?P<split>[^/]+?)-(?P<number>\d{5})-of-(?P<count>\d{5})(?:-[0-9a-f]+)?\.parquet"
)


def files_of_split(files: Sequence[StoredFile], split: str, place: str) -> list[StoredFile]:
    """Files of a split, in order; all of them for ``all``, or where no name tells a split.

    Raises
    ------
    InputError
        If names tell splits but not this one, or files of it are absent.
    """
    named = [(file, _NAMED.fullmatch(file.key)) for file in files]
    splits = Counter(match["split"] for _, match in named if match)
    if splits and split != ALL_SPLITS and split not in splits:
        raise no_split(place, split, splits)
    if not splits or split == ALL_SPLITS:
        taken = list(files)
    else:
        taken = [file for file, match in named if match and match["split"] == split]
    _check_counts(taken, place)
    return taken


def _check_counts(files: Sequence[StoredFile], place: str) -> None:
    numbers: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)
    for file in files:
        if match := _NAMED.fullmatch(file.key):
            numbers[match["folder"], match["split"], int(match["count"])].add(int(match["number"]))
    for (folder, split, count), found in numbers.items():
        absent = next((number for number in range(count) if number not in found), None)
        if absent is not None:
            raise InputError(
                f"{place}/{folder}{split}-{absent:05d}-of-{count:05d}.parquet: there is no such file"
                f" ({count - len(found)} of {count} are absent)"
            )
