"""Prefect without a server of the user's: one of our own for the time of a command."""

import ipaddress
import os
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from flows.console.log_lines import Line, LogLines
from flows.engine.engine_watch import Silence, server_lost, watched
from flows.engine.execution_home import default_home, keep_template
from flows.engine.local_server import LocalServer
from flows.engine.prefect_profile import named_server
from flows.engine.prefect_settings import prefect_settings
from flows.engine.server_ahead import started_server
from ilime_core.errors import InputError

__all__ = ["QUIET", "prefect_environment"]

QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""Prefect's log lines go to its API alone; settings of the user stay."""

DRAIN_TIMEOUT_S = 10.0


@contextmanager
def prefect_environment(
    home: Path | None, console: Console, ahead: LocalServer | None = None
) -> Generator[str]:
    """Give Prefect a server for the time of the block.

    Where PREFECT_API_URL is set, that server is used as it is. Otherwise one is started on a free local
    port, with a folder and a database of its own below ``home`` and a password that only this process knows;
    it dies with this process, however that ends. Prefect is imported here, while the server starts, unless it
    has been before.

    Parameters
    ----------
    home
        Folder for servers; None for ``ilime/prefect`` in the user's state folder.
    console
        Where the wait is shown.
    ahead
        Server below ``home`` that was started before (`flows.engine.server_ahead`) and ends later.

    Yields
    ------
    str
        URL of the API.

    Raises
    ------
    EngineError
        If the server ends, or is silent for three minutes, instead of starting.
    InputError
        If ``home`` cannot be written to, or the server of PREFECT_API_URL does not answer or refuses access.
    """
    quiet = {name: value for name, value in QUIET.items() if name not in os.environ}
    if given := os.environ.get("PREFECT_API_URL"):
        with prefect_settings(quiet), _reaching(given):
            _reach(given)
            with _looked_after(Silence(f"{given.rstrip('/')}/health", direct=_is_here(given)), console):
                yield given
        return
    home = home or default_home()
    if named := named_server():
        said = f"ilime: Prefect's profile {named[0]} names {named[1]}, which is used only as PREFECT_API_URL"
        LogLines(console).say(Line("profile-ignored", said, "warning"))
    with (
        nullcontext(ahead) if ahead else started_server(home) as server,
        prefect_settings(quiet | _client_settings(server)),
        _reaching(server.url),
    ):
        server.wait(console)
        keep_template(home, server.folder)
        with _without_heartbeat(), _looked_after(server.gone, console):
            try:
                yield server.url
            finally:
                _drain()


@contextmanager
def _reaching(url: str) -> Generator[None]:
    """Clients that use no proxy to a server of this machine, and give a lost one up."""
    from flows.engine.prefect_clients import bounded_clients, direct_clients  # noqa: PLC0415 - Prefect, as above

    with bounded_clients(), direct_clients() if _is_here(url) else nullcontext():
        yield


@contextmanager
def _looked_after(gone: Callable[[], str], console: Console) -> Generator[None]:
    """Say at once that a server is lost: what it would have recorded is the only loss."""
    from flows.engine.prefect_clients import fall_silent  # noqa: PLC0415 - Prefect, as above

    def lose(reason: str) -> None:
        fall_silent()
        said = f"ilime: the Prefect server {reason}; the run goes on without it, and its history ends here"
        LogLines(console).say(Line("server-lost", said, "warning"))

    with watched(gone, lose):
        yield


def _is_here(url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reach(url: str) -> None:
    """Ask the user's server for something that it gives only to who may use it."""
    import httpx  # noqa: PLC0415 - as Prefect, only after its environment is set
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - as above

    place = re.sub(r"//[^/@]*@", "//", url)
    try:
        with get_client(sync_client=True) as client:
            client.request("POST", "/flows/count", json={}).raise_for_status()
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        hint = "set PREFECT_API_AUTH_STRING or PREFECT_API_KEY" if status in {401, 403} else "correct the URL"
        raise InputError(
            f"the Prefect server of PREFECT_API_URL, {place}, answers with status {status}: {hint}"
        ) from error
    except ImportError as error:  # httpx cannot speak to a SOCKS proxy without a further package
        raise InputError(
            f"the proxy in the environment cannot be used to reach PREFECT_API_URL, {place} ({error}): "
            "pip install 'httpx[socks]', or unset ALL_PROXY"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError, ValueError) as error:
        raise InputError(
            f"no Prefect server answers at PREFECT_API_URL, {place}: `prefect server start` it, correct "
            "the URL, or unset it, and ilime starts a server of its own"
        ) from error


def _client_settings(server: LocalServer) -> dict[str, str]:
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1"]))
    return {
        "PREFECT_HOME": str(server.folder),
        "PREFECT_API_URL": server.url,
        "PREFECT_API_AUTH_STRING": server.password,
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


@contextmanager
def _without_heartbeat() -> Generator[None]:
    """Spare the second that Prefect waits for its heartbeat thread: no service looks for dead flows here."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415 - as above

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _drain() -> None:
    """Deliver what Prefect has queued while there is a server to take it."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415 - as above
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 - as above

    if server_lost():
        return
    EventsWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
    APILogWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
