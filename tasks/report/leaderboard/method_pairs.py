"""One method against each other one, and the smallest difference that a measurement could have shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tasks.report.leaderboard.entries import Variant
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.report.leaderboard.verdict_words import RIVAL, RIVALS
from tasks.report.leaderboard.verdicts import BoardEstimate, Verdict, judged

__all__ = ["Against", "Detectable", "MethodRivals", "RivalRow", "detectable", "rivals_of", "wording_of"]


@dataclass(frozen=True, slots=True)
class Against:
    """One method minus another in one variant of a metric, pair by pair."""

    difference: BoardEstimate
    verdict: Verdict

    @property
    def words(self) -> str:
        """Verdict of the difference in words."""
        return RIVAL[self.verdict]

    @property
    def hidden(self) -> float | None:
        """Detectable size of a true difference, where the comparison is undecided; else None."""
        is_open = self.verdict in {Verdict.UNDECIDED, Verdict.UNCORRECTED}
        return self.difference.smallest_difference if is_open else None


@dataclass(frozen=True, slots=True)
class RivalRow:
    """One rival; None where the two were not compared."""

    rival: str
    cells: tuple[Against | None, ...]


@dataclass(frozen=True, slots=True)
class MethodRivals:
    """One method against all others, in several variants of metrics."""

    estimator: str
    rows: tuple[RivalRow, ...]

    @property
    def summary(self) -> str:
        """Counts of verdicts: better, worse, or undecided."""
        return wording_of([cell for row in self.rows for cell in row.cells])


@dataclass(frozen=True, slots=True)
class Detectable:
    """Sizes of true differences of two methods that would have been found with a probability of 80 %."""

    typical: float
    """Median over all pairs of methods."""
    largest: float
    """Maximum over all pairs of methods."""


def rivals_of(board: Leaderboard, estimator: str, variants: Sequence[Variant]) -> MethodRivals:
    """Differences of a chosen method from each other one that it was compared with.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    estimator
        The chosen method.
    variants
        Variants of metrics, one column each.

    Returns
    -------
    MethodRivals
        One row a rival; rivals without any comparison are omitted.
    """
    rows = [
        RivalRow(rival, tuple(_against(board, (estimator, rival), variant) for variant in variants))
        for rival in board.estimators
        if rival != estimator
    ]
    return MethodRivals(estimator, tuple(row for row in rows if any(row.cells)))


def _against(board: Leaderboard, two: tuple[str, str], variant: Variant) -> Against | None:
    difference = board.difference(*two, variant)
    if difference is None:
        return None
    return Against(difference, judged(difference, board.of(variant)[0].direction))


def wording_of(cells: Sequence[Against | None]) -> str:
    """Counts of comparisons by verdict; empty where there are none."""
    found = Counter(RIVALS[cell.verdict] for cell in cells if cell is not None)
    return ", ".join(f"{words} {found[words]}" for words in dict.fromkeys(RIVALS.values()) if found[words])


def detectable(board: Leaderboard, variant: Variant) -> Detectable | None:
    """Sizes of differences that the measured pairs could have detected.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    variant
        Metric and the way in which it was measured, over all pairs.

    Returns
    -------
    Detectable or None
        None where nothing was tested.
    """
    known = [
        one.smallest_difference
        for one in board.differences.get((ALL, variant), {}).values()
        if one.smallest_difference is not None
    ]
    return Detectable(median(known), max(known)) if known else None
