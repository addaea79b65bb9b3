"""A folder of its own for each embedded server, so that runs beside each other share no database."""

import fcntl
import os
import secrets
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ilime_core.errors import InputError

__all__ = ["DATABASE", "KEPT", "default_home", "execution_home", "keep_template"]

KEPT = 5
"""Ended executions whose history stays readable."""

DATABASE = "prefect.db"
LOCK = "lock"


def default_home() -> Path:
    """``ilime/prefect`` in the user's state folder (XDG)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "ilime" / "prefect"


@contextmanager
def execution_home(home: Path) -> Generator[Path]:
    """Make a folder for one execution and hold it locked; the oldest ended ones are removed.

    The lock belongs to this process and is free as soon as it is dead, however it died.

    Raises
    ------
    InputError
        If nothing can be written below ``home``.
    """
    try:
        executions = home / "executions"
        executions.mkdir(parents=True, exist_ok=True)
        with _locked(home / LOCK):
            folder = executions / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(3)}"
            folder.mkdir(mode=0o700)
            lock = (folder / LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
            _remove_ended(executions)
        if (template := _template(home)).exists():
            shutil.copyfile(template, folder / DATABASE)
    except OSError as error:
        raise InputError(
            f"the local Prefect server needs a folder that it can write to. Got {home} ({error.strerror}). "
            "Set XDG_STATE_HOME to another place, or runner.name to inline, which needs no server."
        ) from error
    with lock:
        yield folder


def keep_template(home: Path, folder: Path) -> None:
    """Keep the empty database of a server that has just started: making one takes most of a start.

    Parameters
    ----------
    home
        Folder of the template.
    folder
        Folder of the server with its database.
    """
    template = _template(home)
    if template.exists():
        return
    unfinished = folder / "template.db"
    with closing(sqlite3.connect(folder / DATABASE)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    unfinished.replace(template)


def _template(home: Path) -> Path:
    return home / f"empty-{version('prefect')}.db"


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_ended(executions: Path) -> None:
    ended = [folder for folder in sorted(executions.iterdir()) if _has_ended(folder)]
    for folder in ended[: max(len(ended) - KEPT, 0)]:
        shutil.rmtree(folder, ignore_errors=True)


def _has_ended(folder: Path) -> bool:
    with suppress(FileNotFoundError), (folder / LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
