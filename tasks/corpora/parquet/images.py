"""Images in rows of Parquet files: whole row groups are read, the last few are kept."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pyarrow.parquet as pq

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.parquet.columns import column_values
from tasks.corpora.parquet.tables import (
    GROUP_BYTES,
    ImageColumn,
    ImageKind,
    image_column,
    open_table,
)
from tasks.corpora.reading.member_fingerprints import member_fingerprints
from tasks.corpora.reading.stored_images import IMAGE_BYTES, StoredImages
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["KEPT_BYTES", "KEPT_GROUPS", "RowImages"]

KEPT_GROUPS = 2
"""Row groups that are kept whatever their size: stages work side by side."""

KEPT_BYTES = 2**28
"""Bytes of images up to which more row groups are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """Facts of a file from its footer."""

    stored: StoredFile
    footer: pq.FileMetaData
    column: ImageColumn
    ends: tuple[int, ...]
    """Number of the first row after each row group."""


class RowImages:
    """`tasks.corpora.corpus.ImageFiles` in rows of Parquet files, or in files that rows name.

    Parameters
    ----------
    storage
        Root of the files.
    column
        Column of the images.
    known
        Files that have been listed already, by key.
    max_bytes
        Larger images are refused.
    """

    def __init__(
        self,
        storage: Storage,
        column: str,
        known: Mapping[str, StoredFile] | None = None,
        max_bytes: int = IMAGE_BYTES,
    ) -> None:
        self._storage = storage
        self._column = column
        self._known = known or {}
        self._max_bytes = max_bytes
        self._named = StoredImages(storage, max_bytes)
        self._files: dict[str, _File] = {}
        self._groups: OrderedDict[tuple[str, int], list[bytes | None]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def root(self) -> str:
        """URL or path of the root of the files."""
        return self._storage.url

    def read(self, entry: ImageEntry) -> bytes:
        """Bytes of the image of a row; errors as in `tasks.corpora.corpus.ImageFiles`."""
        if entry.member is None:
            return self._named.read(entry)
        with self._lock:  # of threads that want one row group, one reads it
            data = self._value(entry.uri, int(entry.member))
        place = f"{entry.uri} (row {entry.member})"
        if data is None:
            raise FileNotFoundError(f"{self.root}: {place} holds no image")
        if len(data) > self._max_bytes:
            raise ItemError(
                FailureReason.TOO_LARGE, f"{place}: {len(data):,} bytes; at most {self._max_bytes:,} are read"
            )
        return data

    def read_known(self, entry: ImageEntry) -> tuple[bytes, str | None]:
        """Bytes of the image of a row; of a named file with its etag."""
        return self._named.read_known(entry) if entry.member is None else (self.read(entry), None)

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Digests of the file's fingerprint and the row's number; of named files their own."""
        rows = [entry for entry in entries if entry.member is not None]
        named = [entry for entry in entries if entry.member is None]
        of_rows = iter(member_fingerprints(self._storage, rows, self._known) if rows else ())
        of_named = iter(self._named.fingerprints(named) if named else ())
        return [next(of_named) if entry.member is None else next(of_rows) for entry in entries]

    def _value(self, key: str, row: int) -> bytes | None:
        file = self._file(key)
        group = next((number for number, end in enumerate(file.ends) if row < end), None)
        if group is None:
            raise FileNotFoundError(f"{self.root}: {key!r} has {file.footer.num_rows} rows and no row {row}")
        if (key, group) not in self._groups:
            self._groups[key, group] = self._read_group(file, group)
            self._forget()
        self._groups.move_to_end((key, group))
        start = file.ends[group - 1] if group else 0
        return self._groups[key, group][row - start]

    def _file(self, key: str) -> _File:
        if key not in self._files:
            try:
                stored = self._known.get(key) or self._storage.stat(key)
                with open_table(self._storage, stored) as table:
                    column = image_column(table, self._column, f"{self.root}/{key}")
                    footer = table.metadata
            except MissingFileError as error:
                raise FileNotFoundError(str(error)) from error
            sizes = [footer.row_group(number).num_rows for number in range(footer.num_row_groups)]
            self._files[key] = _File(stored, footer, column, tuple(accumulate(sizes)))
        return self._files[key]

    def _read_group(self, file: _File, group: int) -> list[bytes | None]:
        if file.column.kind is ImageKind.PATH:
            return [None] * file.footer.row_group(group).num_rows
        values: list[bytes | None] = []
        n_bytes = 0
        with open_table(self._storage, file.stored, file.footer) as table:
            # Row by row: a dictionary can make a small row group unpack to any size.
            for batch in table.iter_batches(1, row_groups=[group], columns=[file.column.leaf]):
                value = column_values(batch, file.column.leaf).to_pylist()[0]
                values.append(value)
                n_bytes += len(value or b"")
                if n_bytes > GROUP_BYTES:
                    raise InputError(
                        f"{self.root}/{file.stored.key}: row group {group} unpacks to more than"
                        f" {GROUP_BYTES:,} bytes"
                    )
        return values

    def _forget(self) -> None:
        """Drop what was used longest ago."""
        sizes = {name: sum(len(one or b"") for one in group) for name, group in self._groups.items()}
        total = sum(sizes.values())
        while len(self._groups) > KEPT_GROUPS and total > KEPT_BYTES:
            oldest, _ = self._groups.popitem(last=False)
            total -= sizes[oldest]
