"""``ilime prune``: say what would go, ask, remove."""

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from flows.exit_status import BAD_INPUT, DONE
from tasks.run_files.pruning import remove_run
from tasks.runs.inventory import StoredRun, take_inventory
from tasks.runs.prune_choice import Choice, ChosenRun, choose_runs
from tasks.storage.storage import Storage

__all__ = ["prune"]

WIDE = 160
"""Columns without a terminal: ids in logs are not cut."""


def prune(root: str, choice: Choice, *, yes: bool, force: bool) -> int:
    """Remove the chosen runs of an output, after a question.

    Parameters
    ----------
    root
        Output that holds the runs.
    choice
        Rules that choose runs.
    yes
        Remove without asking.
    force
        Remove also runs that have a reason to stay.

    Returns
    -------
    int
        Exit status; 2 if a named run has to stay, or there is no terminal to ask on.
    """
    storage = Storage(root)
    runs = take_inventory(storage)
    if not runs:
        click.echo(f"no runs below {storage.url}")
        return DONE
    verdicts = choose_runs(runs, choice, datetime.now(UTC))
    going = [one for one in verdicts if force or one.obstacle is None]
    staying = [one for one in verdicts if not force and one.obstacle is not None]
    _show(runs, going)
    for one in staying:
        click.echo(f"{one.run.run_id} stays: {one.obstacle} (--force removes it nevertheless)")
    if any(one.reason == "named" for one in staying):
        click.echo("ilime: nothing is removed, because a run that --run names has to stay", err=True)
        return BAD_INPUT
    if not going:
        click.echo("nothing to remove")
        return DONE
    question = f"remove {_amount(going)} below {storage.url}, for good?"
    if not yes and not _can_answer():
        click.echo(f"ilime: {question} There is no terminal to answer on; --yes removes them", err=True)
        return BAD_INPUT
    if not yes and not click.confirm(question):
        click.echo("nothing is removed")
        return DONE
    for one in going:
        remove_run(storage, one.run.run_id)
        click.echo(f"removed {one.run.run_id}")
    return DONE


def _can_answer() -> bool:
    return sys.stdin.isatty()


def _show(runs: list[StoredRun], going: list[ChosenRun]) -> None:
    """All runs, so that what stays is seen beside what goes."""
    reasons = {one.run.run_id: one.reason for one in going}
    table = Table(box=None)
    for name in ("run", "label", "status", "written", "files", "size", "goes"):
        table.add_column(name, no_wrap=True, justify="right" if name in {"files", "size"} else "left")
    for run in runs:
        table.add_row(
            run.run_id,
            run.label,
            "finished" if run.finished else "unfinished" if run.planned else "remains",
            f"{run.written:%Y-%m-%d %H:%M}",
            f"{run.n_files:,}",
            _size(run.n_bytes),
            reasons.get(run.run_id, ""),
        )
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _amount(going: list[ChosenRun]) -> str:
    n_files = sum(one.run.n_files for one in going)
    what = "1 run" if len(going) == 1 else f"{len(going)} runs"
    return f"{what}, {n_files:,} files, {_size(sum(one.run.n_bytes for one in going))},"


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 2**30:,.1f} GiB" if n_bytes >= 2**30 else f"{n_bytes / 2**20:,.1f} MiB"
