"""One committed block and its failed items in words and counts, for every log."""

from tasks.run_files.commits import Failure
from tasks.run_files.committed import read_commit
from tasks.run_files.plan import open_run_plan
from tasks.stages.block_report import BlockReport

__all__ = ["block_counts", "block_failures", "block_line", "item_name"]


def block_counts(report: BlockReport) -> dict[str, float]:
    """Rows, encodes, reused encodes and failed items of a block, and its seconds."""
    counts = report.counts
    return {
        "rows": report.rows,
        **counts.work,
        "reused": counts.reused,
        "failed": counts.failed,
        "seconds": round(counts.seconds, 3),
    }


def block_line(report: BlockReport) -> str:
    """``score, block 3: committed, 120 image encodes, 2 failed items, 1.2 s``; names no item."""
    counts = report.counts
    named = {
        "rows": report.rows,
        **{name.replace("_", " "): n for name, n in counts.work.items()},
        "encodes reused": counts.reused,
        "items failed": counts.failed,
    }
    parts = [f"{count:,} {name}" for name, count in named.items() if count]
    how = "committed before" if report.found_committed else "committed"
    line = f"{report.stage}, block {report.block}: {', '.join([how, *parts])}"
    return line if report.found_committed else f"{line}, {counts.seconds:.1f} s"


def block_failures(root: str, run_id: str, report: BlockReport) -> tuple[Failure, ...]:
    """Items that failed in a block; its record is read only if there are any.

    Parameters
    ----------
    root, run_id
        Output, and id of the run in it.
    report
        Report of the block.

    Returns
    -------
    tuple[Failure, ...]
        Failures in the order of the record.
    """
    if not report.counts.failed:
        return ()
    storage = open_run_plan(root, run_id).storage
    commit = read_commit(storage, run_id, report.stage, report.block)
    return commit.facts.failures if commit else ()


def item_name(entry: int, item_id: str | None) -> str:
    """``entry 3`` of the manifest, with the item's id where its content could be read.

    Parameters
    ----------
    entry
        Row of the manifest.
    item_id
        Id; None where the content could not be read.

    Returns
    -------
    str
        Text for a log line.
    """
    return f"entry {entry}" + (f", item {item_id}" if item_id else "")
