"""Rows of a block's items from the run that its plan names, as long as that run is there."""

from collections.abc import Sequence

import pyarrow as pa

from ilime_core.modality import Modality
from tasks.planning.reuse import reuse_rows
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import ItemBlock
from tasks.run_files.plan import OpenRun
from tasks.tables.row_filters import among

__all__ = ["cut_alike", "reuse_items"]


def reuse_items(
    run: OpenRun, planned: ItemBlock, stage: str, tables: Sequence[str]
) -> dict[str, pa.Table] | None:
    """Committed rows of these items from the block's source.

    Parameters
    ----------
    tables
        Tables to copy; the first one has at least one row of every item.

    Returns
    -------
    dict of str to pyarrow.Table, or None
        None if the block has no source, or if the source has been pruned since: the block then computes its
        rows itself, all of them, so that nothing depends on how far the pruning was.
    """
    if planned.source_run is None:
        return None
    wanted = among("item_id", planned.item_ids)
    found: dict[str, pa.Table] = {}
    for name in tables:
        rows = reuse_rows(run, planned.source_run, stage, name, wanted)
        if rows is None:
            return None
        found[name] = rows
    complete = set(planned.item_ids) <= set(found[tables[0]]["item_id"].to_pylist())
    return found if complete else None


def cut_alike(run: OpenRun, planned: ItemBlock) -> bool:
    """True if the images of a block that has a source are cut as they were there.

    Only given regions can be others: all else follows from what two runs that share effects have in common.

    Parameters
    ----------
    run
        Opened plan of the run.
    planned
        Item block of match.

    Returns
    -------
    bool
        True if the label maps are equal, and wherever regions are not given or no source is named.
    """
    if (
        planned.source_run is None
        or planned.modality != Modality.IMAGE.value
        or run.plan.parameters.segmentation.image.method != "given"
    ):
        return True
    mine = among("item_id", planned.item_ids)
    now = read_rows(run.storage, run.commits("segment", [planned.block]), "views", filter=mine)
    then = reuse_rows(run, planned.source_run, "segment", "views", mine)
    return then is not None and _label_maps(now) == _label_maps(then)


def _label_maps(views: pa.Table) -> dict[str, bytes]:
    return dict(zip(views["item_id"].to_pylist(), views["label_map"].to_pylist(), strict=True))
