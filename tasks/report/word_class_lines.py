"""Classes of words of a run as lines of plain text."""

import pyarrow.compute as pc

from ilime_core.aggregates.slices import ALL
from tasks.runs.run import Run

__all__ = ["word_class_lines"]

_COLUMNS = ["relation", "side", "word_class", "quantity", "mean", "low", "high", "n"]
_RELATIONS = ("positive", "all")
"""Pairs that are shown: the first of these relations that the run has."""


def word_class_lines(run: Run, estimator: str) -> list[str]:
    """Lines of the share of the joint effect that each class of words has, the largest first.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Name of the estimator.

    Returns
    -------
    list of str
        None without texts.
    """
    mine = (pc.field("estimator") == estimator) & (pc.field("slice") == ALL)
    rows = run.table("word_class_means", _COLUMNS, mine).to_pylist()
    found = {row["relation"] for row in rows}
    relation = next((name for name in _RELATIONS if name in found), "")
    shown = [row for row in rows if row["relation"] == relation]
    lines: list[str] = []
    sides = sorted({row["side"] for row in shown})
    for side in sides:
        means = {(row["word_class"], row["quantity"]): row for row in shown if row["side"] == side}
        shares = [row for (_, name), row in means.items() if name == "mass_share" and row["mean"] is not None]
        if not shares:
            continue
        pairs = f"{max(row['n'] for row in shares):,} {relation} pairs" if relation != "all" else "all pairs"
        texts = "texts" if len(sides) == 1 else f"{side} texts"
        lines.append(f"joint effect by class of words ({texts} of {pairs}; 95 % intervals):")
        for row in sorted(shares, key=lambda one: (-one["mean"], one["word_class"])):
            name = row["word_class"]
            ends = "" if row["low"] is None else f" [{row['low']:.1%}, {row['high']:.1%}]"
            words, size = means[name, "word_share"]["mean"], means[name, "intact_size"]["mean"]
            each = "" if size is None else f", mean |effect| of a word {size:.4f}"
            lines.append(f"  {name:<9} {row['mean']:6.1%}{ends} of it, {words:.1%} of the words{each}")
    return lines
