"""Outcome of a start of a run, with what is missing or failed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.runners.seam import BlockFailure
from tasks.run_files.commits import Failure
from tasks.run_files.committed import all_commits
from tasks.run_files.plan import OpenRun
from tasks.spec import ExplainParameters

__all__ = ["FailureCount", "Outcome", "Shortfall", "count_failures", "failed_items", "shortfall_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """End of a start."""

    run: OpenRun
    computed: int
    """Blocks that this start committed."""
    failures: tuple[BlockFailure, ...]
    stopped: bool
    log_file: Path | None = None
    """Where the tracebacks of failed blocks are; None where there are none."""

    @property
    def finished(self) -> bool:
        """True if every block is committed now."""
        return not self.failures and not self.stopped

    @property
    def wrote(self) -> bool:
        """True if this start has completed the tables."""
        return self.finished and self.computed > 0


@dataclass(frozen=True, slots=True)
class FailureCount:
    """Number of items that failed in a stage for one reason."""

    stage: str
    reason: str
    items: int


def count_failures(failures: Iterable[Failure]) -> tuple[FailureCount, ...]:
    """Count failed items by stage and reason, most frequent first."""
    counts = Counter((failure.stage, str(failure.reason)) for failure in failures)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FailureCount(stage, reason, n) for (stage, reason), n in ordered)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Missing blocks and failed items of a start, as counts without captions and uris: safe to publish."""

    n_items: int
    tolerate: float
    """Share of items that may fail."""
    items: tuple[FailureCount, ...] = ()
    blocks: Mapping[str, int] | None = None
    """Blocks that are not committed, by stage."""

    @property
    def n_failed(self) -> int:
        """Failed items."""
        return sum(count.items for count in self.items)

    @property
    def n_missing(self) -> int:
        """Blocks that are not committed."""
        return sum((self.blocks or {}).values())

    @property
    def too_much(self) -> bool:
        """True if blocks are missing, or more items failed than are tolerated."""
        return self.n_missing > 0 or self.n_failed > self.tolerate * self.n_items

    def __str__(self) -> str:
        parts: list[str] = []
        if self.blocks:
            named = ", ".join(f"{stage} {n}" for stage, n in self.blocks.items())
            parts.append(f"{self.n_missing} blocks are not committed ({named})")
        if self.items:
            named = ", ".join(f"{count.stage} {count.reason} {count.items}" for count in self.items)
            parts.append(
                f"{self.n_failed} of {self.n_items} items failed ({named}), tolerated are {self.tolerate:.1%}"
            )
        return "; ".join(parts) or "nothing failed"


def failed_items(outcome: Outcome) -> tuple[Failure, ...]:
    """Entries that planning rejected, and failed items of all blocks committed so far by whichever start."""
    commits = all_commits(outcome.run.storage, outcome.run.run_id)
    blocks = (commit for stage in commits.values() for commit in stage.values())
    return outcome.run.rejected + tuple(failure for commit in blocks for failure in commit.facts.failures)


def shortfall_of(parameters: ExplainParameters, outcome: Outcome, failed: Iterable[Failure]) -> Shortfall:
    """Count the missing blocks and failed items of a start.

    Parameters
    ----------
    parameters
        Spec with the tolerated share of failures.
    outcome
        End of the start.
    failed
        Failed items.

    Returns
    -------
    Shortfall
        The counts.
    """
    return Shortfall(
        n_items=outcome.run.plan.n_entries,
        tolerate=parameters.failures.tolerate,
        items=count_failures(failed),
        blocks=Counter(failure.stage for failure in outcome.failures),
    )
