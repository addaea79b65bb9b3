"""Record list: all records of a finished run in one file, so that readers need one request."""

from collections.abc import Iterable

from tasks.run_files.commit_records import Commit, commit_bytes, parse_commit
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key, run_prefix
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["listed_lines", "listed_records", "record_list_key", "write_record_list"]


def record_list_key(run_id: str) -> str:
    """Key of the record list."""
    return f"{run_prefix(run_id)}/records.jsonl"


def write_record_list(storage: Storage, run_id: str, commits: Iterable[Commit]) -> None:
    """Write records, one a line, each with the bytes of its own file.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    commits
        Records in the order of the lines.
    """
    storage.write(record_list_key(run_id), b"".join(commit_bytes(commit) for commit in commits))


def listed_lines(storage: Storage, run_id: str) -> list[bytes]:
    """Read the lines of the list.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Returns
    -------
    list of bytes
        Empty if there is no list.
    """
    try:
        return storage.read_bytes(record_list_key(run_id)).splitlines(keepends=True)
    except MissingFileError:
        return []


def listed_records(
    storage: Storage, run_id: str, folder: str, files: Iterable[StoredFile]
) -> dict[str, Commit]:
    """Read the records of a finished run from its list.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    folder, files
        Folder of all records or of one stage's, and the files in it. The files decide: a line of another size
        than its file is omitted, and so is everything in a damaged list, whose records can be read one by
        one.

    Returns
    -------
    dict of str to Commit
        By the key of the record's own file.

    Raises
    ------
    DamageError
        If the list holds a record of the folder whose file is gone.
    """
    sizes = {file.key: file.size for file in files}
    found: dict[str, Commit] = {}
    lost: list[str] = []
    for line in listed_lines(storage, run_id):
        try:
            commit = parse_commit(line, record_list_key(run_id), storage.url)
        except DamageError:
            return {}
        key = commit_key(run_id, commit.stage, commit.block)
        if key not in sizes and key.startswith(f"{folder}/"):
            lost.append(key)
        elif sizes.get(key) == len(line):
            found[key] = commit
    if lost:
        reason = f"{record_list_key(run_id)} holds this record and the file does not exist"
        raise DamageError.of(storage.url, lost[0], reason)
    return found
