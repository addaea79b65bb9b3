"""Verification of a run: plan and parts against digests, records against the plan, ids against tables."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO

import pyarrow as pa

from ilime_core.errors import InternalError
from tasks.run_files.checked_parts import part_problem
from tasks.run_files.commits import Commit, Part
from tasks.run_files.damage import DamageError, mending
from tasks.run_files.naming import parse_part
from tasks.run_files.part_listing import check_sizes, list_parts
from tasks.run_files.parts import read_part
from tasks.run_files.plan_checks import check_plan
from tasks.run_files.problems import Problem, ProblemKind
from tasks.run_files.record_checks import (
    check_record_list,
    check_records,
    missing_blocks,
    readable_records,
)
from tasks.run_files.schema_check import check_schema
from tasks.runs.key_checks import KeyLedger
from tasks.storage.storage import MissingFileError, Storage, StoredFile
from tasks.tables import TABLES

__all__ = ["Problem", "ProblemKind", "check_whole", "verify_run"]

Expected = Mapping[str, Iterable[int]]


def check_whole(storage: Storage, run_id: str, expected: Expected) -> dict[str, StoredFile]:
    """Check a run's plan, records and listings against each other, without reading a part.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    expected
        Block numbers that have to be committed, by stage.

    Returns
    -------
    dict of str to StoredFile
        Files in the run's tables, by key.

    Raises
    ------
    DamageError
        If something is missing, of another size or damaged; the message names the first such file.
    """
    problems: list[Problem] = []
    commits = readable_records(storage, run_id, problems)
    problems += check_plan(storage, run_id)
    problems += check_record_list(storage, run_id, commits)
    problems += _further(problems, missing_blocks(run_id, commits, expected))
    problems += check_records(storage, run_id, commits, problems)
    listed = list_parts(storage, run_id)
    problems += check_sizes(commits, listed)
    if problems:
        first = problems[0]
        others = f" (and {len(problems) - 1} more)" * (len(problems) > 1)
        raise DamageError(
            f"run {run_id} is damaged: {first.key} in {storage.url}: {first.message}{others}; "
            f"{mending(run_id, storage.url)}"
        )
    return listed


def verify_run(storage: Storage, run_id: str, expected: Expected | None = None) -> list[Problem]:
    """Check everything that is stored of a run. Every part is read once, one at a time.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    expected
        Block numbers that have to be committed, by stage, as the plan and match have fixed them. None checks
        none.

    Returns
    -------
    list of Problem
        Empty if the run is whole.

    Raises
    ------
    SchemaError
        If the run was written under another major version of the schema.
    StorageError
        If the transport fails; the run may be whole or damaged.
    """
    problems = list(check_plan(storage, run_id))
    commits = readable_records(storage, run_id, problems)
    check_schema(storage.url, commits)
    problems += check_record_list(storage, run_id, commits)
    problems += check_records(storage, run_id, commits, problems)
    problems += _further(problems, missing_blocks(run_id, commits, expected or {}))
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


def _further(problems: Iterable[Problem], found: Iterable[Problem]) -> list[Problem]:
    """Problems of files without a known problem of the same kind."""
    named = {(problem.kind, problem.key) for problem in problems}
    return [problem for problem in found if (problem.kind, problem.key) not in named]


def _tables_without_blocks(problems: list[Problem]) -> set[str]:
    """Tables of the stages whose records are missing or damaged."""
    stages = {problem.key.split("/")[-2].partition("-")[0] for problem in problems}
    return {name for name, table in TABLES.items() if table.stage in stages}


def _check_part(storage: Storage, part: Part, ledger: KeyLedger) -> Iterator[Problem]:
    try:
        data = storage.read_bytes(part.key)
    except MissingFileError:
        yield Problem(ProblemKind.MISSING_PART, part.key, "is named by a record and does not exist")
        return
    message = part_problem(part, data)
    if message:
        kind = ProblemKind.WRONG_SIZE if len(data) != part.bytes else ProblemKind.WRONG_DIGEST
        yield Problem(kind, part.key, message)
        return
    try:
        rows = read_part(BytesIO(data), TABLES[part.table])
    except (pa.ArrowException, OSError, InternalError) as error:
        yield Problem(ProblemKind.UNREADABLE, part.key, str(error))
        return
    if rows.num_rows != part.rows:
        message = f"has {rows.num_rows} rows; its record says {part.rows}"
        yield Problem(ProblemKind.WRONG_ROWS, part.key, message)
    ledger.add(part, rows)


def _unrecorded(storage: Storage, run_id: str, commits: list[Commit]) -> Iterator[Problem]:
    named = {part.key for commit in commits for part in commit.parts}
    for key in sorted(list_parts(storage, run_id)):
        if key not in named:
            known = parse_part(key)
            what = f"{known.stage} block {known.block}" if known else "no stage"
            yield Problem(ProblemKind.UNRECORDED_PART, key, f"of {what} is named by no record")
