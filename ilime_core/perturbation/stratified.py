"""Masks whose sizes follow the binomial law closely, uniform within a size."""

import numpy as np
from jaxtyping import Bool, Float, Int

from ilime_core.perturbation.binomial import binomial_law
from ilime_core.perturbation.iid import check_probability, check_rank
from ilime_core.protocols.perturbation import Design

__all__ = ["stratified", "subsets_of_sizes", "systematic_sample"]


def stratified(p: float) -> Design:
    """Design with sizes sampled systematically from Binomial(n, ``p``) and uniform subsets within each size.

    Each row follows the law of :func:`~ilime_core.perturbation.iid.iid` exactly, but the counts of sizes vary
    by less than one between draws: no variance comes from them. The returned design raises RankDeficientError
    if its rows cannot identify the effects.

    Raises
    ------
    InputError
        If ``p`` is not strictly between 0 and 1.

    References
    ----------
    .. [1] Madow, W. G. and Madow, L. H. (1944). On the theory of systematic sampling, I. Annals of
       Mathematical Statistics 15(1), 1-24. https://doi.org/10.1214/aoms/1177731312
    """
    check_probability(p)

    def draw(n_segments: int, n_masks: int, rng: np.random.Generator) -> Bool[np.ndarray, "samples segments"]:
        law = binomial_law(n_segments, p)
        sizes = rng.permutation(systematic_sample(law, n_masks, rng))
        masks = subsets_of_sizes(sizes, n_segments, rng)
        check_rank(masks)
        return masks

    return draw


def systematic_sample(
    law: Float[np.ndarray, " outcomes"], n_draws: int, rng: np.random.Generator
) -> Int[np.ndarray, " draws"]:
    """Draw outcomes by systematic sampling.

    Each outcome occurs the floor or the ceiling of ``n_draws`` times its probability.

    Parameters
    ----------
    law
        Probabilities of the outcomes.
    n_draws
        Draws, at least 1.
    rng
        Source of the one random offset.

    Returns
    -------
    Int array, draws
        Numbers of the outcomes, ascending.
    """
    points = (np.arange(n_draws) + rng.random()) / n_draws
    edges = np.cumsum(law)
    # The last edge is the total exactly, so that a rounded sum cannot leave a point beyond it.
    return np.searchsorted(edges / edges[-1], points, side="right")


def subsets_of_sizes(
    sizes: Int[np.ndarray, " samples"], n_segments: int, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw one uniformly random subset per size.

    Parameters
    ----------
    sizes
        Number of kept segments of each row.
    n_segments
        Segments of the item.
    rng
        Source of the subsets.

    Returns
    -------
    Bool array, samples x segments
        True keeps the segment.
    """
    ranks = rng.random((len(sizes), n_segments)).argsort(axis=1).argsort(axis=1)
    return ranks < sizes[:, None]
