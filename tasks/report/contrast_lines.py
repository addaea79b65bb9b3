"""Accuracies over the contrasts of a run as lines of plain text."""

from ilime_core.printable import printable
from tasks.runs.run import Run

__all__ = ["contrast_lines"]

_ASKING = {
    "left_to_right": "image asks",
    "right_to_left": "caption asks",
    "both": "both ask",
}
_SHARES = {"won": "right above edited", "all_won": "whole questions"}
_MOST = 30
"""Rows that are shown; the table has all."""


def contrast_lines(run: Run) -> list[str]:
    """Table of how often the right candidate scores higher, by edit and category; empty without contrasts.

    Parameters
    ----------
    run
        Finished or unfinished run.

    Returns
    -------
    list of str
        Lines without line ends or control characters.
    """
    rows = run.table("contrast_accuracy").to_pylist()
    if not rows:
        return []
    found = {_key(row): row for row in rows}
    shares = sorted(key for key in found if key[3] in _SHARES)
    lines = ["contrasts: how often the right candidate scores above the edited one (95 % interval)"]
    lines += [_line(found, key) for key in shares[:_MOST]]
    if len(shares) > _MOST:
        lines.append(f"  and {len(shares) - _MOST} more in table contrast_accuracy")
    for edit in sorted({key[1] for key in found if key[3] == "relative_change" and key[1] == "shuffle"}):
        own = found["left_to_right", edit, "all", "relative_change"]
        lost = found["left_to_right", edit, "all", "lost"]
        lines.append(
            f"order of words: shuffling changes scores {own['value']:.2f} times as much as other edits do;"
            f" the shuffled caption scores higher in {lost['value']:.1%} of {lost['n']:,}"
        )
    return lines


Key = tuple[str, str, str, str]


def _key(row: dict[str, object]) -> Key:
    direction, edit, category, measure = (
        str(row[name]) for name in ("direction", "edit", "category", "measure")
    )
    return direction, edit, category, measure


def _line(found: dict[Key, dict[str, object]], key: Key) -> str:
    direction, edit, category, measure = key
    row = found[key]
    name = f"{printable(edit)} {printable(category)}"
    head = f"  {name:<28} {_SHARES[measure]:<19} {_ASKING[direction]:<13}"
    if row["value"] is None:
        return f"{head} none of {row['n_unedited']:,} captions can be edited so"
    chance = "" if row["chance"] is None else f", chance {row['chance']:.1%}"
    margin = found.get((direction, edit, category, "margin")) if measure == "won" else None
    mean = "" if margin is None else f", mean margin {margin['value']:+.4f}"
    ends = f"({row['low']:.1%} to {row['high']:.1%})"
    without = f", {row['n_unedited']:,} not edited" if row["n_unedited"] else ""
    return f"{head} {row['value']:.1%} {ends} of {row['n']:,}{chance}{mean}{without}"
