"""A command of Prefect as a child that does not outlive the process that started it.

Run in a session of its own: ``python -P -m flows.child_process PARENT_PID ARGUMENTS...`` is ``prefect
ARGUMENTS...``.
"""

import runpy
import sys
import threading

from flows.server_process import die_with

__all__ = ["main"]


def main(parent: int, arguments: list[str]) -> None:
    """Run the command; it is killed, with its children, as soon as the parent is gone."""
    threading.Thread(target=die_with, args=(parent,), daemon=True).start()
    sys.argv = ["prefect", *arguments]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
