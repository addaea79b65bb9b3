"""The process of the embedded server: started, awaited, stopped."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from flows.console.log_lines import Line, LogLines
from flows.engine.execution_home import DATABASE
from ilime_core.errors import IlimeError

__all__ = ["EngineError", "LocalServer", "local_server"]

SETTINGS = {
    "PREFECT_UI_ENABLED": "false",
    "PREFECT__SERVER_EPHEMERAL": "1",  # only the services that a flow needs
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    # One row a transaction, the default, falls minutes behind a flow of small tasks.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}

PROGRAM = Path(__file__).with_name("server_process.py")
LOG = "server.log"
_ROOM = 2**24
"""Bytes that a server needs for its database."""

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 10.0


class EngineError(IlimeError):
    """The local Prefect server does not work."""


@dataclass(slots=True)
class LocalServer:
    """A server that has been started and may not answer yet."""

    url: str
    password: str
    folder: Path
    process: "subprocess.Popen[bytes]"
    awaited: bool = False
    """Whether anyone has waited for its answer, and may have used it."""

    def wait(self, console: Console, timeout_s: float = START_TIMEOUT_S) -> None:
        """Show progress until the server answers.

        Parameters
        ----------
        console
            Shows the progress.
        timeout_s
            Longest wait, in seconds.

        Raises
        ------
        EngineError
            If it ends, or is silent for ``timeout_s``, instead.
        """
        self.awaited = True
        start = time.monotonic()
        what = "starting a local Prefect server"
        log = LogLines(console)
        log.note(Line("server", f"{what} ..."))
        with console.status(what) as status:
            while not self._answers():
                seconds = time.monotonic() - start
                if self.process.poll() is not None:
                    raise self._error(f"ended with status {self.process.returncode}")
                if seconds > timeout_s:
                    raise self._error(f"has not answered for {timeout_s:.0f} s")
                status.update(f"{what}: {seconds:.0f} s (about 3 s; 10 to 30 s the first time)")
                time.sleep(0.1)
        log.say(Line("server", f"local Prefect server up after {time.monotonic() - start:.1f} s"))

    def gone(self) -> str:
        """Manner in which it has ended; empty while it is there."""
        status = self.process.poll()
        if status is None:
            return ""
        return f"was killed by signal {-status}" if status < 0 else f"has ended with status {status}"

    def stop(self) -> None:
        """End the server and whatever it has started."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """End the server and whatever it has started at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        # No proxy of the user's leads to this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.url}/health", timeout=5) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _error(self, what: str) -> EngineError:
        log = self.folder / LOG
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        room = shutil.disk_usage(self.folder).free
        full = f"Its disk is full: {room / 2**20:.1f} MiB are free. " if room < _ROOM else ""
        said = " ".join(last) or "no output"
        return EngineError(
            f"the local Prefect server {what} ({said}). {full}Its log is {log}. "
            "Set PREFECT_API_URL to use another server, or runner.name to inline, which needs none."
        )


@contextmanager
def local_server(folder: Path) -> Generator[LocalServer]:
    """Start a server on a free port of this machine, with its database in ``folder``; stop it at the end.

    It runs in a session of its own, so that Ctrl-C does not reach it before the flow is done with it, and
    kills itself when this process is gone.
    """
    password = f"ilime:{secrets.token_hex(16)}"
    with socket.socket() as bound:
        # The child inherits the bound socket: no other process can take the port in between.
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program and our own arguments
                [sys.executable, "-P", str(PROGRAM), str(os.getpid()), str(bound.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,  # a prefect.toml in the user's folder is not for this server
                env=_environment(folder, password),
                pass_fds=[bound.fileno()],
                start_new_session=True,
            )
    server = LocalServer(f"http://127.0.0.1:{port}/api", password, folder, process)
    try:
        yield server
    finally:
        server.stop()


def _environment(folder: Path, password: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return (
        mine
        | SETTINGS
        | {
            "DO_NOT_TRACK": "1",
            "PREFECT_HOME": str(folder),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / DATABASE}",
            "PREFECT_SERVER_API_AUTH_STRING": password,
        }
    )
