"""Those rows of an item's masks that a choice of estimators reads."""

from collections.abc import Collection

import numpy as np

from ilime_core.effects.registry import FURTHER_ROWS, SHAPLEY_ROWS
from ilime_core.perturbation.coalitions import MaskPlan, distinct_coalitions
from ilime_core.perturbation.item_masks import ItemMasks

__all__ = ["rows_read_by"]


def rows_read_by(estimators: Collection[str], masks: ItemMasks) -> ItemMasks:
    """Leave out the sets of rows that none of the estimators reads; the others are those of the run.

    Drawing for these estimators alone could give other masks: an item whose rows are few may no longer be
    enumerated.
    """
    plan = masks.plan
    read = {"banzhaf", *(name for estimator in estimators for name in FURTHER_ROWS.get(estimator, ()))}
    if not SHAPLEY_ROWS.isdisjoint(estimators):
        read.add("shapley")
    kept = {name: plan.masks[rows] for name, rows in plan.sets.items() if name in read}
    if len(kept) == len(plan.sets):
        return masks
    sets: dict[str, slice] = {}
    for name, rows in kept.items():
        start = max((one.stop for one in sets.values()), default=0)
        sets[name] = slice(start, start + len(rows))
    fewer = MaskPlan(np.concatenate(list(kept.values())), sets, plan.design, plan.p)
    return ItemMasks(
        fewer, masks.held_out, distinct_coalitions(np.concatenate([fewer.masks, masks.held_out]))
    )
