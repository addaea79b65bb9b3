"""What intervals decide, and what they leave open: the one place where a comparison is put in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.corrections import LEVEL
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS, MeanEstimate, range_interval

__all__ = ["TOO_FEW", "Estimate", "Leaders", "Verdict", "comparison_words", "judged", "leaders"]

TOO_FEW = "too few to tell"
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
    standard_error: float | None = None
    degrees: float | None = None
    null: float | None = None
    """What the mean is compared with."""
    p_adjusted: float | None = None
    """P-value of that comparison, corrected for all that the measurement makes."""
    bounds: Bounds = UNBOUNDED

    @property
    def has_too_few(self) -> bool:
        """Whether it rests on fewer items than a claim needs."""
        return self.n_clusters is not None and self.n_clusters < FEWEST_CLUSTERS

    def interval(self, level: float) -> tuple[float, float] | None:
        """Interval of another coverage; None where it cannot be had."""
        if self.mean is None or self.standard_error is None or self.degrees is None:
            return None
        clusters = self.n_clusters or 0
        return range_interval(
            MeanEstimate(self.mean, self.standard_error, self.degrees, clusters, self.bounds), level
        )


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


def comparison_words(estimate: Estimate | None, direction: str, than: str = "chance") -> str:
    """What is known of a comparison, as every page and every line says it."""
    few = 0 if estimate is None else estimate.n_clusters or 0
    items = f"{few} item{'s' * (few != 1)}"
    return {
        Verdict.BETTER: f"better than {than}",
        Verdict.WORSE: f"worse than {than}",
        Verdict.UNDECIDED: f"not told from {than}",
        Verdict.UNCORRECTED: f"not told from {than} among all comparisons",
        Verdict.TOO_FEW: f"{TOO_FEW} ({items} on a side, {FEWEST_CLUSTERS} are needed)",
        Verdict.UNKNOWN: "no interval",
    }[judged(estimate, direction)]


@dataclass(frozen=True, slots=True)
class Leaders:
    """Who is best in one metric."""

    names: tuple[str, ...] = ()
    """The best mean first, then all that are not told from it; none where nobody competes."""
    has_too_few: bool = False

    @property
    def best(self) -> str | None:
        """The only one; None where it is not told from others."""
        return self.names[0] if len(self.names) == 1 and not self.has_too_few else None

    @property
    def words(self) -> str:
        """Who is best, as far as it can be told."""
        if not self.names:
            return "no contest"
        if self.has_too_few:
            return TOO_FEW
        if len(self.names) == 1:
            return self.names[0]
        more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
        return f"not distinguishable: {', '.join(self.names[:_NAMED])}{more}"


def leaders(estimates: Mapping[str, Estimate], direction: str, n_questions: int) -> Leaders:
    """The method of best mean, and all whose intervals meet its interval; best mean first.

    Intervals are widened so that with 95 % all of them hold their means at once (Bonferroni). A method
    without interval cannot be told from any other. Fewer than two methods are no contest.

    Parameters
    ----------
    n_questions
        Intervals that are looked at together: methods times metrics.
    """
    sign = -1.0 if direction == "higher" else 1.0
    known = {name: one for name, one in estimates.items() if one.mean is not None}
    if len(known) < 2:
        return Leaders()
    order = sorted(known, key=lambda name: (sign * (known[name].mean or 0.0), name))
    level = 1 - LEVEL / max(n_questions, 1)
    first = known[order[0]]
    met = tuple(name for name in order if name == order[0] or _meet(first, known[name], level))
    return Leaders(met, first.has_too_few)


def _meet(one: Estimate, other: Estimate, level: float) -> bool:
    here, there = one.interval(level), other.interval(level)
    if here is None or there is None or other.has_too_few:
        return True
    return here[0] <= there[1] and there[0] <= here[1]
