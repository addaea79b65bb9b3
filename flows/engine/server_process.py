"""Prefect's API server as a child that does not outlive the process that started it.

Run as a file, in a session of its own: ``python -P server_process.py PARENT_PID SOCKET``, where SOCKET is the
number of an inherited, bound socket. Prefect's settings come by the environment.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

__all__ = ["die_with", "main"]

LOOK_EVERY_S = 0.5
SHUTDOWN_S = 2


def die_with(parent: int, first: Callable[[], None] = lambda: None) -> None:
    """Kill this process and its group when ``parent`` is gone, which makes another process our parent.

    Parameters
    ----------
    parent
        Process id of the parent.
    first
        Called before the kill.
    """
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    first()
    os.killpg(0, signal.SIGKILL)


def main(parent: int, descriptor: int) -> None:
    """Serve until SIGTERM or until the parent is gone.

    Parameters
    ----------
    parent
        Process id of the parent.
    descriptor
        Of the bound socket.
    """
    threading.Thread(target=die_with, args=(parent,), daemon=True).start()
    import uvicorn  # noqa: PLC0415 - the watch has to run before any slow import
    from prefect.server.api.server import create_app  # noqa: PLC0415 - as above

    config = uvicorn.Config(
        create_app(), log_level="error", lifespan="on", timeout_graceful_shutdown=SHUTDOWN_S
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
