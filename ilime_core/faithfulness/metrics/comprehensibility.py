"""Comprehensibility: number of components that a reader has to look at."""

import numpy as np

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import Group, Reported

__all__ = ["COMPREHENSIBILITY", "comprehensibility"]

ENERGY = 0.9
ROUNDING = 1e-9


def comprehensibility(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Fewest components of W with 90 % of its energy, once the energy that noise adds is taken off.

    The squared norm of an estimated W exceeds that of the true one by the sum of its squared standard errors.
    The leading components are taken as they are estimated. Unknown where errors are, and where W does not
    stand out from its noise.
    """
    noise, value = pair.shares.sum_squared_error, None
    if noise is not None:
        energies = np.cumsum(np.linalg.svd(pair.explanation.interactions, compute_uv=False) ** 2)
        wanted = float(energies[-1]) - max(noise, 0.0)
        if wanted > 0:
            value = float(np.searchsorted(energies, ENERGY * wanted * (1 - ROUNDING)) + 1)
    return (FaithfulnessValue("comprehensibility", "none", Control.EXPLANATION, value),)


COMPREHENSIBILITY = Metric(
    make=comprehensibility,
    what="components with 90 % of the energy of W beyond noise",
    source="ilime",
    title="comprehensibility",
    reports=(
        Reported(
            name="comprehensibility",
            title="components",
            says="Components that hold 90 % of the matrix's energy, once what noise adds is taken off.",
            group=Group.COMPREHENSIBILITY,
            direction="lower",
            bounds=Bounds(low=1.0),
        ),
    ),
)
