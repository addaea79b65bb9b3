"""All records of a finished run in one file: readers ask for one object instead of one for each block."""

import hashlib
from collections.abc import Iterable

from tasks.commit_records import Commit, commit_bytes, parse_commit
from tasks.damage import DamageError
from tasks.naming import commit_key, run_prefix
from tasks.storage import MissingFileError, Storage, StoredFile

__all__ = ["RECORD_LIST", "listed_lines", "listed_records", "record_list_key", "write_record_list"]

RECORD_LIST = "records.jsonl"


def record_list_key(run_id: str) -> str:
    """Place of the file."""
    return f"{run_prefix(run_id)}/{RECORD_LIST}"


def write_record_list(storage: Storage, run_id: str, commits: Iterable[Commit]) -> str:
    """Write records one a line, each as its own file holds it; the sha256 of the list."""
    data = b"".join(commit_bytes(commit) for commit in commits)
    storage.write(record_list_key(run_id), data)
    return hashlib.sha256(data).hexdigest()


def listed_lines(storage: Storage, run_id: str) -> list[bytes]:
    """The lines of the list; none if there is no list."""
    try:
        return storage.read_bytes(record_list_key(run_id)).splitlines(keepends=True)
    except MissingFileError:
        return []


def listed_records(storage: Storage, run_id: str, files: Iterable[StoredFile]) -> dict[str, Commit]:
    """Records of the list that are among ``files``, by key.

    The files decide: a line of another size than its file is left out, and so is everything in a damaged
    list, whose records can still be read one by one.
    """
    sizes = {file.key: file.size for file in files}
    found: dict[str, Commit] = {}
    for line in listed_lines(storage, run_id):
        try:
            commit = parse_commit(line, record_list_key(run_id), storage.url)
        except DamageError:
            return {}
        key = commit_key(run_id, commit.stage, commit.block)
        if sizes.get(key) == len(line):
            found[key] = commit
    return found
