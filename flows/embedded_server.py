"""Prefect without a server of the user's: one of our own for the time of a command."""

import importlib
import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from flows.execution_home import default_home, execution_home, keep_template
from flows.local_server import LocalServer, local_server
from ilime_core.errors import InputError

__all__ = ["QUIET", "prefect_environment"]

QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""Prefect keeps its lines for its API and tells nobody else; what the user has set stays."""

FOREIGN = ("PREFECT_PROFILE", "PREFECT_API_KEY", "PREFECT_SERVER_API_AUTH_STRING")
"""Variables that speak of another server."""

DRAIN_TIMEOUT_S = 10.0


@contextmanager
def prefect_environment(home: Path | None, console: Console) -> Generator[str]:
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
        with _settings(quiet):
            _reach(given)
            yield given
        return
    home = home or default_home()
    with (
        execution_home(home) as folder,
        local_server(folder) as server,
        _settings(quiet | _client_settings(server)),
    ):
        server.wait(console)
        keep_template(home, folder)
        with _without_heartbeat():
            try:
                yield server.url
            finally:
                _drain()


def _reach(url: str) -> None:
    """Ask the user's server for something that it gives only to who may use it."""
    import httpx  # noqa: PLC0415 - as Prefect, not before its environment stands
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
    except (httpx.HTTPError, RuntimeError, ValueError) as error:
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
def _settings(updates: Mapping[str, str]) -> Generator[None]:
    """Change the environment and what Prefect has read of it; put both back."""
    changed = (*updates, *(FOREIGN if "PREFECT_API_URL" in updates else ()))
    before = {name: os.environ.pop(name, None) for name in changed}
    os.environ.update(updates)
    try:
        _read_settings()
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        _read_settings()


def _read_settings() -> None:
    if "prefect.context" not in sys.modules:
        importlib.import_module("prefect.flow_engine")  # reads the environment as it loads
        return
    from prefect import context  # noqa: PLC0415 - not before the environment stands
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415 - as above

    # Without a present context profiles are looked up where the environment says, not where it said before.
    context.GLOBAL_SETTINGS_CONTEXT = None
    context.refresh_global_settings_context()
    setup_logging()


@contextmanager
def _without_heartbeat() -> Generator[None]:
    """Spare the second that Prefect waits for its heartbeat thread: here nobody looks for dead flows."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415 - as above

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _drain() -> None:
    """Deliver what Prefect has queued while there is a server to take it."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415 - as above
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 - as above

    EventsWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
    APILogWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
