"""Failed blocks as log lines, and their tracebacks in the log file of the run."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from flows.console.failure_log import append_to_log, debugging
from flows.console.log_lines import Line
from flows.runners.seam import BlockFailure, Fault

__all__ = ["block_failure_lines", "keep_failures"]


def block_failure_lines(failures: Iterable[BlockFailure]) -> Iterator[Line]:
    """A line for each failed block; blocks of one stage that fail alike share a line and a traceback.

    Bad input has a traceback only with ``--debug``: its message says what to do.
    """
    alike: dict[tuple[str, str], list[BlockFailure]] = {}
    for failure in failures:
        alike.setdefault((failure.stage, " ".join(failure.message.split())), []).append(failure)
    for (stage, message), group in alike.items():
        first = group[0]
        named = f"{stage}, block {first.block}" + (f" and {len(group) - 1} more" if len(group) > 1 else "")
        trace = first.traceback if first.fault is not Fault.INPUT or debugging() else ""
        yield Line(
            "block-failed",
            f"ilime: {named}: {message}",
            "error",
            stage,
            first.block,
            traceback=trace or None,
        )


def keep_failures(run_id: str, failures: Iterable[BlockFailure]) -> Path | None:
    """Append the lines of failed blocks to the log file of their run.

    Parameters
    ----------
    run_id
        Id of the run, which names the file.
    failures
        Failed blocks; those without a traceback add no line.

    Returns
    -------
    Path or None
        The log file; None if no block has a traceback, or nothing could be written.
    """
    lines = [line for line in block_failure_lines(failures) if line.traceback]
    return append_to_log(run_id, lines) if lines else None
