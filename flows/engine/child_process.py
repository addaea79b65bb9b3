"""A command of Prefect as a child that does not outlive the process that started it.

Run in a session of its own: ``python -P -m flows.engine.child_process PARENT_PID ARGUMENTS...`` is ``prefect
ARGUMENTS...``.
"""

import os
import runpy
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from flows.engine.server_process import die_with

__all__ = ["main"]


def main(parent: int, arguments: list[str]) -> None:
    """Run the command; it is killed, with all that it has started, as soon as the parent is gone.

    Parameters
    ----------
    parent
        Process id of the parent.
    arguments
        Arguments of the Prefect command.
    """
    threading.Thread(target=die_with, args=(parent, _kill_descendants), daemon=True).start()
    sys.argv = ["prefect", *arguments]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _kill_descendants() -> None:
    """A worker of Prefect gives each flow run a session of its own, which a signal to ours does not reach."""
    for pid in _descendants(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    """Only where there is a /proc: elsewhere such a flow run ends when it misses its server."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, children.read_text(encoding="ascii").split()):
                found += [child, *_descendants(child)]
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
