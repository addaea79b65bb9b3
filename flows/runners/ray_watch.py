"""Ends what is left of a local Ray cluster when the process that started it is gone.

Ray's own agents wait for a minute then, and the folder is not removed. Run as a file, in a session of its
own: ``python -P ray_watch.py PARENT_PID FOLDER``. Processes of the cluster have FOLDER in their environment.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

__all__ = ["end_all", "main"]

LOOK_EVERY_S = 0.5
LOOK_AGAIN_S = 0.1
LOOKS_AT_MOST = 100


def end_all(folder: str) -> None:
    """Kill every process that was started for the cluster in ``folder``, and remove that.

    Those that were being started meanwhile are found when all are looked for again.
    """
    for _ in range(LOOKS_AT_MOST):
        if not _kill_found(folder):
            break
        time.sleep(LOOK_AGAIN_S)
    shutil.rmtree(folder, ignore_errors=True)


def _kill_found(folder: str) -> int:
    n_killed = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if os.fsencode(folder) in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
                    n_killed += 1
            except OSError:
                continue  # of another user, or gone by now
    return n_killed


def main(parent: int, folder: str) -> None:
    """Wait until the parent is gone.

    Parameters
    ----------
    parent
        Process id of the parent.
    folder
        Folder of the cluster's session, by which its processes are found.
    """
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    end_all(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
