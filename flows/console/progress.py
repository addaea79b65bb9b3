"""Progress of a run: a bar for each stage, or now and then a line in its log."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from flows.console.log_lines import Line, LogLines
from flows.console.run_clock import RunClock, plain_stage

__all__ = ["RunProgress", "StageProgress", "duration"]

LINE_EVERY_S = 5.0
_WHOLE = ""
"""Key of the line of the whole run."""
_LINE_OF = {"images": "encodes", "texts": "encodes"}


def duration(seconds: float) -> str:
    """``41 s``, ``3:05`` or ``2:03:05``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return (f"{hours}:{minutes:02d}" if hours else f"{minutes}") + f":{whole % 60:02d}"


class StageProgress:
    """Counts of one stage, from any thread; speed comes from what was computed since the line was opened."""

    def __init__(
        self, stage: str, total: int, unit: str, changed: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self.stage = stage
        self.total = total
        self.unit = unit
        self.computed = 0
        self.reused = 0
        self.failed = 0
        self._changed = changed
        self._clock = clock
        self._lock = threading.Lock()
        self._begun = self._last = clock()

    def advance(self, n: int = 1) -> None:
        """Count ``n`` more as done."""
        self._count(computed=n)

    def reuse(self, n: int) -> None:
        """Count ``n`` more as copied from elsewhere."""
        self._count(reused=n)

    def close(self) -> None:
        """End at what was done: images may have fewer segments than asked for, failed items cost nothing."""
        with self._lock:
            self.total = self.done
        self._changed()

    def fail(self, n: int = 1) -> None:
        """Count ``n`` failed items; they are no part of what is done."""
        self._count(failed=n)

    @property
    def begun(self) -> bool:
        """True if anything was counted."""
        return bool(self.done or self.failed)

    @property
    def done(self) -> int:
        """Computed and reused."""
        return self.computed + self.reused

    @property
    def speed(self) -> float | None:
        """Units a second; None before anything was computed."""
        seconds = self._last - self._begun
        return self.computed / seconds if self.computed and seconds > 0 else None

    @property
    def counts(self) -> dict[str, int]:
        """Counts in the stage's unit."""
        return {"done": self.done, "total": self.total, "reused": self.reused, "failed": self.failed}

    def __str__(self) -> str:
        parts = [f"{self.done:,}/{self.total:,} {self.unit}"]
        if self.speed:
            parts.append(f"{self.speed:,.0f}/s" if self.speed >= 10 else f"{self.speed:.1f}/s")
        if self.reused:
            parts.append(f"{self.reused:,} reused")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)

    def _count(self, computed: int = 0, reused: int = 0, failed: int = 0) -> None:
        with self._lock:
            self.computed += computed
            self.reused += reused
            self.failed += failed
            self._last = self._clock()
        self._changed()


class RunProgress:
    """All stages of a run; a context manager.

    Parameters
    ----------
    log
        Bars if its console is a terminal, else a line for a stage every few seconds, and one at its end.
    clock
        Seconds; tests put their own here.
    whole
        Estimates the time to the end of all stages, which then has a line of its own.
    """

    def __init__(
        self,
        log: LogLines,
        clock: Callable[[], float] = time.monotonic,
        whole: RunClock | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._whole = whole
        self._stages: dict[str, StageProgress] = {}
        self._bars: dict[str, TaskID] = {}
        self._printed: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()
        self._live = (
            Progress(
                TextColumn("{task.description:<10}"),
                BarColumn(24),
                TextColumn("{task.fields[line]}"),
                console=log.console,
            )
            if log.console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
            if self._whole:
                self._bars[_WHOLE] = self._live.add_task("run", total=1.0, line=self._to_the_end())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            if error is None and self._whole and not self._whole.left_s:
                self._live.update(self._bars[_WHOLE], completed=1.0, line="done")
            self._live.stop()
            return
        for stage, progress in self._stages.items():
            if progress.begun and self._printed[stage][1] != str(progress):
                self._print(progress)

    def stage(self, stage: str, total: int, unit: str) -> StageProgress:
        """Open the line of a stage as it starts.

        Parameters
        ----------
        stage
            Name of the stage.
        total
            Work of the stage.
        unit
            Unit that is counted: encodes, pairs, items.

        Returns
        -------
        StageProgress
            The line's counter.
        """
        progress = StageProgress(stage, total, unit, lambda: self._show(stage), self._clock)
        self._stages[stage] = progress
        if self._live:
            self._bars[stage] = self._live.add_task(plain_stage(stage), total=total, line=str(progress))
        return progress

    def listen(self, stage: str, n: int, unit: str) -> None:
        """Advance the stage's line: a listener of `tasks.stages.progress`.

        Parameters
        ----------
        stage
            Name of the stage; a stage without a line is ignored.
        n
            Work that was done.
        unit
            Unit of it: images and texts are the encodes of a line; a line that counts pairs ignores them.
        """
        if self._whole:
            self._whole.advance(stage, unit, n)
        line = self._stages.get(stage)
        if line is not None and line.unit == _LINE_OF.get(unit, unit):
            line.advance(n)
        elif line is not None:
            self._show(stage)

    def _to_the_end(self) -> str:
        left = self._whole.left_s if self._whole else None
        return "" if left is None else f"about {duration(left)} to the end of the run"

    def _show(self, stage: str) -> None:
        progress = self._stages[stage]
        if self._live:
            self._live.update(
                self._bars[stage], completed=progress.done, total=progress.total, line=str(progress)
            )
            if self._whole:
                self._live.update(self._bars[_WHOLE], completed=self._whole.share, line=self._to_the_end())
            return
        with self._lock:
            before, _ = self._printed.get(stage, (-LINE_EVERY_S, ""))
            if progress.done >= progress.total or self._clock() - before >= LINE_EVERY_S:
                self._print(progress)

    def _print(self, progress: StageProgress) -> None:
        self._printed[progress.stage] = (self._clock(), str(progress))
        said = ", ".join(part for part in (str(progress), self._to_the_end()) if part)
        self._log.note(Line("progress", said, stage=progress.stage, counts=progress.counts))
