"""Progress reports of stage bodies, independent of what listens to them."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Listener", "attempt", "report_progress", "set_listener"]

Listener = Callable[[str, int, str], None]
"""Callback with stage, count and unit, in the thread that did the work."""


def _nobody(stage: str, n: int, unit: str) -> None:  # noqa: ARG001 - a listener that does not listen
    return


_reported: ContextVar[Counter[tuple[str, str]] | None] = ContextVar("reported", default=None)
"""What the attempt at hand has reported, by stage and unit."""

_current: list[Listener] = [_nobody]


def set_listener(listener: Listener | None) -> None:
    """Send every later report of this process to ``listener``; None stops that."""
    _current[0] = listener or _nobody


def report_progress(stage: str, n: int, unit: str) -> None:
    """Report that ``n`` more of ``unit`` of a stage are done.

    Parameters
    ----------
    stage
        Name of the stage.
    n
        Units done since the last report.
    unit
        Image encodes, text encodes, pairs ...
    """
    counts = _reported.get()
    if counts is not None:
        counts[stage, unit] += n
    _current[0](stage, n, unit)


@contextmanager
def attempt() -> Generator[Callable[[], None]]:
    """Subtract what this thread has reported within the block if the block fails: it is computed again.

    Yields
    ------
    callable
        Takes back what has been reported so far.
    """
    counts: Counter[tuple[str, str]] = Counter()

    def take_back() -> None:
        for (stage, unit), n in counts.items():
            _current[0](stage, -n, unit)
        counts.clear()

    token = _reported.set(counts)
    try:
        yield take_back
    except BaseException:
        take_back()
        raise
    finally:
        _reported.reset(token)
