"""Ranges of the values that metrics report, in the words of the documentation."""

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.faithfulness.reported import REPORTED

__all__ = ["RANGES_HEAD", "metric_ranges"]

RANGES_HEAD = """\
## Values of metrics

Column `metric` of `faithfulness` and `leaderboard`: the range of a raw value, which intervals of means do not
leave, and the constant that it is held against where chance is known (of randomised weights: the bound of the
check). Normalised values have no range.
"""


def metric_ranges() -> list[tuple[str, ...]]:
    """Range of every value that a metric reports, and what it is held against: a row each."""
    rows: list[tuple[str, ...]] = []
    for name, known in REPORTED.items():
        null = "" if known.null is None else f"{known.null:g}"
        rows.append((f"`{name}`", _range(known.bounds), null))
        rows += [
            (f"`{name}`, {mode}", _range(bounds), null) for mode, bounds in (known.by_mode or {}).items()
        ]
    return rows


def _range(bounds: Bounds) -> str:
    if bounds == UNBOUNDED:
        return "any number"
    if bounds.low is None:
        return f"at most {bounds.high:g}"
    return f"at least {bounds.low:g}" if bounds.high is None else f"{bounds.low:g} to {bounds.high:g}"
