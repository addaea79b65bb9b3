"""Generated corpora laid out below a folder: whole files, and only those that are not there yet."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ilime_core.errors import InputError
from tasks.storage.storage import Storage, StorageError

__all__ = ["Json", "document", "lay_out"]

Json = Mapping[str, object]


def lay_out(folder: Path, files: Iterable[tuple[str, bytes]], what: str) -> None:
    """Write files by key, each whole or not at all, in the order given; what is there and right is left.

    Parameters
    ----------
    folder
        Made if absent.
    files
        Keys below the folder, and contents.
    what
        Name of the corpus in the complaint.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    storage = Storage(str(folder))
    try:
        for key, data in files:
            if not storage.exists(key) or storage.read_bytes(key) != data:
                storage.write(key, data)
    except StorageError as error:
        raise InputError(f"cannot lay the {what} out: {error}; choose another folder") from error


def document(dataset: str, name: str, rows: Sequence[Json]) -> bytes:
    """JSON document with a row on each line, so that people can read it.

    Parameters
    ----------
    dataset
        Value of its member ``dataset``.
    name
        Name of the member that holds the rows.
    rows
        JSON objects, one a line.

    Returns
    -------
    bytes
        UTF-8 text.
    """
    body = ",\n".join(json.dumps(row) for row in rows)
    return f'{{"dataset": "{dataset}", "{name}": [\n{body}\n]}}\n'.encode()
