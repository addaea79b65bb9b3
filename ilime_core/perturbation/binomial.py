"""Binomial law of the sizes of coalitions."""

import numpy as np
from jaxtyping import Float
from scipy.special import gammaln, xlog1py, xlogy

__all__ = ["binomial_law"]


def binomial_law(n_segments: int, p: float) -> Float[np.ndarray, " sizes"]:
    """Probability of each number of kept segments, where each is kept with probability p by itself.

    As ``scipy.stats.binom.pmf`` up to rounding; importing that package takes longer than reading a spec.

    Parameters
    ----------
    n_segments
        Segments, n, at least 0.
    p
        Probability, strictly between 0 and 1.

    Returns
    -------
    Float array, sizes
        Probabilities of the sizes 0 ... n.
    """
    kept = np.arange(n_segments + 1)
    removed = n_segments - kept
    ways = gammaln(n_segments + 1) - gammaln(kept + 1) - gammaln(removed + 1)
    return np.exp(ways + xlogy(kept, p) + xlog1py(removed, -p))
