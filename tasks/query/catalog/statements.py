"""SQL that makes every table and view of a run in a DuckDB without ilime."""

import re
from collections.abc import Iterable, Iterator

import pyarrow as pa

from tasks.query.part_files import PartFiles
from tasks.query.registry import THRESHOLDS, VIEWS
from tasks.query.view import View
from tasks.run_files.catalog_files import CATALOG_SQL
from tasks.run_files.naming import table_prefix
from tasks.runs.run import Run
from tasks.tables import SCHEMA_VERSION, TABLES, Table
from tasks.tables.comparisons import STORED_COMPARISONS

__all__ = ["catalog_statements", "sql_text", "sql_type"]

_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BLOB",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}

_HTTPFS = """\
-- The tables lie in an object store. DuckDB reads it through its extension httpfs; credentials are given to
-- DuckDB alone (CREATE SECRET), and are not part of this file:
--   INSTALL httpfs; LOAD httpfs; CREATE SECRET (TYPE s3, PROVIDER credential_chain);
"""

_RELATIVE = """\
-- Paths are relative: start DuckDB in the folder of this file and of catalog.duckdb, or say first:
--   SET file_search_path = '/the/folder/of/this/file';
"""


def catalog_statements(run: Run, *, beside: bool) -> str:
    """Views over the Parquet files of a run, and the views in people's words, all with comments.

    Parameters
    ----------
    run
        Finished run.
    beside
        True if the statements lie in the output itself: paths are relative then.

    Returns
    -------
    str
        Text of ``catalog.sql``.
    """
    in_store = run.storage.url.startswith("s3://")
    root = "" if beside and not in_store else f"{run.storage.url}/"
    note = _HTTPFS if in_store else _RELATIVE if beside else ""
    head = (
        f"-- ilime catalog of run {run.run_id}, tables of schema {SCHEMA_VERSION}.\n"
        f"-- In DuckDB's shell: .read {CATALOG_SQL}\n{note}"
    )
    files = PartFiles([run])
    named = {part.table for blocks in run.commits().values() for one in blocks.values() for part in one.parts}
    parts = [head, _thresholds()]
    for table in TABLES.values():
        glob = f"{_literal_path(root)}{table_prefix(table.name, run.run_id).rstrip('/')}/part-*.parquet"
        differ = files.differ(table.name, run.run_id)
        parts.append(_view(table, _table_query(table, glob if table.name in named else "", differ=differ)))
    parts.append(_view(STORED_COMPARISONS, _table_query(STORED_COMPARISONS, "", differ=False)))
    parts += [_view(view, view.sql.strip()) for view in VIEWS.values()]
    return "\n".join(parts)


def sql_type(kind: pa.DataType) -> str:
    """Name of an Arrow type in DuckDB."""
    if isinstance(kind, pa.ListType):
        return f"{sql_type(kind.value_type)}[]"
    if isinstance(kind, pa.MapType):
        return f"MAP({sql_type(kind.key_type)}, {sql_type(kind.item_type)})"
    return _TYPES[kind]


def sql_text(text: str) -> str:
    """Text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _thresholds() -> str:
    lines = [f"--   SET VARIABLE {name} = {default};  -- {what}" for name, what, default in _defaults()]
    return "\n".join(
        ["-- Thresholds of the views and their defaults; set one in a session to change it:", *lines, ""]
    )


def _defaults() -> Iterator[tuple[str, str, str]]:
    for name, meaning in THRESHOLDS.items():
        what, _, default = meaning.rpartition("; ")
        yield name, what, default


def _table_query(table: Table, glob: str, *, differ: bool) -> str:
    """Rows of a table; columns that its files lack, and those of a table without files, are NULL."""
    columns = (f"CAST(NULL AS {sql_type(one.type)}) AS {_name(one.name)}" for one in table.columns)
    nothing = f"SELECT {', '.join(columns)} WHERE false"
    options = "hive_partitioning = false" + ", union_by_name = true" * differ
    files = f"FROM read_parquet({sql_text(glob)}, {options})"
    if not glob:
        return nothing
    return f"{nothing}\nUNION ALL BY NAME {files}" if differ else files


def _view(one: Table | View, query: str) -> str:
    lines = [f"CREATE OR REPLACE VIEW {_name(one.name)} AS\n{query};"]
    lines.append(f"COMMENT ON VIEW {_name(one.name)} IS {sql_text(one.meaning)};")
    lines += _column_comments(one)
    return "\n".join([*lines, ""])


def _column_comments(one: Table | View) -> Iterable[str]:
    for column in one.columns:
        meaning = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        yield f"COMMENT ON COLUMN {_name(one.name)}.{_name(column.name)} IS {sql_text(meaning)};"


def _name(name: str) -> str:
    return f'"{name}"'


def _literal_path(path: str) -> str:
    """Path whose characters mean themselves in a pattern of files."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", path)
