"""How far the surrogate's changes of the score are from the model's."""

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.fresh_coalitions import FreshGrid, GridMetric, surrogate_scores
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.options import MetricOptions

__all__ = ["infidelity", "mean_squared_gap", "scaled_squared_gap"]

Grid = Float[np.ndarray, "left_masks right_masks"]


def infidelity(options: MetricOptions) -> GridMetric:
    """Mean squared gap of predicted and true drop, from the whole pair to fresh coalitions.

    ``infidelity`` is in squared units of the score. ``infidelity_scaled`` first multiplies the predictions by
    the one factor that fits them best, for explanations whose numbers have no units; the factor may be
    negative, as it is in the publication, so that an explanation of the wrong sign is not found out by it.

    References
    ----------
    .. [1] C.-K. Yeh, C.-Y. Hsieh, A. S. Suggala, D. I. Inouye, P. Ravikumar, "On the (In)fidelity and
       Sensitivity of Explanations", NeurIPS 2019, arXiv:1901.09392, definition 2.1, with Bernoulli
       coalitions of segments as the perturbations; section 2 (optimal scaling).
    """
    return GridMetric(options, _judge)


def _judge(grid: FreshGrid) -> tuple[FaithfulnessValue, ...]:
    left, right = (np.ones((1, rows.shape[1]), dtype=bool) for rows in (grid.left, grid.right))
    true = grid.whole - grid.scores
    found: list[FaithfulnessValue] = []
    for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
        whole = surrogate_scores(grid.pair, control, left, right)
        predicted = whole - surrogate_scores(grid.pair, control, grid.left, grid.right)
        for name, gap in (("infidelity", mean_squared_gap), ("infidelity_scaled", scaled_squared_gap)):
            value = gap(predicted, true)
            found.append(
                FaithfulnessValue(name, f"p={grid.probability:g}", control, value, direction="lower")
            )
    return tuple(found)


def mean_squared_gap(predicted: Grid, true: Grid) -> float:
    """E[(predicted - true)^2]."""
    return float(np.mean((predicted - true) ** 2))


def scaled_squared_gap(predicted: Grid, true: Grid) -> float:
    """Smallest E[(factor * predicted - true)^2] over all factors."""
    squares = float(np.mean(predicted**2))
    factor = float(np.mean(predicted * true)) / squares if squares > 0 else 0.0
    return mean_squared_gap(factor * predicted, true)
