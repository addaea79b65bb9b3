"""Repair: drop damaged files of a run and the blocks made from them; the next start computes these again.

Blocks are dropped from the last stage to the first: after a kill at any moment the run is unfinished, and
`tasks.runs.verify`, readers and the start that finishes the run still find the rest of the damage.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tasks.run_files.commits import Commit
from tasks.run_files.match_plan import forget_plans
from tasks.run_files.naming import (
    block_of_commit,
    check_stage,
    commit_key,
    parse_part,
    plan_folder,
    plan_key,
)
from tasks.run_files.part_listing import list_parts
from tasks.run_files.plan_files import PLAN, named_tables, plan_names, read_plan_content
from tasks.run_files.problems import Problem, ProblemKind
from tasks.run_files.pruning import remove_run
from tasks.run_files.record_checks import readable_records
from tasks.run_files.record_list import record_list_key, write_record_list
from tasks.storage.storage import Storage
from tasks.tables import STAGES

__all__ = ["Repair", "repair_run"]

Block = tuple[str, int]

_FINISH: Block = ("finish", 0)

_LOGICAL = {ProblemKind.DUPLICATE_KEY, ProblemKind.DANGLING_ID}


@dataclass(frozen=True, slots=True)
class Repair:
    """Blocks and files that were dropped."""

    blocks: tuple[Block, ...]
    """Stages and blocks whose records and parts are gone."""
    files: tuple[str, ...]
    """Files of the plan that are gone."""
    whole: bool
    """True if the whole run was removed, because its plan was damaged."""
    left: tuple[Problem, ...]
    """Problems that computing again does not solve."""


def repair_run(storage: Storage, run_id: str, problems: Sequence[Problem]) -> Repair:
    """Drop the damage that `tasks.runs.verify.verify_run` has found, and the blocks made from it.

    No process may work on the run. After a kill, the next call goes on.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    problems
        All problems of the run.

    Returns
    -------
    Repair
        Dropped blocks and files, and problems that are left.

    Raises
    ------
    StorageError
        If the transport fails; the next call goes on.
    """
    left = tuple(problem for problem in problems if _stays(problem))
    plans = _plan_files(storage, run_id, problems)
    commits = readable_records(storage, run_id, [])
    if PLAN in plans:
        remove_run(storage, run_id)
        forget_plans()
        return Repair((), tuple(sorted(plans)), whole=True, left=left)
    missing = {_block_of(one.key) for one in problems if one.kind is ProblemKind.MISSING_BLOCK}
    dropped = _with_followers(commits, _damaged_blocks(commits, problems, plans), missing)
    if missing or any(stage != "finish" for stage, _ in dropped):
        dropped.add(_FINISH)
    _drop_records(storage, run_id, dropped)
    for key in [plan_key(run_id, name) for name in sorted(plans)] + _odd_records(problems):
        storage.delete(key)
    if problems:
        kept = [one for one in commits if (one.stage, one.block) not in dropped]
        _mend_list(storage, run_id, kept)
    _drop_parts(storage, run_id, dropped | missing, problems)
    forget_plans()
    return Repair(tuple(sorted(dropped, key=_order)), tuple(sorted(plans)), whole=False, left=left)


def _stays(problem: Problem) -> bool:
    """True if computing again would give the same, or the file is not ilime's."""
    return problem.kind in _LOGICAL or (
        problem.kind is ProblemKind.UNRECORDED_PART and parse_part(problem.key) is None
    )


def _odd_records(problems: Iterable[Problem]) -> list[str]:
    """Files among the records whose names are not those of records."""
    damaged = [one.key for one in problems if one.kind is ProblemKind.DAMAGED_RECORD]
    return [key for key in damaged if not _is_record(key)]


def _plan_files(storage: Storage, run_id: str, problems: Iterable[Problem]) -> set[str]:
    """Damaged files of the plan, and those that name a damaged one: they are made again together."""
    folder = f"{plan_folder(run_id)}/"
    damaged = {one.key.removeprefix(folder) for one in problems if one.kind is ProblemKind.DAMAGED_PLAN}
    names = [file.key.removeprefix(folder) for file in storage.list(folder)]
    for name in (name for name in names if name.endswith(".json") and name not in damaged):
        if damaged & set(named_tables(read_plan_content(storage, run_id, name))):
            damaged.add(name)
    return damaged


def _damaged_blocks(commits: Sequence[Commit], problems: Iterable[Problem], plans: set[str]) -> set[Block]:
    """Blocks of which a record or a part is damaged, and those that worked by a damaged file of the plan."""
    owners = {part.key: (one.stage, one.block) for one in commits for part in one.parts}
    damaged: set[Block] = set()
    for problem in problems:
        if problem.kind in {ProblemKind.DAMAGED_RECORD, ProblemKind.STALE_RECORD}:
            damaged |= {_block_of(problem.key)} if _is_record(problem.key) else set()
        elif problem.key in owners and problem.kind not in _LOGICAL:
            damaged.add(owners[problem.key])
    for one in commits:
        works_by = {*one.facts.files, *plan_names(one.stage)}
        if works_by & plans and (one.stage != "finish" or one.block == 0):
            damaged.add((one.stage, one.block))
    return damaged


def _with_followers(commits: Sequence[Commit], damaged: set[Block], missing: set[Block]) -> set[Block]:
    """The damaged blocks and all that were made from them, by the digests that records name.

    Records of versions that did not name all of them follow from every block of an earlier stage.
    """
    dropped = set(damaged)
    while True:
        kept = [one for one in commits if (one.stage, one.block) not in dropped]
        digests = {one.digest for one in kept}
        gone = [_order(block)[0] for block in (dropped | missing) if block[0] != "finish"]
        earliest = min(gone, default=len(STAGES))
        following = {
            (one.stage, one.block)
            for one in kept
            if not digests.issuperset(one.facts.inputs)
            or (not one.run_id and earliest < _order((one.stage, one.block))[0] and one.stage != "finish")
        }
        if not following:
            return dropped
        dropped |= following


def _order(block: Block) -> tuple[int, str, int]:
    return STAGES.index(check_stage(block[0])), *block


def _block_of(key: str) -> Block:
    """Stage and block of a record by its name."""
    return key.split("/")[-2], block_of_commit(key) or 0


def _is_record(key: str) -> bool:
    stage = key.split("/")[-2]
    return block_of_commit(key) is not None and stage.partition("-")[0] in STAGES


def _drop_records(storage: Storage, run_id: str, dropped: Collection[Block]) -> None:
    """From the last stage to the first: without its last record a run is unfinished."""
    for stage, block in sorted(dropped, key=_order, reverse=True):
        storage.delete(commit_key(run_id, stage, block))


def _mend_list(storage: Storage, run_id: str, kept: Sequence[Commit]) -> None:
    """The list of records follows from the records; an unfinished run has none."""
    if _FINISH in {(one.stage, one.block) for one in kept}:
        write_record_list(storage, run_id, kept)
    else:
        storage.delete(record_list_key(run_id))


def _drop_parts(
    storage: Storage, run_id: str, dropped: Collection[Block], problems: Iterable[Problem]
) -> None:
    """Parts of dropped blocks, and those that no record names; files that ilime did not write stay."""
    unrecorded = {one.key for one in problems if one.kind is ProblemKind.UNRECORDED_PART}
    for key in list_parts(storage, run_id):
        name = parse_part(key)
        if name is not None and ((name.stage, name.block) in dropped or key in unrecorded):
            storage.delete(key)
