"""How every stage runs a block: adopt what is committed, else compute, write parts, commit the record."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from tasks.run_files.commits import BlockFacts, Commit, Failure, commit_block, read_commit
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import plan_names
from tasks.stages.block_report import BlockReport
from tasks.stages.progress import attempt

__all__ = ["BlockResult", "Encodes", "run_block"]


@dataclass(frozen=True, slots=True)
class Encodes:
    """Rows that went through the towers, those carried over instead, and the time inside the towers.

    ``scores`` counts joint rows that a scorer of pairs has looked at.
    """

    images: int = 0
    texts: int = 0
    images_reused: int = 0
    texts_reused: int = 0
    seconds: float = 0.0
    scores: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class BlockResult:
    """What the body of a stage hands back."""

    tables: Mapping[str, pa.Table | Sequence[pa.Table]]
    encodes: Encodes = field(default_factory=Encodes)
    inputs: tuple[str, ...] = ()
    """Digests of the commits that were read."""
    failures: tuple[Failure, ...] = ()


def run_block(run: OpenRun, stage: str, block: int, body: Callable[[], BlockResult]) -> BlockReport:
    """Run one block of a stage unless its record exists already."""
    existing = read_commit(run.storage, run.run_id, stage, block)
    if existing is not None:
        return _report(existing, adopted=True)
    started = time.perf_counter()
    with attempt() as take_back:
        result = body()
        files = {name: run.file_digest(name) for name in plan_names(stage)}
        facts = _facts(result, time.perf_counter() - started, files)
        commit, ours = commit_block(run.storage, run.run_id, stage, block, result.tables, facts)
        if not ours:
            take_back()  # an adopted block is counted as a whole
    return _report(commit, adopted=not ours)


def _facts(result: BlockResult, seconds: float, files: Mapping[str, str]) -> BlockFacts:
    return BlockFacts(
        image_encodes=result.encodes.images,
        text_encodes=result.encodes.texts,
        image_encodes_reused=result.encodes.images_reused,
        text_encodes_reused=result.encodes.texts_reused,
        seconds=seconds,
        encoder_seconds=float(result.encodes.seconds),
        inputs=result.inputs,
        failures=result.failures,
        scores=result.encodes.scores,
        files=files,
    )


def _report(commit: Commit, *, adopted: bool) -> BlockReport:
    facts = commit.facts
    return BlockReport(
        stage=commit.stage,
        block=commit.block,
        rows=sum(part.rows for part in commit.parts),
        image_encodes=facts.image_encodes,
        text_encodes=facts.text_encodes,
        reused=facts.image_encodes_reused + facts.text_encodes_reused,
        failed=len(facts.failures),
        seconds=facts.seconds,
        encoder_seconds=facts.encoder_seconds,
        adopted=adopted,
        digest=commit.digest,
        scores=facts.scores,
    )
