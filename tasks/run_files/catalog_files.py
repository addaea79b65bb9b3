"""Names of the files of a catalog in an output, and their removal with the run that they describe."""

import json

from tasks.storage.storage import MissingFileError, Storage

__all__ = [
    "CATALOG_DATABASE",
    "CATALOG_FILES",
    "CATALOG_SQL",
    "DATA_PACKAGE",
    "DICTIONARY",
    "package_name",
    "remove_catalog",
]

CATALOG_SQL = "catalog.sql"
CATALOG_DATABASE = "catalog.duckdb"
DATA_PACKAGE = "datapackage.json"
DICTIONARY = "_dictionary.parquet"

CATALOG_FILES = (CATALOG_SQL, CATALOG_DATABASE, DICTIONARY, DATA_PACKAGE)
"""They lie beside the folders of the tables, where no reader of a table looks. The last one names the run."""


def package_name(run_id: str) -> str:
    """Name that the data package of a run has in ``datapackage.json``."""
    return f"ilime-{run_id}"


def remove_catalog(storage: Storage, run_id: str) -> int:
    """Remove the catalog of an output if it is that of a run.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Returns
    -------
    int
        Number of files removed; 0 if the catalog is of another run.
    """
    try:
        package = json.loads(storage.read_bytes(DATA_PACKAGE))
    except (MissingFileError, ValueError):
        return 0
    if not isinstance(package, dict) or package.get("name") != package_name(run_id):
        return 0
    for name in CATALOG_FILES:
        storage.delete(name)
    return len(CATALOG_FILES)
