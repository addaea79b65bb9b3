"""Rows of an item's masks that a choice of estimators reads."""

from collections.abc import Collection

from ilime_core.effects.registry import rows_read
from ilime_core.perturbation.item_masks import ItemMasks

__all__ = ["rows_read_by"]


def rows_read_by(estimators: Collection[str], masks: ItemMasks) -> ItemMasks:
    """Omit the sets of rows that none of the estimators reads; the others are those of the run.

    Drawing for these estimators alone could give other masks: an item whose rows are few may no longer be
    enumerated.

    Parameters
    ----------
    estimators
        Names of estimators.
    masks
        Masks of the item as score has drawn them.

    Returns
    -------
    ItemMasks
        Masks of the sets that are read.
    """
    return masks.of_sets(rows_read(estimators))
