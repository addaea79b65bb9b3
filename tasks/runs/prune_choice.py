"""Choice of the runs to remove from an output, and the reasons that others stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ilime_core.errors import InputError
from ilime_core.near_names import near_ids
from tasks.run_files.pruning import AT_WORK
from tasks.runs.inventory import StoredRun

__all__ = ["ABANDONED", "Choice", "ChosenRun", "choose_runs"]

ABANDONED = timedelta(days=1)
"""Age of the newest file from which on an unfinished run, or files without a plan, count as abandoned."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Request of a user to remove runs."""

    keep: int | None = None
    """Number of finished runs of each label to keep, the newest; None sets no number."""
    older_than: timedelta | None = None
    """Age from which on finished runs are removed; with ``keep``, only those that fulfil both."""
    run_ids: tuple[str, ...] = ()
    """Ids, or unique beginnings of ids."""
    unfinished: bool = False
    """True removes unfinished runs without a new file for a day."""


@dataclass(frozen=True, slots=True)
class ChosenRun:
    """A chosen run, the reason, and the obstacle to its removal, if any."""

    run: StoredRun
    reason: str
    obstacle: str | None


def choose_runs(runs: Sequence[StoredRun], choice: Choice, now: datetime) -> list[ChosenRun]:
    """Choose the runs to remove.

    Remains of a killed removal, and files without a plan that are a day old, are always among them.

    Parameters
    ----------
    runs
        All runs of the output, the newest first.
    choice
        Request of the user.
    now
        Present time, UTC.

    Returns
    -------
    list of ChosenRun
        In the order of ``runs``; those with an obstacle too.

    Raises
    ------
    InputError
        If an id of the choice fits no run, or several.
    """
    reasons = _by_age(runs, choice, now)
    for run in runs:
        if run.marked:
            reasons[run.run_id] = "its removal has begun"
        elif not run.planned and now - run.written > ABANDONED:
            reasons[run.run_id] = "has no plan"
        elif choice.unfinished and not run.finished and now - run.written > ABANDONED:
            reasons[run.run_id] = "unfinished"
    reasons |= {_named(runs, text): "named" for text in choice.run_ids}
    return [
        ChosenRun(run, reasons[run.run_id], _obstacle(run, runs, set(reasons), now))
        for run in runs
        if run.run_id in reasons
    ]


def _by_age(runs: Sequence[StoredRun], choice: Choice, now: datetime) -> dict[str, str]:
    """Finished runs by number and age; the newest of a label are counted from the newest plan down."""
    seen: dict[str, int] = {}
    reasons: dict[str, str] = {}
    if choice.keep is None and choice.older_than is None:
        return reasons
    for run in runs:
        if not run.finished:
            continue
        seen[run.label] = seen.get(run.label, 0) + 1
        is_surplus = choice.keep is None or seen[run.label] > choice.keep
        is_old = choice.older_than is None or now - run.written > choice.older_than
        if is_surplus and is_old:
            reasons[run.run_id] = "old" if choice.keep is None else "more than are kept"
    return reasons


def _named(runs: Sequence[StoredRun], text: str) -> str:
    fitting = [run.run_id for run in runs if text and run.run_id.startswith(text)]
    if len(fitting) != 1:
        near = near_ids(text, (run.run_id for run in runs), len(text))
        what = f"is no run of this output{near}"
        if fitting:
            what = f"fits {', '.join(fitting)}; give more of the id"
        raise InputError(f"--run {text!r} {what}")
    return fitting[0]


def _obstacle(run: StoredRun, runs: Sequence[StoredRun], going: set[str], now: datetime) -> str | None:
    if run.marked:
        return None
    if not run.finished and now - run.written < AT_WORK:
        return f"unfinished and written to at {run.written:%H:%M} UTC: it may be at work"
    readers = [one.run_id for one in runs if run.run_id in one.sources and one.run_id not in going]
    return f"unfinished run {readers[0]} copies rows from it" if readers else None
