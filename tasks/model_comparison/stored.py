"""Stored comparisons: one Parquet file for each two runs, apart from the runs."""

from tasks.model_comparison.compare import ModelComparison
from tasks.run_files.parts import part_bytes
from tasks.storage.storage import Storage
from tasks.tables.comparisons import COMPARISONS

__all__ = ["comparison_key", "is_stored", "store_comparison"]


def comparison_key(run_a: str, run_b: str, estimator: str) -> str:
    """Name of the file of a comparison below its output.

    Parameters
    ----------
    run_a, run_b
        Ids of the runs.
    estimator
        Whose explanations were compared.

    Returns
    -------
    str
        Folders name both runs as columns, for readers of all comparisons as one data set.
    """
    return f"{COMPARISONS.name}/run_a={run_a}/run_b={run_b}/{estimator}.parquet"


def store_comparison(found: ModelComparison, out: str) -> str:
    """Write table ``comparisons`` of two runs; one of the same runs and estimator is replaced.

    Parameters
    ----------
    found
        The comparison.
    out
        Folder or URL.

    Returns
    -------
    str
        Place of the file.

    Raises
    ------
    InputError
        If the place is no folder or URL that can be written to.
    StorageError
        If it cannot be written.
    """
    storage = Storage(out)
    key = comparison_key(found.a.run_id, found.b.run_id, found.estimator)
    storage.write(key, part_bytes(found.rows, COMPARISONS))
    return f"{storage.url.rstrip('/')}/{key}"


def is_stored(run_a: str, run_b: str, estimator: str, out: str) -> bool:
    """Look for the file of a comparison.

    Parameters
    ----------
    run_a, run_b, estimator
        As of `comparison_key`.
    out
        Folder or URL.

    Returns
    -------
    bool
        True if these runs have been compared before.
    """
    return Storage(out).exists(comparison_key(run_a, run_b, estimator))
