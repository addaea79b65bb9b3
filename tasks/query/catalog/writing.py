"""Catalog of a run written into its output or into another folder."""

import tempfile
from pathlib import Path

import duckdb

from ilime_core.errors import InputError
from tasks.query.catalog.data_package import data_package
from tasks.query.catalog.dictionary import dictionary_bytes
from tasks.query.catalog.statements import catalog_statements, sql_text
from tasks.run_files.catalog_files import (
    CATALOG_DATABASE,
    CATALOG_FILES,
    CATALOG_SQL,
    DATA_PACKAGE,
    DICTIONARY,
)
from tasks.runs.run import Run
from tasks.storage.storage import Storage

__all__ = ["write_catalog"]


def write_catalog(run: Run, folder: Storage, *, force: bool = False) -> list[str]:
    """Write the catalog of a finished run.

    Parameters
    ----------
    run
        Run that is described.
    folder
        Where to; paths are relative if it is the output of the run.
    force
        Replace files of these names.

    Returns
    -------
    list of str
        Names of the files: no database if the tables lie in an object store, and no data package outside of
        the output, because its paths may only lead downward.

    Raises
    ------
    InputError
        If the run is not finished, a file exists, or DuckDB cannot open the tables.
    StorageError
        If records cannot be read or the files cannot be written.
    """
    run.require_finished()
    if not force:
        for name in CATALOG_FILES:
            if folder.exists(name):
                raise InputError(f"{folder.url}/{name} exists: --force replaces it")
    beside = folder.url == run.storage.url
    statements = catalog_statements(run, beside=beside)
    files = {CATALOG_SQL: statements.encode()}
    if not run.storage.url.startswith("s3://"):
        files[CATALOG_DATABASE] = _database_bytes(statements, run.storage.url)
    files[DICTIONARY] = dictionary_bytes()
    if beside:
        files[DATA_PACKAGE] = data_package(run)
    for name, data in files.items():
        folder.write(name, data)
    return list(files)


def _database_bytes(statements: str, root: str) -> bytes:
    """DuckDB file of the views; that it can be made shows that a plain DuckDB opens every table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CATALOG_DATABASE
        try:
            with duckdb.connect(path) as connection:
                connection.execute(f"SET file_search_path = {sql_text(root)}")
                connection.execute(statements)
        except duckdb.Error as error:
            raise InputError(f"DuckDB cannot open the tables: {' '.join(str(error).split())}") from error
        return path.read_bytes()
