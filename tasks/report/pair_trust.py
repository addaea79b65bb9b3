"""Reliability of one pair's matrix, in lines under its matches."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.interactions.significance import LEVEL
from tasks.figures.joint_share import JointShare, percent
from tasks.figures.pair_picture import PairPicture
from tasks.spec.estimator_kinds import errors_leave_out

__all__ = ["trust_lines"]

LOW_R2 = 0.25
"""Share of the joint variance below which the matrix says little of the model."""

FEW_MASKS = 3
"""Masks for each segment below which a fit follows their noise: the complement of a mask adds little."""


def trust_lines(pair: PairPicture, more_masks: str) -> list[str]:
    """R2 and clear cells of a pair, and a warning for each reason to doubt them.

    Parameters
    ----------
    pair
        All cells of the pair, and its fit.
    more_masks
        What to raise for more masks: an option or fields of the spec.

    Returns
    -------
    list of str
        Two lines of figures, then the warnings.
    """
    both = pair.sides.both
    p_values = pair.p_values[~np.isnan(pair.p_values)]
    clear = _clear_line(p_values, pair.p_values.size, errors_leave_out(pair.estimator))
    lines = [_r2_line(pair.joint, both), clear, *_low_lines(pair.joint, both, more_masks)]
    lines += (
        f"warning: {few}: noise of the masks is in every weight; raise {more_masks} to {n:,} or more"
        for few, n in _few_masks(pair)
    )
    if len(p_values) and p_values.min() >= LEVEL:
        lines.append(
            f"warning: no weight differs from 0 at {LEVEL:.0%}: the order of the matches may be chance"
        )
    return lines


def _r2_line(joint: JointShare, both: str) -> str:
    if joint.explained is None:
        return f"warning: R2 is unknown: too few masks, or none of them changes what {both} do together"
    return f"the matrix {joint.sentence(both, joint.by_source)} (R2)"


def _low_lines(joint: JointShare, both: str, more_masks: str) -> Iterator[str]:
    """A warning where the matrix explains little: because it is badly known, or because no matrix could."""
    found = joint.explained if joint.held_out is None else joint.held_out
    if found is None or found >= LOW_R2:
        return
    if joint.ceiling is not None and joint.ceiling < LOW_R2:
        yield (
            f"warning: no matrix explains more than {percent(joint.ceiling)} of what {both} do together: "
            "the rest is made by three and more parts at once, and more masks do not help"
        )
        return
    yield (
        f"warning: the matrix explains less than {LOW_R2:.0%} of what {both} do together, and says little of "
        f"the model; try more masks ({more_masks}) or fewer, larger segments"
    )


def _clear_line(p_values: Float[np.ndarray, " tests"], n_cells: int, left_out: str) -> str:
    """Number of cells that differ from 0, beside the number expected by chance, and after correction."""
    if left_out:
        return f"standard errors are of the sampling alone and leave out {left_out}: no weight is tested"
    if not len(p_values):
        return "no weight has an estimated error: masks are too few, or nothing was drawn"
    n_clear, n_sure = int((p_values < LEVEL).sum()), int((benjamini_hochberg(p_values) <= LEVEL).sum())
    return (
        f"{n_clear:,} of {n_cells:,} weights differ from 0, each by itself at {LEVEL:.0%}, where noise "
        f"alone makes about {LEVEL * len(p_values):,.0f}; {n_sure:,} after correction for their number"
    )


def _few_masks(pair: PairPicture) -> Iterator[tuple[str, int]]:
    """Items of a pair whose masks are few for their segments; all coalitions of an item are enough."""
    names, counts = (pair.sides.left, pair.sides.right), pair.weights.shape
    for name, count, n_masks in zip(names, counts, pair.sampled, strict=True):
        if n_masks is not None and n_masks < FEW_MASKS * count:
            yield f"{n_masks} masks for the {count} segments of the {name} are few", FEW_MASKS * count
