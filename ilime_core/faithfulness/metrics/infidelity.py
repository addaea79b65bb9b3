"""Infidelity: squared difference between the surrogate's changes of the score and the model's."""

import numpy as np
from jaxtyping import Float

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.fresh_coalitions import FreshCoalitions, FreshGrid, surrogate_scores
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import SIZE, Group, Reported

__all__ = ["INFIDELITY", "infidelity", "mean_squared_gap", "scaled_squared_gap"]

Grid = Float[np.ndarray, "left_masks right_masks"]

_CONTROLS = (Control.EXPLANATION, Control.MAIN_EFFECTS)


def infidelity(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
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
    return tuple(value for grid in pair.grids for value in _judge(grid))


def _judge(grid: FreshGrid) -> tuple[FaithfulnessValue, ...]:
    left, right = (np.ones((1, rows.shape[1]), dtype=bool) for rows in (grid.left, grid.right))
    true = grid.whole - grid.scores
    found: list[FaithfulnessValue] = []
    for control in _CONTROLS:
        whole = surrogate_scores(grid.pair, control, left, right)
        predicted = whole - surrogate_scores(grid.pair, control, grid.left, grid.right)
        for name, gap in (("infidelity", mean_squared_gap), ("infidelity_scaled", scaled_squared_gap)):
            value = gap(predicted, true)
            found.append(FaithfulnessValue(name, f"p={grid.probability:g}", control, value))
    return tuple(found)


def mean_squared_gap(predicted: Grid, true: Grid) -> float:
    """E[(predicted - true)^2].

    Parameters
    ----------
    predicted, true
        Drops of the score on the same grid of coalitions.

    Returns
    -------
    float
        In squared units of the score.
    """
    return float(np.mean((predicted - true) ** 2))


def scaled_squared_gap(predicted: Grid, true: Grid) -> float:
    """Smallest E[(factor * predicted - true)^2] over all factors.

    Parameters
    ----------
    predicted, true
        Drops of the score on the same grid of coalitions.

    Returns
    -------
    float
        In squared units of the score; E[true^2] where all predictions are 0.
    """
    squares = float(np.mean(predicted**2))
    factor = float(np.mean(predicted * true)) / squares if squares > 0 else 0.0
    return mean_squared_gap(factor * predicted, true)


INFIDELITY = Metric(
    make=infidelity,
    what="squared gap of predicted and true drop, from the whole pair to fresh coalitions",
    source="https://arxiv.org/abs/1901.09392",
    title="infidelity",
    settings=("probabilities", "coalitions"),
    reads=FreshCoalitions,
    reports=(
        Reported(
            name="infidelity",
            title="infidelity",
            says="Mean squared gap of predicted and true drop of the score, from the whole pair to fresh "
            "coalitions.",
            group=Group.FIDELITY,
            direction="lower",
            bounds=SIZE,
            controls=_CONTROLS,
        ),
        Reported(
            name="infidelity_scaled",
            title="infidelity, scaled",
            says="Mean squared gap of predicted and true drop, once predictions are scaled by the factor "
            "that leaves the smallest gap.",
            group=Group.FIDELITY,
            direction="lower",
            bounds=Bounds(0.0, 4.0),
            controls=_CONTROLS,
        ),
    ),
)
