"""Basis of a verdict, printed wherever verdicts are read."""

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from tasks.report.leaderboard.records import Leaderboard

__all__ = ["correction_words", "interval_words"]

COVERAGE = 0.95


def correction_words(board: Leaderboard) -> str:
    """The rule behind better, worse, passes, fails and best, and how much a measurement asks."""
    fewest = f"With fewer than {FEWEST_CLUSTERS} {board.sides.shared.replace(' and ', ' or ')}"
    if not board.n_comparisons:
        return (
            f"{fewest} nothing is claimed, and this measurement has fewer everywhere, or did not count them."
        )
    asked = f"{board.n_comparisons:,} comparison{'s' * (board.n_comparisons != 1)}"
    return (
        "Better, worse, passes and fails: the 95 % interval excludes what it is held against, and "
        f"p is below 5 % after Benjamini and Hochberg over all {asked} of the measurement "
        "with chance and controls. Best: no other method is better by their difference, pair by pair, "
        "corrected for all methods (Holm) and for the questions that have an answer (Benjamini and "
        "Bogomolov). "
        f"{fewest} nothing is claimed."
    )


def interval_words(n_intervals: int) -> str:
    """What many intervals beside each other hold, which no correction is made of."""
    if n_intervals < 2:
        return "An interval is to hold its mean with 95 %."
    return (
        f"Each of these {n_intervals:,} intervals is to hold its mean with 95 % by itself: about "
        f"{n_intervals * (1 - COVERAGE):,.0f} of them may be expected not to. They are figures, and decide "
        "nothing by themselves; p-values are corrected, intervals are not."
    )
