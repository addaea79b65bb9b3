"""Verdicts of intervals and corrected p-values: the one rule behind every claim."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ilime_core.aggregates.corrections import LEVEL
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS

__all__ = [
    "NOT_COMPARED",
    "TOO_FEW",
    "BoardEstimate",
    "Leaders",
    "Verdict",
    "judged",
    "leaders",
]

TOO_FEW = "too few items"
NOT_COMPARED = "not compared"
"""Methods of which no paired difference is known: of an older measurement, or without an interval."""

_NAMED = 4
"""Largest number of methods that are named where they are not distinguishable."""


class Verdict(StrEnum):
    """Position of an interval relative to the compared value, from the direction that is better."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"
    """The interval holds the value that it is compared with."""
    UNCORRECTED = "uncorrected"
    """The interval excludes the value, but the p-value corrected for all comparisons is too large."""
    TOO_FEW = "too_few"
    """Fewer items on a side than a claim needs."""
    UNKNOWN = "unknown"
    """There is no interval, or nothing to compare with."""


_SAYING = frozenset({Verdict.BETTER, Verdict.WORSE, Verdict.UNDECIDED, Verdict.UNCORRECTED})
"""Verdicts of what was compared with enough items."""


@dataclass(frozen=True, slots=True)
class BoardEstimate:
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
    """Value that the mean is compared with."""
    p_adjusted: float | None = None
    """P-value of that comparison, corrected for all that the measurement makes."""
    smallest_difference: float | None = None
    """Size of a true difference of two methods that is detected with a probability of 80 %."""

    @property
    def has_too_few(self) -> bool:
        """True if it is based on fewer items than a claim needs."""
        return self.n_clusters is not None and self.n_clusters < FEWEST_CLUSTERS

    @property
    def turned(self) -> "BoardEstimate":
        """BoardEstimate of the negated quantity, such as the difference in the other direction."""
        signed = {name: _minus(getattr(self, name)) for name in ("mean", "median")}
        return replace(self, low=_minus(self.high), high=_minus(self.low), **signed)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def judged(estimate: BoardEstimate | None, direction: str) -> Verdict:
    """Verdict of a mean against the value that it is compared with.

    A claim needs enough items, a whole interval on one side, and a p-value below 5 % after correction for the
    number of comparisons.

    Parameters
    ----------
    estimate
        Mean with its interval; None where there is none.
    direction
        ``higher`` or ``lower`` is better.

    Returns
    -------
    Verdict
        `BETTER` or `WORSE` only where the rule allows a claim.
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
    """Best methods in one metric."""

    names: tuple[str, ...] = ()
    """Methods that no other one is better than, best mean first; empty where no methods compete."""
    n_compared: int = 0
    """Methods that were compared with another one, those that are not best included."""
    silence: str = ""
    """Reason why no method can be named best; `names` are all methods then. Empty otherwise."""
    not_compared: tuple[str, ...] = ()
    """Methods without a decided comparison, beside others that were compared."""

    @property
    def best(self) -> str | None:
        """The only best method; None where several are not distinguishable."""
        return self.names[0] if len(self.names) == 1 and not self.silence else None

    @property
    def chosen(self) -> tuple[str, ...]:
        """Best methods where some are not best; empty where all are equally good."""
        return () if self.silence or len(self.names) == self.n_compared else self.names

    @property
    def words(self) -> str:
        """Best methods in words."""
        if not self.names:
            return "no contest"
        if self.silence:
            return self.silence
        wording = self.best or f"not distinguishable: {_listed(self.names)}"
        return f"{wording} ({TOO_FEW}: {_listed(self.not_compared)})" if self.not_compared else wording


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def leaders(
    estimates: Mapping[str, BoardEstimate],
    differences: Mapping[tuple[str, str], BoardEstimate],
    direction: str,
) -> Leaders:
    """Methods that no paired difference excludes, best mean first.

    A method is excluded where another one is better by the rule of `judged`.

    Parameters
    ----------
    estimates
        Means of the competing methods, by name.
    differences
        Paired differences, the first method minus the second, by both names.
    direction
        ``higher`` or ``lower`` is better.

    Returns
    -------
    Leaders
        Without names for fewer than two methods.
    """
    sign = -1.0 if direction == "higher" else 1.0
    known = {name: one.mean for name, one in estimates.items() if one.mean is not None}
    if len(known) < 2:
        return Leaders()
    order = sorted(known, key=lambda name: (sign * known[name], name))
    verdicts = {two: judged(one, direction) for two, one in differences.items() if known.keys() >= set(two)}
    compared = {name for two, verdict in verdicts.items() if verdict in _SAYING for name in two}
    if not compared:
        return Leaders(
            tuple(order), silence=TOO_FEW if Verdict.TOO_FEW in verdicts.values() else NOT_COMPARED
        )
    beaten = {two[1] for two, verdict in verdicts.items() if verdict is Verdict.BETTER}
    beaten |= {two[0] for two, verdict in verdicts.items() if verdict is Verdict.WORSE}
    # Differences over different pairs can form a cycle: then all compared methods are named.
    first = tuple(name for name in order if name in compared - beaten) or tuple(
        name for name in order if name in compared
    )
    return Leaders(first, len(compared), not_compared=tuple(name for name in order if name not in compared))
