"""Export as CSV: a file for each table and view, safe to open in a spreadsheet."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.query.answers import Answer, write_answer
from tasks.query.database import Database
from tasks.query.exports.files import new_file, refuse_existing
from tasks.query.exports.rows import chosen_relations, row_batches

__all__ = ["export_csv", "without_formulas"]

_FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that spreadsheets take for a formula."""


def export_csv(
    database: Database, folder: Path, only: Sequence[str] = (), *, force: bool = False
) -> Iterator[Path]:
    """Write tables and views, one after another.

    Parameters
    ----------
    database
        Database of the run.
    folder
        Folder of the files.
    only
        Tables and views that are wanted; none for all.
    force
        Replace files that exist.

    Yields
    ------
    Path
        A file that has been written.

    Raises
    ------
    InputError
        If a name is unknown, or a file exists or cannot be written.
    """
    names = chosen_relations(only)
    paths = [folder / f"{name}.csv" for name in names]
    refuse_existing(paths, force=force)
    for name, path in zip(names, paths, strict=True):
        with new_file(path) as stream:
            write_answer(without_formulas(row_batches(database, name)), "csv", stream)
        yield path


def without_formulas(answer: Answer) -> Answer:
    """Rows whose texts no spreadsheet takes for a formula.

    Parameters
    ----------
    answer
        Rows; captions and names of files in them are not trusted.

    Returns
    -------
    pyarrow.RecordBatchReader
        The same rows; a text that begins with ``= + - @``, a tab or a carriage return has an apostrophe
        before it. Numbers stay as they are.
    """
    return pa.RecordBatchReader.from_batches(answer.schema, map(_marked, answer))


def _marked(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        _marked_texts(column) if pa.types.is_string(column.type) else column for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _marked_texts(column: pa.Array) -> pa.Array:
    marked = pc.binary_join_element_wise("'", column, "")
    return pc.if_else(pc.match_substring_regex(column, _FORMULA), marked, column)
