"""A local server that starts while its command imports and plans: each takes seconds of another core."""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from flows.engine.execution_home import default_home, execution_home
from flows.engine.local_server import LocalServer, local_server
from ilime_core.errors import InputError

__all__ = ["server_ahead", "started_server"]


@contextmanager
def started_server(home: Path) -> Generator[LocalServer]:
    """Start a server with a folder of its own; it may not answer yet.

    Parameters
    ----------
    home
        Folder for servers.

    Yields
    ------
    LocalServer
        The server, which ends with the block.

    Raises
    ------
    InputError
        If ``home`` cannot be written to.
    """
    with execution_home(home) as folder, local_server(folder) as server:
        yield server


@contextmanager
def server_ahead(runner: str, home: Path | None = None) -> Generator[LocalServer | None]:
    """Start the server of a command before it knows whether it has anything to compute.

    Parameters
    ----------
    runner
        Name of the spec's runner; inline asks for no server.
    home
        Folder for servers; None for the user's.

    Yields
    ------
    LocalServer or None
        None where none is needed, or it could not be started: whoever needs one starts it then and says why
        it cannot.
    """
    with ExitStack() as stack:
        server = None
        if runner != "inline" and not os.environ.get("PREFECT_API_URL"):
            with suppress(InputError, OSError):
                server = stack.enter_context(started_server(home or default_home()))
        try:
            yield server
        finally:
            if server is not None and not server.awaited:
                server.kill()  # nobody has used it: there is nothing to be brought to an end
