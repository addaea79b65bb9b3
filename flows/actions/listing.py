"""``ilime runs | status | diff``: what lies in an output."""

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from flows.console.progress import duration
from flows.exit_status import DONE, TOO_MANY_FAILED
from tasks.comparison.diff import diff_runs
from tasks.run_files.committed import all_commits
from tasks.run_files.expected_blocks import expected_blocks, sampled_blocks
from tasks.run_files.naming import commits_prefix
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.run import list_runs, open_run
from tasks.tables.counts import Counts

__all__ = ["print_difference", "print_runs", "print_status"]

DIFFERENT = TOO_MANY_FAILED

WIDE = 160
"""Columns where no terminal says how many it has."""


def print_runs(root: str) -> int:
    """List runs, the newest first."""
    runs = list_runs(root)
    if not runs:
        click.echo(f"no runs below {root}")
        return DONE
    table = Table(box=None)
    for name in ("run", "label", "status", "planned", "images", "texts", "pairs", "failed"):
        table.add_column(name, no_wrap=True)
    for run in runs:
        counts = (run.n_images, run.n_texts, run.n_pairs, run.n_failed)
        table.add_row(
            run.run_id,
            run.label,
            run.status.value,
            f"{run.created:%Y-%m-%d %H:%M}",
            *("" if count is None else f"{count:,}" for count in counts),
        )
    _wide_enough().print(table)
    return DONE


def _wide_enough() -> Console:
    """In a pipe an id is never cut, because a program may use it."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def print_status(root: str, selector: str) -> int:
    """Print blocks, encodes and failures by stage.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.

    Returns
    -------
    int
        Exit status, always 0.
    """
    run = open_run(root, selector)
    commits = all_commits(run.storage, run.run_id)
    opened = open_run_plan(run.root, run.run_id)
    click.echo(f"run {run.run_id} {'finished' if run.finished else f'unfinished{_last_block(opened)}'}")
    table = Table("stage", "blocks", "encodes", "reused", "failed", "seconds", box=None)
    expected = expected_blocks(opened)
    finish = {"finish": expected.pop("finish")}
    expected |= sampled_blocks(opened) | finish
    for stage in expected:
        done = commits.get(stage, {})
        counts = sum((commit.facts.counts for commit in done.values()), Counts())
        n_done = len([block for block in expected[stage] if block in done])
        table.add_row(
            stage,
            f"{n_done} of {len(expected[stage])}",
            f"{counts.encodes:,}" if counts.encodes else "",
            f"{counts.reused:,}" if counts.reused else "",
            str(counts.failed or ""),
            f"{counts.seconds:.1f}",
        )
    _wide_enough().print(table)
    return DONE


def _last_block(run: OpenRun) -> str:
    """Time since the last commit: whether anything is at work may be seen from it, and from nothing else."""
    records = run.storage.list(commits_prefix(run.run_id))
    if not records:
        return ", no block is committed yet"
    ago = (datetime.now(UTC) - max(record.modified for record in records)).total_seconds()
    return f", last block committed {duration(max(ago, 0.0))} ago"


def print_difference(root_a: str, a: str, root_b: str, b: str) -> int:
    """Print the verdict and the first differences of two runs.

    Parameters
    ----------
    root_a, root_b
        Outputs that hold the runs.
    a, b
        Selectors of the runs.

    Returns
    -------
    int
        Exit status; 1 if the runs differ.
    """
    report = diff_runs(open_run(root_a, a), open_run(root_b, b))
    for line in report.lines:
        click.echo(line)
    return DONE if report.same else DIFFERENT
