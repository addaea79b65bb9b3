"""One block of any stage: return the committed record, else compute, write parts, commit the record."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from tasks.run_files.commits import BlockFacts, Commit, Failure, commit_block
from tasks.run_files.committed import read_commit
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import plan_names
from tasks.stages.block_report import BlockReport
from tasks.stages.progress import attempt
from tasks.tables.counts import Counts

__all__ = ["BlockResult", "run_block"]


@dataclass(frozen=True, slots=True, eq=False)
class BlockResult:
    """Tables, counts and failures that the body of a stage returns."""

    tables: Mapping[str, pa.Table | Sequence[pa.Table]]
    counts: Counts = field(default_factory=Counts)
    """Without what `run_block` adds: failures and seconds."""
    inputs: tuple[str, ...] = ()
    """Digests of the commits that were read."""
    failures: tuple[Failure, ...] = ()


def run_block(run: OpenRun, stage: str, block: int, body: Callable[[], BlockResult]) -> BlockReport:
    """Run one block of a stage unless its record exists already.

    Parameters
    ----------
    run
        Opened plan of the run.
    stage
        Name of its commits.
    block
        Number of the block within its stage.
    body
        Computes the tables; not called where the record exists.

    Returns
    -------
    BlockReport
        Of the commit that won, with the flag ``found_committed`` where another attempt was first.
    """
    existing = read_commit(run.storage, run.run_id, stage, block)
    if existing is not None:
        return _report(existing, found_committed=True)
    started = time.perf_counter()
    with attempt() as take_back:
        result = body()
        files = {name: run.file_digest(name) for name in plan_names(stage)}
        facts = _facts(result, time.perf_counter() - started, files)
        commit, ours = commit_block(run.storage, run.run_id, stage, block, result.tables, facts)
        if not ours:
            take_back()  # the other attempt has counted the block
    return _report(commit, found_committed=not ours)


def _facts(result: BlockResult, seconds: float, files: Mapping[str, str]) -> BlockFacts:
    counts = replace(
        result.counts,
        failed=len(result.failures),
        seconds=seconds,
        encoder_seconds=float(result.counts.encoder_seconds),
    )
    return BlockFacts(counts, result.inputs, result.failures, files)


def _report(commit: Commit, *, found_committed: bool) -> BlockReport:
    rows = sum(part.rows for part in commit.parts)
    return BlockReport(commit.stage, commit.block, rows, commit.facts.counts, found_committed, commit.digest)
