"""``ilime verify``: list the damage of a run, and drop it so that it is computed again."""

import click

from flows.exit_status import DONE, TOO_MANY_FAILED
from tasks.run_files.committed import all_commits
from tasks.run_files.damage import mending
from tasks.run_files.expected_blocks import known_blocks
from tasks.runs.repair import Repair, repair_run
from tasks.runs.run import find_run
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage

__all__ = ["verify"]

DAMAGED = TOO_MANY_FAILED


def verify(root: str, selector: str, *, repair: bool) -> int:
    """Print each problem of a run in one line and, on request, repair it.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.
    repair
        Drop the damaged blocks, so that they are computed again.

    Returns
    -------
    int
        Exit status; 1 if a problem remains.
    """
    storage = Storage(root)
    run_id = find_run(root, selector)
    problems = verify_run(storage, run_id, known_blocks(storage.url, run_id))
    for problem in problems:
        click.echo(f"{problem.kind.value}: {problem.key}: {problem.message}")
    if not problems:
        parts = [one.parts for stage in all_commits(storage, run_id).values() for one in stage.values()]
        click.echo(f"run {run_id}: all {sum(map(len, parts))} parts are as their records say")
        return DONE
    click.echo(f"{len(problems)} problems in run {run_id}")
    if not repair:
        click.echo(mending(run_id, storage.url))
        return DAMAGED
    done = repair_run(storage, run_id, problems)
    for line in _lines(run_id, done):
        click.echo(line)
    return DAMAGED if done.left else DONE


def _lines(run_id: str, done: Repair) -> list[str]:
    if done.whole:
        lines = [f"removed run {run_id}: all of it follows from its plan, which is damaged"]
    else:
        lines = [f"dropped {stage}, block {block}" for stage, block in done.blocks]
        lines += [f"dropped {name} of the plan" for name in done.files]
    lines += [f"stays: {one.key}: computing it again would not mend it" for one in done.left]
    again = "the next start of the same command computes again what was dropped"
    return [*lines, again] if done.whole or done.blocks else [*lines, f"run {run_id} is whole again"]
