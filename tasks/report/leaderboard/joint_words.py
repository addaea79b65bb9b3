"""Best possible R2 and joint share of the variance, which stand beside every R2 of a leaderboard."""

from dataclasses import replace

from tasks.figures.joint_share import percent
from tasks.report.leaderboard.records import Entry, Leaderboard

__all__ = ["joint_words"]

_OF_JOINT = frozenset({"r2_cross", "r2_cross_held_out"})


def joint_words(board: Leaderboard, entry: Entry) -> str:
    """Means over the same relation; empty of other metrics."""
    if entry.variant.metric not in _OF_JOINT:
        return ""
    best, share = (_mean(board, entry, metric) for metric in ("r2_cross_ceiling", "share_cross"))
    return f"best possible {percent(best)}, of {percent(share)} of the variance"


def _mean(board: Leaderboard, entry: Entry, metric: str) -> float | None:
    own = board.entries.get((entry.estimator, entry.relation, replace(entry.variant, metric=metric)))
    return None if own is None or own.explanation is None else own.explanation.mean
