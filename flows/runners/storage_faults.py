"""End of a run by a storage fault: at once if nothing can be written, else when storage stays away."""

from flows.console.signals import StopSignals
from flows.runners.block_group import GroupOutcome
from flows.runners.seam import Fault

__all__ = ["StorageFaults"]

_OF_STORAGE = frozenset({Fault.STORAGE, Fault.NO_ACCESS, Fault.UNWRITABLE})

IN_A_ROW = 3
"""Blocks that give up one after the other, all retries spent: the next ones would only cost time."""


class StorageFaults:
    """Watches the outcomes of a runner's blocks and asks for the stop.

    Parameters
    ----------
    stop
        Called with the reason.
    """

    def __init__(self, stop: StopSignals) -> None:
        self._stop = stop
        self._in_a_row = 0

    def take(self, outcome: GroupOutcome) -> None:
        """Look at what became of some blocks."""
        if outcome.reports:
            self._in_a_row = 0
        for failure in outcome.failures:
            self._in_a_row += failure.fault in _OF_STORAGE
            lasting = failure.fault in {Fault.UNWRITABLE, Fault.NO_ACCESS}
            if lasting or (failure.fault is Fault.STORAGE and self._in_a_row >= IN_A_ROW):
                self._stop.fail(f"{failure.stage}, block {failure.block}: {failure.message}")
