"""Failed items by name, for the user who started the run."""

from collections.abc import Mapping, Sequence

from ilime_core.printable import printable
from tasks.runs.run import Run

__all__ = ["NAMED", "failure_lines", "failures_of"]

NAMED = 5
"""Failed items that are named; the table has all."""


def failures_of(run: Run) -> list[dict[str, str]]:
    """Rows of the table ``failures``."""
    return run.table("failures", ["item_id", "uri", "reason", "message"]).to_pylist()


def failure_lines(rows: Sequence[Mapping[str, str]], folder: str) -> list[str]:
    """Lines of the first failures, ``photo.jpg: undecodable (...)``, and the number of the others.

    Parameters
    ----------
    rows
        Rows of table ``failures``.
    folder
        Folder of that table, named in the last line.

    Returns
    -------
    list[str]
        One line each; empty without failures.
    """
    lines = [f"failed: {_named(row)}" for row in rows[:NAMED]]
    more = len(rows) - NAMED
    if more > 0:
        lines.append(f"failed: {more:,} more; table failures names all: {printable(folder)}")
    elif rows:
        lines[-1] += f"; table failures: {printable(folder)}"
    return lines


def _named(row: Mapping[str, str]) -> str:
    uri = printable(row["uri"])
    message = printable(" ".join(row["message"].split())).removeprefix(f"{uri}: ")
    return f"{uri}: {row['reason']} ({message})"
