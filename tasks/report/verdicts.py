"""What intervals decide, and what they leave open."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Estimate", "Verdict", "against", "leaders"]


class Verdict(StrEnum):
    """Where an interval lies, seen from the direction that is better."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"
    """The interval holds the value that it is compared with."""
    UNKNOWN = "unknown"
    """There is no interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over pairs, with its 95 % interval; None where it is not known."""

    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    n: int
    """Pairs that have the value."""
    n_unknown: int
    """Pairs to which the metric does not apply, or whose value is unknown."""

    @property
    def half(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def against(estimate: Estimate | None, constant: float, direction: str) -> Verdict:
    """Whether a whole interval lies on one side of a constant.

    Parameters
    ----------
    direction
        ``higher`` or ``lower`` is better.
    """
    if estimate is None or estimate.low is None or estimate.high is None:
        return Verdict.UNKNOWN
    above, below = estimate.low > constant, estimate.high < constant
    if not above and not below:
        return Verdict.UNDECIDED
    return Verdict.BETTER if above == (direction == "higher") else Verdict.WORSE


def leaders(estimates: Mapping[str, Estimate], direction: str) -> tuple[str, ...]:
    """The method of best mean, and all whose intervals meet its interval; best mean first.

    A single name is the best as far as the intervals tell; several are not distinguishable. Methods are
    measured on the same pairs, so that intervals which do not meet ask for more than a test at 5 % would. A
    method without interval cannot be told from any other. Fewer than two methods are no contest: no names.
    """
    sign = -1.0 if direction == "higher" else 1.0
    known = {name: one for name, one in estimates.items() if one.mean is not None}
    if len(known) < 2:
        return ()
    order = sorted(known, key=lambda name: (sign * (known[name].mean or 0.0), name))
    return tuple(name for name in order if name == order[0] or _meet(known[order[0]], known[name]))


def _meet(one: Estimate, other: Estimate) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return True
    return one.low <= other.high and other.low <= one.high
