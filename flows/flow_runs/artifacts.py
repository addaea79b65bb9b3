"""Artifacts of a flow in the Prefect UI: progress, a summary and a table of failures."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol, cast
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.engine.api import api_is_local

__all__ = [
    "FailedItem",
    "ProgressArtifact",
    "failure_rows",
    "publish_failures",
    "publish_summary",
]

EXAMPLES = 3


class FailedItem(Protocol):
    """Failed item as the table of failures reads it."""

    @property
    def stage(self) -> str:
        """Stage in which it failed."""
        ...

    @property
    def reason(self) -> str:
        """Kind of failure."""
        ...

    @property
    def uri(self) -> str | None:
        """Place of the content; None where it has none."""
        ...


class ProgressArtifact:
    """One artifact of a flow run that counts blocks; the API hears of every ``every`` blocks only.

    Parameters
    ----------
    total
        Blocks of the whole flow.
    every
        Blocks between two updates; None sends about fifty updates in all.
    """

    def __init__(self, total: int, every: int | None = None) -> None:
        self._total = max(total, 1)
        self._every = every or max(total // 50, 1)
        self._done = 0
        made = create_progress_artifact(0.0, key="ilime-progress", description=self._text)
        self._id = cast("UUID", made)  # a coroutine only inside an event loop

    @property
    def _text(self) -> str:
        return f"{self._done} of {self._total} blocks"

    def expect(self, total: int) -> None:
        """Correct the total: how many blocks there are is known only when the pairs are."""
        self._total = max(total, 1)

    def block_done(self) -> None:
        """Count one block."""
        self._done += 1
        if self._done % self._every == 0 or self._done == self._total:
            percent = min(100.0 * self._done / self._total, 100.0)
            update_progress_artifact(self._id, percent, description=self._text)


def publish_summary(markdown: str) -> None:
    """Publish the summary of the run; the caller leaves captions out unless ``api_is_local()``."""
    create_markdown_artifact(markdown, key="ilime-summary", description="What the run found")


def failure_rows(failures: Iterable[FailedItem], *, local: bool) -> list[dict[str, str | int]]:
    """Count failures by stage and reason, most frequent first.

    Parameters
    ----------
    failures
        Failed items.
    local
        Add a few uris; never for an API on another machine.

    Returns
    -------
    list[dict[str, str | int]]
        One row for each stage and reason.
    """
    failures = list(failures)
    counts = Counter((failure.stage, str(failure.reason)) for failure in failures)
    rows: list[dict[str, str | int]] = []
    for (stage, reason), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        row: dict[str, str | int] = {"stage": stage, "reason": reason, "items": n}
        if local:
            uris = [f.uri for f in failures if f.uri and (f.stage, str(f.reason)) == (stage, reason)]
            row["examples"] = ", ".join(uris[:EXAMPLES])
        rows.append(row)
    return rows


def publish_failures(failures: Iterable[FailedItem]) -> None:
    """Publish the table of failures; nothing if there are none."""
    if rows := failure_rows(failures, local=api_is_local()):
        create_table_artifact(rows, key="ilime-failures", description="Items that cannot be explained")
