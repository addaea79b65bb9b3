"""Re-reading a run: parts against their records, records against the plan, ids against their tables."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.commit_records import commit_bytes, parse_commit
from tasks.commits import Commit, Part
from tasks.key_checks import KeyLedger
from tasks.naming import block_of_commit, check_stage, commit_key, commits_prefix, parse_part, table_prefix
from tasks.parts import read_part
from tasks.record_list import listed_lines, record_list_key
from tasks.storage import MissingFileError, Storage, StorageError
from tasks.tables import TABLES

__all__ = ["Problem", "ProblemKind", "verify_run"]


class ProblemKind(StrEnum):
    """What can be wrong with a stored run."""

    DAMAGED_RECORD = "damaged_record"
    DAMAGED_LIST = "damaged_list"
    MISSING_BLOCK = "missing_block"
    MISSING_PART = "missing_part"
    WRONG_SIZE = "wrong_size"
    WRONG_DIGEST = "wrong_digest"
    UNREADABLE = "unreadable"
    WRONG_ROWS = "wrong_rows"
    UNRECORDED_PART = "unrecorded_part"
    DUPLICATE_KEY = "duplicate_key"
    DANGLING_ID = "dangling_id"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    kind: ProblemKind
    key: str
    """File that it was found in."""
    message: str
    """One line: what was got and what was needed."""


def verify_run(
    storage: Storage, run_id: str, expected: Mapping[str, Iterable[int]] | None = None
) -> list[Problem]:
    """Check everything that is stored of a run. Every part is read once, one at a time.

    Parameters
    ----------
    expected
        Blocks that have to be committed, by stage: what the plan and match have fixed. None checks none.

    Returns
    -------
    list of Problem
        Empty if the run is whole.

    Raises
    ------
    StorageError
        If the transport fails: then nothing is known of the run.
    """
    problems: list[Problem] = []
    commits = _readable_records(storage, run_id, problems)
    problems += _record_list(storage, run_id, commits)
    present = {(commit.stage, commit.block) for commit in commits}
    for stage, blocks in (expected or {}).items():
        for block in blocks:
            if (stage, block) not in present:
                message = f"{stage} block {block} is not committed"
                problems.append(Problem(ProblemKind.MISSING_BLOCK, commit_key(run_id, stage, block), message))
    ledger, incomplete = KeyLedger(), _tables_without_blocks(problems)
    for commit in commits:
        for part in commit.parts:
            found = list(_check_part(storage, part, ledger))
            problems += found
            incomplete |= {part.table} if found else set()
    for key, message in ledger.duplicates(storage):
        problems.append(Problem(ProblemKind.DUPLICATE_KEY, key, message))
    for key, message in ledger.dangling(incomplete):
        problems.append(Problem(ProblemKind.DANGLING_ID, key, message))
    return problems + list(_unrecorded(storage, run_id, commits))


def _record_list(storage: Storage, run_id: str, commits: Iterable[Commit]) -> Iterator[Problem]:
    """Lines of the list of records that no record has: readers would believe them."""
    records = {commit_bytes(commit) for commit in commits}
    strange = [number for number, line in enumerate(listed_lines(storage, run_id), 1) if line not in records]
    if strange:
        message = f"line {strange[0]} is no record of the run ({len(strange)} such lines)"
        yield Problem(ProblemKind.DAMAGED_LIST, record_list_key(run_id), message)


def _tables_without_blocks(problems: list[Problem]) -> set[str]:
    """Tables of the stages whose records are missing or damaged."""
    stages = {problem.key.split("/")[-2].partition("-")[0] for problem in problems}
    return {name for name, table in TABLES.items() if table.stage in stages}


def _readable_records(storage: Storage, run_id: str, problems: list[Problem]) -> list[Commit]:
    commits: list[Commit] = []
    for file in storage.list(commits_prefix(run_id)):
        stage, block = file.key.split("/")[-2], block_of_commit(file.key)
        data = storage.read_bytes(file.key)
        try:
            check_stage(stage)
            commit = parse_commit(data, file.key)
        except (StorageError, InputError) as error:
            problems.append(Problem(ProblemKind.DAMAGED_RECORD, file.key, str(error)))
            continue
        if (commit.stage, commit.block) != (stage, block):
            message = f"holds the record of {commit.stage} block {commit.block}"
            problems.append(Problem(ProblemKind.DAMAGED_RECORD, file.key, message))
            continue
        commits.append(commit)
    return commits


def _check_part(storage: Storage, part: Part, ledger: KeyLedger) -> Iterator[Problem]:
    try:
        data = storage.read_bytes(part.key)
    except MissingFileError:
        yield Problem(ProblemKind.MISSING_PART, part.key, "is named by a record and does not exist")
        return
    if len(data) != part.bytes:
        message = f"has {len(data)} bytes; its record says {part.bytes}"
        yield Problem(ProblemKind.WRONG_SIZE, part.key, message)
        return
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != part.sha256:
        message = f"has sha256 {sha256}; its record says {part.sha256}"
        yield Problem(ProblemKind.WRONG_DIGEST, part.key, message)
        return
    try:
        rows = read_part(BytesIO(data), TABLES[part.table])
    except (pa.ArrowException, OSError, InputError) as error:
        yield Problem(ProblemKind.UNREADABLE, part.key, str(error))
        return
    if rows.num_rows != part.rows:
        message = f"has {rows.num_rows} rows; its record says {part.rows}"
        yield Problem(ProblemKind.WRONG_ROWS, part.key, message)
    ledger.add(part, rows)


def _unrecorded(storage: Storage, run_id: str, commits: list[Commit]) -> Iterator[Problem]:
    named = {part.key for commit in commits for part in commit.parts}
    for table in TABLES:
        for file in storage.list(table_prefix(table, run_id)):
            if file.key not in named:
                known = parse_part(file.key)
                what = f"{known.stage} block {known.block}" if known else "no stage"
                yield Problem(ProblemKind.UNRECORDED_PART, file.key, f"of {what} is named by no record")
