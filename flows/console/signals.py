"""Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends the process at once."""

import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from flows.exit_status import STOPPED

__all__ = ["StopSignals"]

SHOW_CURSOR = "\x1b[?25h"


class StopSignals:
    """A request to stop, made by a signal or by ``request``.

    Parameters
    ----------
    farewell
        Line for standard error when the process ends without unwinding; it should say how to resume.
    grace_s
        Seconds that running blocks get after the first signal.
    say
        Says that the stop has begun, in a thread; by default to standard error. A terminal with bars gives
        its own, which writes above them.
    """

    def __init__(
        self, farewell: str = "stopped", grace_s: float = 30.0, say: Callable[[str], None] | None = None
    ) -> None:
        self._farewell = farewell
        self._say = say or _say
        self._grace_s = grace_s
        self._requested = threading.Event()
        self._finished = threading.Event()
        self._lock = threading.Lock()
        self._depth = 0
        self._signals = 0
        self._is_planning = False

    @property
    def requested(self) -> bool:
        """True if no new block may start."""
        return self._requested.is_set()

    def request(self) -> None:
        """Ask for the stop from inside the program; there is no deadline then."""
        self._requested.set()

    def wait(self, timeout_s: float) -> bool:
        """Sleep, but not longer than until the request; True if there is one."""
        return self._requested.wait(timeout_s)

    def fail(self, reason: str) -> None:
        """Ask for the stop because nothing more can be done; running blocks get what a signal gives them."""
        with self._lock:
            if self._requested.is_set():
                return
            self._requested.set()
        self._signals += 1  # the next one is the second
        if self._depth:
            threading.Thread(target=self._enforce, args=(reason,), name="ilime-stop", daemon=True).start()

    @contextmanager
    def handling(self) -> Generator[None]:
        """Receive SIGINT and SIGTERM within the block; outside the main thread nothing is installed.

        Blocks nest: handlers that were set in between (a Prefect flow does so) are restored afterwards.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._receive) for number in (signal.SIGINT, signal.SIGTERM)}
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._depth == 0:
                self._finished.set()

    @contextmanager
    def rearmed(self) -> Generator[None]:
        """Install the handlers again where others replaced them; nothing where none were installed."""
        if self._depth == 0:
            yield
            return
        with self.handling():
            yield

    @contextmanager
    def planning(self) -> Generator[None]:
        """Within the block the first signal interrupts at once: no block runs, and a start plans anew."""
        self._is_planning = True
        try:
            yield
        finally:
            self._is_planning = False

    def _receive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        self._signals += 1
        if self._signals > 1:
            self._leave()
        self._requested.set()
        if self._is_planning:
            _say("ilime: stopped while planning; start the same command again")
            raise KeyboardInterrupt
        # A handler may run inside a print: all that writes is done by a thread.
        end = "once more to stop at once"
        threading.Thread(target=self._enforce, args=("", end), name="ilime-stop", daemon=True).start()

    def _enforce(self, reason: str, end: str = "Ctrl-C to stop at once") -> None:
        why = f"ilime: {' '.join(reason.split())}; " if reason else ""
        self._say(f"{why}stopping: no new blocks, running ones get {self._grace_s:.0f} s; {end}")
        if not self._finished.wait(self._grace_s):
            self._leave()

    def _leave(self) -> None:
        """End without unwinding: threads cannot be stopped, and commits are atomic, so nothing is lost."""
        _say((SHOW_CURSOR if os.isatty(2) else "") + self._farewell)
        os._exit(STOPPED)


def _say(line: str) -> None:
    os.write(2, f"{line}\n".encode())
