"""One estimate of the time to the end of a run, from what its work has taken so far."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

__all__ = ["RunClock", "plain_stage"]

_BEFORE_TIMED = MappingProxyType({"images": 1.0, "texts": 1 / 7, "segment": 1.0, "fit": 1 / 10})
"""Cost of a kind of work in encodes of an image, until it is timed: about what has been measured on a CPU.
Work of other kinds has no cost before it is timed."""
_ENOUGH_S, _ENOUGH_REPORTS = 3.0, 3
"""Timed seconds before there is an estimate, and timed reports before a kind of work has a cost: the first
batches are slower than all others."""


class RunClock:
    """Times each unit of work apart, because an image costs many times as much as a text.

    The time between two reports belongs to the later one: towers run one after the other, so the sum of all
    intervals is the time that has passed. Intervals before the first report of a stage are not counted: a
    model is built in them, or a stage waits for another.

    Parameters
    ----------
    clock
        Seconds; tests put their own here.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._spent: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._n: Counter[str] = Counter()
        self._reports: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._last: float | None = None
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def expect(self, stage: str, work: Mapping[str, float]) -> None:
        """Set what a stage has to do, by unit; it replaces what was expected of the stage before.

        Parameters
        ----------
        stage
            Name of the stage.
        work
            Units to do: ``images``, ``texts``, ``items``, ``pairs``.
        """
        with self._lock:
            self._forget(plain_stage(stage))
            self._left |= {(plain_stage(stage), unit): n for unit, n in work.items()}

    def advance(self, stage: str, unit: str, n: int) -> None:
        """Take in a timed report of work.

        Parameters
        ----------
        stage, unit
            Stage, and what it has done.
        n
            How many more; negative where an attempt has failed, and its work is to be done again.
        """
        stage = plain_stage(stage)
        with self._lock:
            before, self._last = self._last, self._clock()
            if before is not None and stage in self._seen and n > 0:
                self._n[_kind(stage, unit)] += n
                self._reports[_kind(stage, unit)] += 1
                self._seconds[_kind(stage, unit)] += self._last - before
            self._seen.add(stage)
            self._spent[stage, unit] += n
            self._left[stage, unit] = max(self._left[stage, unit] - n, 0)

    def skip(self, stage: str, unit: str, n: float) -> None:
        """Take in what needs no work, because it was done before.

        Parameters
        ----------
        stage, unit
            Stage, and what it need not do.
        n
            How many.
        """
        stage = plain_stage(stage)
        with self._lock:
            self._left[stage, unit] = max(self._left[stage, unit] - n, 0)

    def close(self, stage: str) -> None:
        """Expect nothing more of a stage."""
        with self._lock:
            self._forget(plain_stage(stage))

    @property
    def left_s(self) -> float | None:
        """Estimated seconds to the end; None before enough was timed."""
        return self._cost(self._left)

    @property
    def share(self) -> float:
        """Share of the expected time that has passed, 0 to 1; 0 before enough was timed."""
        left, spent = self.left_s, self._cost(self._spent)
        return 0.0 if left is None or not spent else spent / (spent + left)

    def _cost(self, work: Mapping[tuple[str, str], float]) -> float | None:
        with self._lock:
            if sum(self._seconds.values()) < _ENOUGH_S:
                return None
            known = {
                kind: self._seconds[kind] / n
                for kind, n in self._n.items()
                if n and self._reports[kind] >= _ENOUGH_REPORTS
            }
            timed = next((kind for kind in _BEFORE_TIMED if kind in known), None)  # images before others
            image = known[timed] / _BEFORE_TIMED[timed] if timed else 0.0
            untimed = {kind: image * share for kind, share in _BEFORE_TIMED.items()}
            costs = untimed | known
            return sum(n * costs.get(_kind(stage, unit), 0.0) for (stage, unit), n in work.items())

    def _forget(self, stage: str) -> None:
        for key in [key for key in self._left if key[0] == stage]:
            del self._left[key]


def _kind(stage: str, unit: str) -> str:
    """Encodes cost the same in every stage; other work is the stage's own."""
    return unit if unit in {"images", "texts"} else stage


def plain_stage(stage: str) -> str:
    """Name of a stage without the id of its measurement or selection, which it has only when it starts."""
    kind, _, rest = stage.partition("-")
    return kind if rest and kind in {"measure", "select"} else stage
