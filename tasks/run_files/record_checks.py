"""Damage of a run's commit records: unreadable, stale, unlisted or missing ones."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ilime_core.errors import InputError
from tasks.run_files.commit_records import Commit, commit_bytes, parse_commit
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import block_of_commit, check_stage, commit_key, commits_prefix, plan_key
from tasks.run_files.problems import Problem, ProblemKind
from tasks.run_files.record_list import listed_lines, record_list_key
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StoredFile
from tasks.tables import REPEATED

__all__ = ["check_record_list", "check_records", "missing_blocks", "readable_records"]

_ABSENT = "absent"


def readable_records(storage: Storage, run_id: str, problems: list[Problem]) -> list[Commit]:
    """Read all records of a run, each from its own file.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    problems
        Problems of the records that cannot be read are appended to it.

    Returns
    -------
    list of Commit
        The other records.
    """

    def read(file: StoredFile) -> Commit | Problem:
        try:
            check_stage(file.key.split("/")[-2])
            if block_of_commit(file.key) is None:
                return Problem(ProblemKind.DAMAGED_RECORD, file.key, "has not the name of a record")
            return parse_commit(storage.read_bytes(file.key), file.key, storage.url)
        except DamageError as error:
            return Problem(ProblemKind.DAMAGED_RECORD, file.key, error.reason)
        except InputError as error:
            return Problem(ProblemKind.DAMAGED_RECORD, file.key, str(error))

    found = list(read_many(read, storage.list(commits_prefix(run_id))))
    problems += [one for one in found if isinstance(one, Problem)]
    return [one for one in found if isinstance(one, Commit)]


def check_records(
    storage: Storage, run_id: str, commits: Sequence[Commit], known: Iterable[Problem] = ()
) -> Iterator[Problem]:
    """Find records made from other plan files, or from a block that no record holds any more.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    commits
        All readable records of the run.
    known
        Problems found already: a plan file among them is not reported again for each record.

    Yields
    ------
    Problem
        One for each problem found.
    """
    reported = {problem.key.rpartition("/")[2] for problem in known}
    digests = {commit.digest for commit in commits}
    names = {name for commit in commits for name in commit.facts.files}
    actual = {name: _file_digest(storage, run_id, name) for name in names - reported}
    for name in (name for name, sha256 in actual.items() if sha256 == _ABSENT):
        yield Problem(
            ProblemKind.DAMAGED_PLAN, plan_key(run_id, name), "records name it and it does not exist"
        )
    reported |= {name for name, sha256 in actual.items() if sha256 == _ABSENT}
    for commit in commits:
        key = commit_key(run_id, commit.stage, commit.block)
        named = sorted(commit.facts.files.items())
        strange = [name for name, sha256 in named if name not in reported and actual[name] != sha256]
        if strange:
            message = f"was made under another {strange[0]} than the stored one"
            yield Problem(ProblemKind.STALE_RECORD, key, message)
        elif lost := [digest for digest in commit.facts.inputs if digest not in digests]:
            message = (
                f"was made from a block of digest {lost[0][:12]}, which no record holds ({len(lost)} such)"
            )
            yield Problem(ProblemKind.STALE_RECORD, key, message)


def _file_digest(storage: Storage, run_id: str, name: str) -> str:
    try:
        return hashlib.sha256(storage.read_bytes(plan_key(run_id, name))).hexdigest()
    except MissingFileError:
        return _ABSENT


def check_record_list(storage: Storage, run_id: str, commits: Sequence[Commit]) -> Iterator[Problem]:
    """Compare the record list with the records; that of a finished run has to hold all of them.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    commits
        All readable records of the run.

    Yields
    ------
    Problem
        One for each problem found.
    """
    key = record_list_key(run_id)
    if not storage.exists(key):
        return
    lines = listed_lines(storage, run_id)
    records = {commit_bytes(commit): commit for commit in commits}
    lost = _lost_records(storage, run_id, [line for line in lines if line not in records])
    for name in lost.values():
        message = f"is held by {key} and does not exist"
        yield Problem(ProblemKind.MISSING_BLOCK, name, message)
    strange = [number for number, line in enumerate(lines, 1) if line not in records and line not in lost]
    if strange:
        message = f"line {strange[0]} is no record of the run ({len(strange)} such lines)"
        yield Problem(ProblemKind.DAMAGED_LIST, key, message)
        return
    if ("finish", 0) not in {(commit.stage, commit.block) for commit in commits}:
        return
    known = set(lines)
    omitted = [commit for line, commit in records.items() if commit.run_id and line not in known]
    lacking = [commit for commit in omitted if check_stage(commit.stage) not in {"finish", *REPEATED}]
    if lacking:
        message = f"lacks {lacking[0].stage} block {lacking[0].block} ({len(lacking)} such records)"
        yield Problem(ProblemKind.DAMAGED_LIST, key, message)


def _lost_records(storage: Storage, run_id: str, lines: Iterable[bytes]) -> dict[bytes, str]:
    """Lines that are whole records of the run whose files are gone, with the names of these."""
    lost: dict[bytes, str] = {}
    for line in lines:
        try:
            commit = parse_commit(line, record_list_key(run_id), storage.url)
        except DamageError:
            continue
        name = commit_key(run_id, commit.stage, commit.block)
        if commit.run_id == run_id and not storage.exists(name):
            lost[line] = name
    return lost


def missing_blocks(
    run_id: str, commits: Iterable[Commit], expected: Mapping[str, Iterable[int]]
) -> Iterator[Problem]:
    """Find blocks that have to be committed and are not.

    Parameters
    ----------
    run_id
        Id of the run.
    commits
        All readable records of the run.
    expected
        Needed block numbers by stage.

    Yields
    ------
    Problem
        One for each problem found.
    """
    present = {(commit.stage, commit.block) for commit in commits}
    for stage, blocks in expected.items():
        for block in blocks:
            if (stage, block) not in present:
                message = f"{stage} block {block} is not committed"
                yield Problem(ProblemKind.MISSING_BLOCK, commit_key(run_id, stage, block), message)
