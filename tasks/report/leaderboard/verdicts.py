"""What intervals decide, and what they leave open: the one rule behind every verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ilime_core.aggregates.corrections import LEVEL
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS

__all__ = [
    "NOT_COMPARED",
    "TOO_FEW",
    "Estimate",
    "Leaders",
    "Verdict",
    "judged",
    "leaders",
]

TOO_FEW = "too few to tell"
NOT_COMPARED = "not compared"
"""Methods of which no paired difference is known: of an older measurement, or without an interval."""

_NAMED = 4
"""Methods that are named where they are not told apart."""


class Verdict(StrEnum):
    """Where an interval lies, seen from the direction that is better."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"
    """The interval holds the value that it is compared with."""
    UNCORRECTED = "uncorrected"
    """It does not, but among so many comparisons some would not by chance."""
    TOO_FEW = "too_few"
    """Fewer items on a side than a claim needs."""
    UNKNOWN = "unknown"
    """There is no interval, or nothing to compare with."""


_SAYING = frozenset({Verdict.BETTER, Verdict.WORSE, Verdict.UNDECIDED, Verdict.UNCORRECTED})
"""Verdicts of what was compared with enough items."""


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
    n_clusters: int | None = None
    """Distinct items on the side that has fewer; None in tables that do not count them."""
    null: float | None = None
    """What the mean is compared with."""
    p_adjusted: float | None = None
    """P-value of that comparison, corrected for all that the measurement makes."""
    smallest_difference: float | None = None
    """Of a difference of two methods: the size of a true one that would have been found with 80 %."""

    @property
    def has_too_few(self) -> bool:
        """Whether it rests on fewer items than a claim needs."""
        return self.n_clusters is not None and self.n_clusters < FEWEST_CLUSTERS

    @property
    def turned(self) -> "Estimate":
        """Of the opposite quantity: of a difference that with the other sign."""
        signed = {name: _minus(getattr(self, name)) for name in ("mean", "median")}
        return replace(self, low=_minus(self.high), high=_minus(self.low), **signed)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def judged(estimate: Estimate | None, direction: str) -> Verdict:
    """Whether a mean is better or worse than what it is compared with, as far as can be told.

    It is where there are enough items, the whole interval lies on one side, and the p-value stays below 5 %
    after correction for the number of comparisons.

    Parameters
    ----------
    direction
        ``higher`` or ``lower`` is better.
    """
    if estimate is None or estimate.null is None or estimate.n_clusters is None or not estimate.n:
        return Verdict.UNKNOWN
    if estimate.has_too_few:
        return Verdict.TOO_FEW
    if estimate.low is None or estimate.high is None:
        return Verdict.UNKNOWN
    above, below = estimate.low > estimate.null, estimate.high < estimate.null
    if not above and not below:
        return Verdict.UNDECIDED
    if estimate.p_adjusted is None or estimate.p_adjusted >= LEVEL:
        return Verdict.UNCORRECTED
    return Verdict.BETTER if above == (direction == "higher") else Verdict.WORSE


@dataclass(frozen=True, slots=True)
class Leaders:
    """Who is best in one metric."""

    names: tuple[str, ...] = ()
    """Methods that no other one is better than, best mean first; none where nobody competes."""
    n_compared: int = 0
    """Methods that were compared with another one, those that are not best included."""
    silence: str = ""
    """Why nothing can be said, where it is so; names are all methods then."""
    untold: tuple[str, ...] = ()
    """Methods of which nothing can be said, beside others that were compared."""

    @property
    def best(self) -> str | None:
        """The only one; None where it is not told from others."""
        return self.names[0] if len(self.names) == 1 and not self.silence else None

    @property
    def chosen(self) -> tuple[str, ...]:
        """Those that are best where some are not; none where nobody is told from anybody."""
        return () if self.silence or len(self.names) == self.n_compared else self.names

    @property
    def words(self) -> str:
        """Who is best, as far as it can be told."""
        if not self.names:
            return "no contest"
        if self.silence:
            return self.silence
        told = self.best or f"not distinguishable: {_listed(self.names)}"
        return f"{told} ({TOO_FEW}: {_listed(self.untold)})" if self.untold else told


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def leaders(
    estimates: Mapping[str, Estimate], differences: Mapping[tuple[str, str], Estimate], direction: str
) -> Leaders:
    """The methods that no paired difference excludes; best mean first.

    A method is excluded where another one is better than it by the rule of `judged`. Fewer than two methods
    are no contest.

    Parameters
    ----------
    estimates
        Of the methods that compete.
    differences
        The first method minus the second, pair by pair.
    direction
        ``higher`` or ``lower`` is better.
    """
    sign = -1.0 if direction == "higher" else 1.0
    known = {name: one.mean for name, one in estimates.items() if one.mean is not None}
    if len(known) < 2:
        return Leaders()
    order = sorted(known, key=lambda name: (sign * known[name], name))
    told = {two: judged(one, direction) for two, one in differences.items() if known.keys() >= set(two)}
    compared = {name for two, verdict in told.items() if verdict in _SAYING for name in two}
    if not compared:
        return Leaders(tuple(order), silence=TOO_FEW if Verdict.TOO_FEW in told.values() else NOT_COMPARED)
    beaten = {two[1] for two, verdict in told.items() if verdict is Verdict.BETTER}
    beaten |= {two[0] for two, verdict in told.items() if verdict is Verdict.WORSE}
    # Differences over different pairs may run in a circle: then nobody leads.
    first = tuple(name for name in order if name in compared - beaten) or tuple(
        name for name in order if name in compared
    )
    return Leaders(first, len(compared), untold=tuple(name for name in order if name not in compared))
