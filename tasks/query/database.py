"""DuckDB over the tables of finished runs: read through our storage, no other file within reach."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from math import isfinite
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import duckdb
import pyarrow as pa

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from tasks.model_comparison.reading import read_comparisons
from tasks.query.part_files import PROTOCOL, PartFiles, glob_of
from tasks.query.registry import RELATIONS, THRESHOLDS, VIEWS
from tasks.runs.run import Run
from tasks.tables import TABLES

__all__ = ["Database"]

_ANSWERED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)

NO_THRESHOLDS: Mapping[str, float] = MappingProxyType({})

_UNKNOWN = re.compile(r"Table with name (\S+) does not exist")

_ROWS = 8192
"""Rows of a batch of an answer."""

_Found = TypeVar("_Found")


class Database:
    """A connection whose plain names are the tables and views of one run; ``all_runs.*`` are tables of all.

    Parameters
    ----------
    run
        Finished run of the plain names.
    others
        Further finished runs of the same output, for ``all_runs``; those of another major version of the
        schema are left out.
    thresholds
        Values of `tasks.query.registry.THRESHOLDS`; those that are absent keep their default.
    comparisons
        Folder or URL that ``ilime compare`` has written to, for ``comparisons`` and ``model_delta``; empty
        for none, and these have no rows.

    Raises
    ------
    InputError
        If the run is not finished or of another version of the schema, there is no such threshold, or its
        value is not finite.
    StorageError
        If records cannot be read.

    Attributes
    ----------
    run_id
        Id of the run of the plain names.
    left_out
        Ids of the runs that ``all_runs`` leaves out, because they have another schema.
    """

    def __init__(
        self,
        run: Run,
        others: Sequence[Run] = (),
        thresholds: Mapping[str, float] = NO_THRESHOLDS,
        comparisons: str = "",
    ) -> None:
        run.require_finished()
        for name, value in thresholds.items():
            if name not in THRESHOLDS:
                hint = did_you_mean(name, THRESHOLDS) or "."
                raise InputError(f"no view reads {name!r}{hint} Known: {', '.join(THRESHOLDS)}.")
            if not isfinite(value):
                raise InputError(f"{name}: got {value}; a threshold is a finite number, like 0.4")
        self.run_id = run.run_id
        self._files = PartFiles([run, *(one for one in others if one.run_id != run.run_id)])
        self.left_out = self._files.leave_out_other_schemas(run.run_id)
        self._worker = ThreadPoolExecutor(1, "ilime-query")
        self._connection = duckdb.connect(":memory:")
        self._connection.register_filesystem(self._files)
        for setting in (
            f"allowed_directories = ['{PROTOCOL}://']",
            "enable_external_access = false",
            "python_enable_replacements = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")
        with self._explained():
            for name in TABLES:
                self._create(name, name, run.run_id)
            self._connection.register("_comparisons", read_comparisons(comparisons))
            self._connection.execute("CREATE TABLE comparisons AS FROM _comparisons")
            for name, value in thresholds.items():
                self._connection.execute(f"SET VARIABLE {name} = {float(value)!r}")
            for view in VIEWS.values():
                self._connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
            if others:
                self._connection.execute("CREATE SCHEMA all_runs")
                for name in TABLES:
                    self._create(f"all_runs.{name}", name, "*")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the connection; answers that were not read to their end are lost."""
        self._worker.shutdown()
        self._connection.close()

    def interrupt(self) -> None:
        """End the query that another thread runs."""
        self._connection.interrupt()

    def query(self, sql: str) -> pa.RecordBatchReader:
        """Answer of one statement, read batch by batch.

        Parameters
        ----------
        sql
            One statement in DuckDB's dialect.

        Returns
        -------
        pyarrow.RecordBatchReader
            Rows of the answer; it reads on while it is iterated. A name that several columns have is
            numbered: a, a_1.

        Raises
        ------
        InputError
            If the SQL is wrong, is more than one statement or has no answer; the message says where.
        StorageError
            If a part is missing, damaged or out of reach.
        """
        with self._explained():
            kinds = [one.type for one in self._connection.extract_statements(sql)]
        if len(kinds) != 1 or kinds[0] not in _ANSWERED:
            raise InputError("tables are read only: give one SELECT, DESCRIBE, SUMMARIZE or EXPLAIN")
        with self._explained():
            reader = self._wait_for(lambda: self._connection.sql(sql).to_arrow_reader(_ROWS))
        names = _distinct(reader.schema.names)
        schema = pa.schema([one.with_name(name) for one, name in zip(reader.schema, names, strict=True)])
        return pa.RecordBatchReader.from_batches(schema, self._batches(reader, schema))

    def _batches(self, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        while True:
            with self._explained():
                try:
                    batch = self._wait_for(reader.read_next_batch)
                except StopIteration:
                    return
            yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)

    def _wait_for(self, work: Callable[[], _Found]) -> _Found:
        """Result of another thread: DuckDB reads no signals, and Ctrl-C has to reach this one meanwhile."""
        future = self._worker.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            while not future.done():
                self._connection.interrupt()
                wait([future], timeout=0.1)
            raise

    @contextmanager
    def _explained(self) -> Generator[None]:
        """What happened to a file, if a file is at fault; else what DuckDB says of the SQL."""
        self._files.forget()
        try:
            yield
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except (duckdb.Error, OSError, pa.ArrowException) as error:
            problem = self._files.problem  # of the callbacks that DuckDB has called meanwhile
            if problem is not None:
                raise problem from error
            unknown = _UNKNOWN.search(str(error))
            if unknown is not None:  # DuckDB would suggest tables of its own
                name = unknown[1]
                raise InputError(
                    f"no table or view is called {name!r}{did_you_mean(name, RELATIONS)}; `ilime query ROOT "
                    "--tables` lists them"
                ) from error
            # An error of a callback is told with its traceback; the last line is what happened.
            lines = str(error).strip().splitlines()
            text = lines[-1] if "Traceback (most recent call last)" in str(error) else " ".join(lines)
            raise InputError(" ".join(text.split())) from error

    def _create(self, name: str, table: str, run_id: str) -> None:
        """Make the view that reads the parts of a table, of one run or of all."""
        # Only parts of an older minor version lack columns, and to find out each part must be opened.
        by_name = f"union_by_name = {self._files.differ(table, run_id)}"
        hive = "hive_partitioning = false"
        if run_id == "*":
            hive = "hive_partitioning = true, hive_types = {'run_id': VARCHAR}"
        files = f"read_parquet('{glob_of(table, run_id)}', {by_name}, {hive})"
        self._connection.execute(f"CREATE VIEW {name} AS FROM {files}")


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of columns, numbered where several have one."""
    found: list[str] = []
    for name in names:
        numbered = (name, *(f"{name}_{number}" for number in range(1, len(names) + 1)))
        found.append(next(one for one in numbered if one not in found and (one == name or one not in names)))
    return found
