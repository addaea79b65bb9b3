"""Rows of a table or view in the types of its description, read in ranges of pairs."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from tasks.query.answers import Answer
from tasks.query.catalog.statements import sql_text
from tasks.query.database import Database
from tasks.query.registry import VIEWS
from tasks.tables import TABLES

__all__ = ["chosen_relations", "pair_ranges", "row_batches"]

PAIRS_AT_ONCE = 2000
"""Pairs whose cells a view joins and sorts at once: it bounds the memory, also of a view over all cells."""


def chosen_relations(only: Sequence[str]) -> list[str]:
    """Names of tables and views.

    Parameters
    ----------
    only
        Those that are wanted; none for all.

    Returns
    -------
    list of str
        Tables, then views.

    Raises
    ------
    InputError
        If there is no table or view of a name.
    """
    known = TABLES | VIEWS
    for name in only:
        if name not in known:
            raise InputError(f"no table or view is called {name!r}{did_you_mean(name, known)}")
    return [name for name in known if name in only or not only]


def row_batches(database: Database, name: str) -> Answer:
    """All rows of a table or view.

    Parameters
    ----------
    database
        Database of the run.
    name
        Table or view.

    Returns
    -------
    pyarrow.RecordBatchReader
        In the types of the description; a map is a list of keys and values.
    """
    columns = (TABLES | VIEWS)[name].columns
    schema = pa.schema([(column.name, _plain_type(column.type)) for column in columns])
    selected = ", ".join(
        f'map_entries("{one.name}") AS "{one.name}"' if pa.types.is_map(one.type) else f'"{one.name}"'
        for one in columns
    )
    ranges = pair_ranges(database) if name in VIEWS and "pair_id" in schema.names else ["true"]
    queries = (f'SELECT {selected} FROM "{name}" WHERE {one}' for one in ranges)  # noqa: S608 - names of ours
    return pa.RecordBatchReader.from_batches(schema, _cast(database, queries, schema))


def pair_ranges(database: Database) -> list[str]:
    """Conditions on ``pair_id`` that together hold for every pair, each once."""
    numbered = "SELECT pair_id, row_number() OVER (ORDER BY pair_id) AS n FROM pairs"
    first = f"(n - 1) % {PAIRS_AT_ONCE} = 0"
    found = database.query(f"SELECT pair_id FROM ({numbered}) WHERE {first} ORDER BY n")  # noqa: S608
    starts = [sql_text(str(one)) for one in found.read_all()["pair_id"].to_pylist()]
    ends = [*starts[1:], None]
    return [
        f"pair_id >= {start}" + (f" AND pair_id < {end}" if end else "")
        for start, end in zip(starts, ends, strict=True)
    ]


def _cast(database: Database, queries: Iterator[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for query in queries:
        for batch in database.query(query):
            yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if not pa.types.is_map(kind):
        return kind
    return pa.list_(pa.struct({"key": kind.key_type, "value": kind.item_type}))
