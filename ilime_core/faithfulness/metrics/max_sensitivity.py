"""Max-sensitivity: largest relative change of W under noise on images."""

from dataclasses import replace

import numpy as np

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.refit_agreement import relative_change
from ilime_core.faithfulness.refits import Refits, Variation, Weights, mean_of_draws
from ilime_core.faithfulness.reported import SIZE, Group, Reported

__all__ = ["MAX_SENSITIVITY", "max_sensitivity", "max_sensitivity_of"]


def max_sensitivity(explanation: Weights, perturbed: Refits) -> float | None:
    """Largest relative change of an explanation under small changes of its input.

    ``max_k |W_k - W| / |W|`` in Frobenius norms; None without draws, or where W is zero up to rounding.

    Parameters
    ----------
    explanation
        W.
    perturbed
        W of each changed input.

    Returns
    -------
    float or None
        At least 0, without unit; 1 is a change as large as W itself.

    References
    ----------
    .. [1] Yeh, C.-K. et al. (2019). On the (in)fidelity and sensitivity of explanations. NeurIPS,
       definition 2.2, estimated by Monte Carlo. https://arxiv.org/abs/1901.09392
    """
    changes = relative_change(explanation, perturbed)
    changes = changes[np.isfinite(changes)]
    return float(changes.max()) if len(changes) else None


def max_sensitivity_of(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """:func:`max_sensitivity` of W under noise on images; spread is that of the changes over the draws."""
    weights = pair.explanation.interactions
    return tuple(
        replace(
            mean_of_draws("max_sensitivity", variation, relative_change(weights, refits)),
            value=max_sensitivity(weights, refits),
        )
        for variation, refits in pair.varied(Variation.RADIUS)
    )


MAX_SENSITIVITY = Metric(
    make=max_sensitivity_of,
    what="largest relative change of W under noise on images",
    source="https://arxiv.org/abs/1901.09392",
    title="largest sensitivity",
    settings=("sensitivity_draws", "sensitivity_radius"),
    variations=(Variation.RADIUS,),
    reports=(
        Reported(
            name="max_sensitivity",
            title="max-sensitivity",
            says="Largest relative change of the matrix over small random changes of the pixels.",
            group=Group.STABILITY,
            direction="lower",
            bounds=SIZE,
            mode_names={"radius": ""},
        ),
    ),
)
