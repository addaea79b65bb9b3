"""How many components somebody has to look at."""

import numpy as np

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.stored import StoredPair

__all__ = ["comprehensibility"]

ENERGY = 0.9
ROUNDING = 1e-9


def comprehensibility(pair: StoredPair) -> tuple[FaithfulnessValue, ...]:
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
    return (FaithfulnessValue("comprehensibility", "none", Control.EXPLANATION, value, direction="lower"),)
