"""Slices of the pairs of a run by the tags of their items."""

from collections import defaultdict
from collections.abc import Sequence

from ilime_core.aggregates.slices import TagSlices, tag_slices
from tasks.run_files.committed import committed, read_rows
from tasks.run_files.plan import OpenRun

__all__ = ["item_tags", "pair_slices"]


def item_tags(run: OpenRun) -> dict[str, dict[str, str]]:
    """Tags of the items of a run.

    Parameters
    ----------
    run
        Run whose items are committed.

    Returns
    -------
    dict of str to dict
        By item; those without any are left out. Of several rows of an item the first in the corpus counts.
    """
    if not run.plan.tags:
        return {}
    commits = committed(run.storage, run.run_id, "embed").values()
    rows = read_rows(run.storage, commits, "items", ["item_id", "entry", "tags"]).to_pylist()
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row["entry"]):
        found[row["item_id"]] = dict(row["tags"] or ()) | found[row["item_id"]]
    return dict(found)


def pair_slices(run: OpenRun, left_ids: Sequence[str], right_ids: Sequence[str]) -> list[TagSlices]:
    """Slices of pairs, as many of a tag as the spec allows.

    Parameters
    ----------
    run
        Run whose items are committed.
    left_ids, right_ids
        Items of each pair.

    Returns
    -------
    list of TagSlices
        One for each tag, in the order of their names; none where the corpus has no tags.
    """
    tags = item_tags(run)
    left, right = ([tags.get(name, {}) for name in names] for names in (left_ids, right_ids))
    return tag_slices(left, right, run.plan.parameters.summary.slice_values)
