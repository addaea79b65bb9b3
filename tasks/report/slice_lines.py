"""Slices of a run in words: how many there are, how many are not reported, and the clearest differences."""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from ilime_core.aggregates.corrections import LEVEL
from ilime_core.printable import printable
from tasks.runs.run import Run

__all__ = ["slice_lines"]

_SHOWN = 3


def slice_lines(run: Run, estimator: str) -> list[str]:
    """Lines on the slices of a run; names of tags and values are not trusted, and pages have to escape them.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose differences are read.

    Returns
    -------
    list of str
        One line a tag, then the differences with the smallest corrected p-values; empty without tags.
    """
    counts = run.table("slice_counts").to_pylist()
    lines = [printable(_count_line(row)) for row in counts]
    wanted = (pc.field("estimator") == estimator) & (pc.field("p_adjusted") < LEVEL)
    found = run.table("slice_differences", filter=wanted).to_pylist() if counts else []
    found.sort(key=lambda row: (row["p_adjusted"], row["relation"], row["slice"], row["quantity"]))
    return lines + [printable(_difference_line(row)) for row in found[:_SHOWN]]


def _count_line(row: Mapping[str, Any]) -> str:
    left_out = [
        f"{row[column]:,} {words}"
        for column, words in (("n_small", "too small"), ("n_rare", "left out as rarer values"))
        if row[column]
    ]
    return ", ".join([f"slices by {row['tag']}: {row['n_slices']:,}", *left_out])


def _difference_line(row: Mapping[str, Any]) -> str:
    ends = "" if row["low"] is None else f" [{row['low']:.3f}, {row['high']:.3f}]"
    return (
        f"{row['slice']}: {row['quantity']} {row['mean']:.3f} in {row['n']:,} pairs ({row['relation']}), "
        f"{row['difference']:+.3f}{ends} against the {row['n_rest']:,} others with the tag"
    )
