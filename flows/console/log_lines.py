"""Log lines of a run on standard error: sentences for people, or one JSON object a line where asked for."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from rich.console import Console

from flows.console.failure_log import debugging
from ilime_core.printable import printable

__all__ = ["FORM", "Level", "Line", "LogLines"]

FORM = "ILIME_LOG"
"""Environment variable: ``json`` for one JSON object a line where standard error is no terminal."""


Level = Literal["info", "warning", "error"]

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Line:
    """One event; fields that are None are omitted from the JSON."""

    event: str
    message: str
    level: Level = "info"
    stage: str | None = None
    block: int | None = None
    item_id: str | None = None
    """None for an item that could not be read: the id is of its content."""
    entry: int | None = None
    """Row of an item in the run's manifest."""
    counts: Mapping[str, float] | None = None
    run_id: str | None = None
    traceback: str | None = None
    """Traceback of the exception; a terminal shows it with --debug."""
    public: str | None = None
    """What of the message may be sent to another machine; None where all of it may."""

    def to_json(self, now: datetime) -> str:
        """One line, in ASCII: a caption must not steer the terminal that shows the log."""
        first = {"time": now.isoformat(timespec="milliseconds"), "level": self.level}
        known = {name: value for name, value in asdict(self).items() if value is not None}
        known.pop("public", None)
        return json.dumps(first | known)


@dataclass(frozen=True, slots=True)
class LogLines:
    """Destination of the log lines of a run.

    Attributes
    ----------
    console
        A terminal gets sentences; anything else gets sentences with the time, or JSON where `FORM` says so,
        unless it is quiet.
    listener
        Hears every line, whatever the console is.
    """

    console: Console
    run_id: str | None = None
    listener: Callable[[Line], None] | None = None

    def of_run(self, run_id: str) -> "LogLines":
        """Lines that name a run."""
        return replace(self, run_id=run_id)

    def heard_by(self, listener: Callable[[Line], None]) -> "LogLines":
        """Lines that are heard elsewhere too."""
        return replace(self, listener=listener)

    def say(self, line: Line) -> None:
        """Say something to people and to programs alike."""
        if self.console.is_terminal:
            for text in (line.message, line.traceback if debugging() else None):
                if text:
                    self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        self.note(line)

    def note(self, line: Line) -> None:
        """Say something that a terminal shows otherwise, or need not show."""
        line = replace(line, run_id=self.run_id)
        if self.listener is not None:
            self.listener(line)
        if self.console.is_terminal or self.console.quiet:
            return
        now = datetime.now(UTC)
        text = line.to_json(now) if os.environ.get(FORM) == "json" else _sentence(line, now)
        with _lock:
            self.console.file.write(f"{text}\n")
            self.console.file.flush()


def _sentence(line: Line, now: datetime) -> str:
    """Time, event, and with --debug the traceback; a caption must not steer the terminal that shows it."""
    where = f"{line.stage}: " if line.event == "progress" and line.stage else ""
    said = f"{now.astimezone():%H:%M:%S} {where}{printable(line.message)}"
    return f"{said}\n{line.traceback}" if line.traceback and debugging() else said
