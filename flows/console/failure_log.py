"""Log files of failures with their tracebacks, in the user's state folder."""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

__all__ = ["DEBUG_VARIABLE", "KEPT", "append_to_log", "bug_report", "debugging", "log_folder"]

DEBUG_VARIABLE = "ILIME_DEBUG"
"""Environment variable that ``--debug`` sets: a terminal shows tracebacks."""

KEPT = 50
"""Log files that are kept; older ones are removed."""


class JsonLine(Protocol):
    """Something that happened, as JSON."""

    def to_json(self, now: datetime) -> str: ...


def debugging() -> bool:
    """True if tracebacks are printed on the terminal."""
    return bool(os.environ.get(DEBUG_VARIABLE))


def bug_report(log_file: Path | None, named: str = "") -> str:
    """Sentence that reports a bug and where its traceback is.

    Parameters
    ----------
    log_file
        File with the traceback; None if it could not be written.
    named
        Text after "this is a bug", such as the place.

    Returns
    -------
    str
        One line.
    """
    where = f"the traceback is in {log_file}" if log_file else "--debug prints the traceback"
    return f"this is a bug{named}, please report it: {where}"


def log_folder() -> Path:
    """``ilime/log`` in the user's state folder (XDG)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "ilime" / "log"


def append_to_log(name: str, lines: Iterable[JsonLine]) -> Path | None:
    """Append lines to the log file ``name``, which only this user may read.

    Parameters
    ----------
    name
        Name of the file, without its ending; beyond the newest `KEPT` files old ones are removed.
    lines
        Lines to append, one JSON object each.

    Returns
    -------
    Path or None
        The file; None if it cannot be written.
    """
    text = "".join(line.to_json(datetime.now(UTC)) + "\n" for line in lines)
    with suppress(OSError, RuntimeError):  # RuntimeError: there is no home
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.jsonl"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        files = sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime)
        for old in files[:-KEPT]:
            old.unlink(missing_ok=True)
        return path
    return None
