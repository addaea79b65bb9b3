"""Watch over the Prefect server of a flow: it holds history, and a run goes on without it."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["Silence", "server_lost", "watched"]

EVERY_S = 1.0
SILENT_S = 10.0
"""How long a server may refuse connections before it counts as lost."""
TIMEOUT_S = 60.0
"""How long it may take to answer: a machine at work is slow."""

_lost: list[str] = []


def server_lost() -> str:
    """Reason why the server of this process was lost; empty while it is there."""
    return _lost[0] if _lost else ""


@contextmanager
def watched(gone: Callable[[], str], on_loss: Callable[[str], None]) -> Generator[None]:
    """Watch a server for the time of the block.

    Parameters
    ----------
    gone
        Called every second: returns the reason of the loss, or an empty text.
    on_loss
        Called once with that reason, in a thread of its own.

    Yields
    ------
    None
        Nothing.
    """
    over = threading.Event()
    _lost.clear()

    def look() -> None:
        while not over.wait(EVERY_S):
            if reason := gone():
                _lost.append(reason)
                on_loss(reason)
                return

    thread = threading.Thread(target=look, name="ilime-engine-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


class Silence:
    """Clock of a server's silence.

    Parameters
    ----------
    url
        Its health page.
    direct
        Whether no proxy leads there.
    """

    def __init__(self, url: str, *, direct: bool) -> None:
        self._url = url
        handlers = [urllib.request.ProxyHandler({})] if direct else []
        self._opener = urllib.request.build_opener(*handlers)
        self._heard = time.monotonic()

    def __call__(self) -> str:
        """Nothing while it answers, or may only be slow."""
        try:
            self._opener.open(self._url, timeout=TIMEOUT_S).close()
        except urllib.error.HTTPError as error:
            error.close()  # an answer
        except (OSError, ValueError):
            silent = time.monotonic() - self._heard
            return f"has not answered for {silent:.0f} s" if silent > SILENT_S else ""
        self._heard = time.monotonic()
        return ""
