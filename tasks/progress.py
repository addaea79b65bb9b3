"""How stage bodies say what they have done so far, without knowing who listens."""

from collections.abc import Callable

__all__ = ["Listener", "report", "set_listener"]

Listener = Callable[[str, int, str], None]
"""Called with stage, count and unit, from whichever thread did the work."""


def _nobody(stage: str, n: int, unit: str) -> None:  # noqa: ARG001 - a listener that does not listen
    return


_current: list[Listener] = [_nobody]


def set_listener(listener: Listener | None) -> None:
    """Send every later report of this process to ``listener``; None stops that."""
    _current[0] = listener or _nobody


def report(stage: str, n: int, unit: str) -> None:
    """Say that ``n`` more of ``unit`` (image encodes, text encodes, pairs ...) of a stage are done."""
    _current[0](stage, n, unit)
