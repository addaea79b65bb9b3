"""File system of DuckDB: the committed parts of one output, checked against their records, read only."""

import errno
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache
from threading import Lock, local
from typing import Any, BinaryIO

from fsspec.spec import AbstractFileSystem

from ilime_core.errors import IlimeError
from tasks.run_files.checked_parts import open_part
from tasks.run_files.commit_records import Commit, Part
from tasks.run_files.parts import empty_table, part_bytes
from tasks.run_files.schema_check import SchemaError, check_schema
from tasks.runs.run import Run
from tasks.tables import SCHEMA_VERSION, TABLES

__all__ = ["PROTOCOL", "PartFiles", "glob_of"]

PROTOCOL = "ilime"

_EMPTY = "columns.parquet"
"""Part without rows that stands before all others of a table: it gives the columns and their types."""


def glob_of(table: str, run_id: str = "*") -> str:
    """Pattern of all files of a table.

    Parameters
    ----------
    table
        Name of the table.
    run_id
        Run, or ``*`` for all.

    Returns
    -------
    str
        As `PartFiles.glob` takes it.
    """
    return f"{PROTOCOL}://{table}/run_id={run_id}/*.parquet"


class PartFiles(AbstractFileSystem):
    """Parts as ``ilime://<table>/run_id=<id>/<number>.parquet``; nothing else can be named.

    Parameters
    ----------
    runs
        Finished runs of one output.

    Attributes
    ----------
    problem
        The error that ended the last read, which DuckDB reports as text alone.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, runs: Sequence[Run]) -> None:
        super().__init__()
        self.problem: IlimeError | None = None
        self._runs = {run.run_id: run for run in runs}
        self._commits = cache(self._read_commits)

    def glob(self, path: str, maxdepth: int | None = None, **_: Any) -> list[str]:  # noqa: ARG002 - as the base
        """Files that fit a pattern of `glob_of`.

        Parameters
        ----------
        path
            The pattern.
        maxdepth
            Ignored: all files lie in folders of one depth.

        Returns
        -------
        list of str
            By run; the file with the columns stands before the parts.
        """
        table, run_pattern, name = _split(path)
        found = []
        for run_id in self._runs:
            if fnmatch(f"run_id={run_id}", run_pattern):
                names = [_EMPTY, *(f"part-{n:06d}.parquet" for n in range(len(self._parts(run_id, table))))]
                found += [f"{table}/run_id={run_id}/{one}" for one in names if fnmatch(one, name)]
        return found

    def leave_out_other_schemas(self, but: str) -> list[str]:
        """Leave out runs of another major version of the schema.

        Parameters
        ----------
        but
            Run that stays, whatever its version.

        Returns
        -------
        list of str
            Ids of the runs that are left out.
        """
        found: list[str] = []
        for run_id in self._runs.keys() - {but}:
            try:
                self._commits(run_id)
            except SchemaError:
                found.append(run_id)
        for run_id in found:
            del self._runs[run_id]
        return sorted(found)

    def forget(self) -> None:
        """Start without a problem."""
        self.problem = None

    def differ(self, table: str, run_id: str) -> bool:
        """Look for parts of another minor version of the schema.

        Parameters
        ----------
        table
            Name of the table.
        run_id
            Run, or ``*`` for all.

        Returns
        -------
        bool
            True if there is one: it may lack columns.
        """
        runs = self._runs if run_id == "*" else [run_id]
        commits = (commit for one in runs for commit in self._commits(one))
        return any(
            commit.versions.get("tables", SCHEMA_VERSION) != SCHEMA_VERSION
            for commit in commits
            if any(part.table == table for part in commit.parts)
        )

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Name, size and kind of a file."""
        part = self._part(path)
        size = len(_without_rows(_split(path)[0])) if part is None else part.bytes
        return {"name": self._strip_protocol(path), "size": size, "type": "file"}

    def modified(self, path: str) -> datetime:  # noqa: ARG002 - a part is written once
        """Always the same time: parts never change, and what DuckDB has read of one stays true."""
        return datetime(1970, 1, 1, tzinfo=UTC)

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.IOBase:  # pyright: ignore[reportIncompatibleMethodOverride] - a stream is all that DuckDB reads
        if mode != "rb":
            raise OSError(errno.EROFS, "the tables of a run are read only", path)
        part = self._part(path)
        if part is None:
            return _SharedStream(self, io.BytesIO(_without_rows(_split(path)[0])))
        run = self._runs[_split(path)[1].removeprefix("run_id=")]
        try:
            return _SharedStream(self, open_part(run.storage, part))
        except IlimeError as problem:
            self.problem = problem
            raise

    def _part(self, path: str) -> Part | None:
        """Record of a file; None for the one with the columns."""
        table, folder, name = _split(path)
        parts = self._parts(folder.removeprefix("run_id="), table)
        return None if name == _EMPTY else parts[int(name[len("part-") : -len(".parquet")])]

    def _parts(self, run_id: str, table: str) -> list[Part]:
        if table not in TABLES or run_id not in self._runs:
            raise FileNotFoundError(errno.ENOENT, "no such table or run", f"{table}/{run_id}")
        return [part for commit in self._commits(run_id) for part in commit.parts if part.table == table]

    def _read_commits(self, run_id: str) -> list[Commit]:
        commits = [one for blocks in self._runs[run_id].commits().values() for one in blocks.values()]
        check_schema(self._runs[run_id].root, commits)
        return commits


class _SharedStream(io.RawIOBase):
    """A stream in which each thread has a position of its own.

    DuckDB's threads share a file, and seek and read of one may come between those of another. Errors are left
    with the file system.
    """

    def __init__(self, files: PartFiles, stream: BinaryIO) -> None:
        super().__init__()
        self._files = files
        self._stream = stream
        self._lock = Lock()
        self._own = local()

    def readable(self) -> bool:
        """True, always."""
        return True

    def seekable(self) -> bool:
        """True, always."""
        return True

    def tell(self) -> int:
        """Position of this thread."""
        return getattr(self._own, "position", 0)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move the position of this thread.

        Parameters
        ----------
        offset, whence
            As of every stream.

        Returns
        -------
        int
            The new position.
        """
        if whence == io.SEEK_CUR:
            offset += self.tell()
        elif whence == io.SEEK_END:
            with self._lock:
                offset = self._stream.seek(offset, io.SEEK_END)
        self._own.position = offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        """Bytes from the position of this thread on."""
        try:
            with self._lock:
                self._stream.seek(self.tell())
                data = self._stream.read(size)
        except IlimeError as problem:
            self._files.problem = problem
            raise
        self._own.position = self.tell() + len(data)
        return data

    def close(self) -> None:
        """Close the stream for all threads."""
        self._stream.close()
        super().close()


def _split(path: str) -> tuple[str, str, str]:
    names = path.removeprefix(f"{PROTOCOL}://").split("/")
    if len(names) != 3:
        raise FileNotFoundError(errno.ENOENT, "no such file", path)
    return names[0], names[1], names[2]


@cache
def _without_rows(table: str) -> bytes:
    return part_bytes(empty_table(TABLES[table]), TABLES[table])
