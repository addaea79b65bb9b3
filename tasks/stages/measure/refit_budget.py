"""Upper bound on the encodes of explaining an item again, before anything is encoded."""

from collections.abc import Iterable

from ilime_core.faithfulness.metric_set import variations_of
from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.registry import METRICS
from ilime_core.modality import Modality
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.refits import RefitParameters
from tasks.stages.measure.refit_variations import n_draws

__all__ = ["most_refit_encodes"]

NOISE = (Variation.NOISE, Variation.RADIUS)


def most_refit_encodes(
    parameters: RefitParameters, names: Iterable[str], draw: MaskDraw, n_segments: int
) -> int:
    """Most encodes of an item of ``n_segments`` segments when metrics explain its pairs again.

    Parameters
    ----------
    parameters
        How often and how much is changed.
    names
        Metrics; those that explain nothing again cost nothing here.
    draw
        Draw of the masks of the item's modality.
    n_segments
        Segments of the item.

    Returns
    -------
    int
        Sum over the variations that the metrics need.
    """
    needed = variations_of(METRICS[name] for name in names)
    if n_segments < 1 or not needed:
        return 0
    # Distinct coalitions with the empty item: no more than all but the whole one. None is held out.
    masked = min(draw.request.n_rows(n_segments) + 1, 2**n_segments - 1)
    every = masked + 1 + draw.inside(n_segments)
    most = 0
    for variation in needed:
        if variation is Variation.SEED:
            cost = 0 if draw.request.enumerates(n_segments) else masked
        else:
            cost = 0 if variation in NOISE and draw.modality is Modality.TEXT else every
        most += n_draws(parameters, variation) * cost
    return most
