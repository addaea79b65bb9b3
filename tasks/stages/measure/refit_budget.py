"""Upper bound on the encodes of explaining an item again, before anything is encoded."""

from collections.abc import Iterable

from ilime_core.faithfulness.metric_set import variations_of
from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.registry import METRICS
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS
from ilime_core.perturbation.foldover import foldover_rows
from ilime_core.records import Modality
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
    n_rows = _rows(draw, n_segments)
    enumerated = n_segments <= MOST_SEGMENTS and 2**n_segments <= n_rows
    # Distinct coalitions with the empty item: no more than all but the whole one.
    masked = min(n_rows + 1, 2**n_segments - 1)
    every = masked + 1 + draw.inside(n_segments)
    most = 0
    for variation in needed:
        if variation is Variation.SEED:
            cost = 0 if enumerated else masked
        else:
            cost = 0 if variation in NOISE and draw.modality is Modality.TEXT else every
        most += n_draws(parameters, variation) * cost
    return most


def _rows(draw: MaskDraw, n_segments: int) -> int:
    """Rows beside held-out ones that would be drawn; none is, because a draw may fail that is not needed."""
    request = draw.request
    whole_blocks = request.design == "foldover"
    fitted = foldover_rows(n_segments, request.n_masks) if whole_blocks else request.n_masks
    further = sum(rows.count(n_segments) for rows in request.further.values())
    return fitted + request.shapley_masks + request.shapley_masks % 2 + further
