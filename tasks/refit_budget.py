"""What explaining an item again costs at most, before anything is encoded."""

from collections.abc import Iterable
from dataclasses import replace

from ilime_core.faithfulness.refits import REFIT_METRICS, REFIT_VARIATIONS, Variation
from ilime_core.records import Modality
from tasks.masks import MaskDraw
from tasks.parameters.refits import RefitParameters
from tasks.refit_variations import n_draws

__all__ = ["most_refit_encodes"]

NOISE = (Variation.NOISE, Variation.RADIUS)


def most_refit_encodes(
    parameters: RefitParameters, names: Iterable[str], draw: MaskDraw, n_segments: int
) -> int:
    """Most encodes of an item of so many segments when metrics explain its pairs again.

    Parameters
    ----------
    parameters
        How often and how much is changed.
    names
        Metrics; those that explain nothing again cost nothing here.
    draw
        The run's wishes for the masks of the item's modality.
    n_segments
        Of the item.
    """
    needed = {one for name in names if name in REFIT_METRICS.names for one in REFIT_VARIATIONS[name]}
    if n_segments < 1 or not needed:
        return 0
    plan = replace(draw, held_out=0).draw("", n_segments).plan
    # Distinct coalitions with the empty item: no more than all but the whole one.
    masked = min(len(plan.masks) + 1, 2**n_segments - 1)
    every = masked + 1 + draw.inside(n_segments)
    most = 0
    for variation in needed:
        if variation is Variation.SEED:
            cost = 0 if plan.enumerated else masked
        else:
            cost = 0 if variation in NOISE and draw.modality is Modality.TEXT else every
        most += n_draws(parameters, variation) * cost
    return most
