"""Masks that items of a finished stage score have: adaptive budgets differ from item to item."""

from collections.abc import Collection, Sequence

import pyarrow.compute as pc

from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.tables.row_filters import among

__all__ = ["item_budgets"]


def item_budgets(run: OpenRun, blocks: Sequence[int], item_ids: Collection[str]) -> dict[str, int]:
    """Banzhaf rows of items, by which their masks can be drawn again.

    Parameters
    ----------
    run
        Opened plan of the run, in which these blocks are scored.
    blocks
        Item blocks that hold the items.
    item_ids
        Items to look up.

    Returns
    -------
    dict of str to int
        Rows by item id; empty where budgets are fixed, because the spec tells them then.
    """
    if run.plan.parameters.perturbation.adaptive.standard_error is None:
        return {}
    wanted = (pc.field("estimator") == "banzhaf") & among("item_id", item_ids)
    rows = read_rows(run.storage, run.commits("score", blocks), "item_fits", ["item_id", "n_masks"], wanted)
    return dict(zip(rows["item_id"].to_pylist(), rows["n_masks"].to_pylist(), strict=True))
