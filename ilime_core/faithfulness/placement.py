"""Weights of regions held against the regions that show what a word names."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.errors import InputError

__all__ = ["Localisation", "energy_inside", "localise", "matched_iou"]

_ROUNDING = 1e-9  # areas are sums of shares


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """How well each word of one pair is placed, beside what chance would give.

    Attributes
    ----------
    hits
        Whether the region of the word's largest weight shows what it names.
    hit_chance
        The same of a region drawn at random: the share of regions that show it.
    right_mass
        Share of the word's absolute weights that lie right: positive where it is shown, negative elsewhere;
        1/2 where all are 0.
    right_mass_chance
        Its mean over all permutations of the regions.
    """

    hits: Bool[np.ndarray, " words"]
    hit_chance: Float[np.ndarray, " words"]
    right_mass: Float[np.ndarray, " words"]
    right_mass_chance: Float[np.ndarray, " words"]


def localise(
    weights: Float[np.ndarray, "regions words"], shown: Bool[np.ndarray, "regions words"]
) -> Localisation:
    """Hold a matrix of regions by words against the truth.

    Parameters
    ----------
    weights
        W, or effects of regions, one column a word; of equal largest weights the first region counts.
    shown
        Regions that show what each word names.

    Returns
    -------
    Localisation
        One value for each word; masses are shares, 0 to 1.

    Raises
    ------
    InputError
        If no region shows what one of the words names.

    References
    ----------
    .. [1] Zhang et al.: Top-down neural attention by excitation backprop, IJCV 2018, section 5 (pointing
       game), DOI 10.1007/s11263-017-1059-x.
    .. [2] Baniecki et al.: Explaining similarity in vision-language encoders with weighted Banzhaf
       interactions, arXiv 2508.05430 (pointing game recognition: the mass that lies right).
    """
    share = shown.mean(axis=0)
    if not shown.any(axis=0).all():
        word = int(np.flatnonzero(~shown.any(axis=0))[0])
        raise InputError(f"no region shows what word {word} names; leave the word out")
    total = np.abs(weights).sum(axis=0)
    positive = np.where(weights > 0, weights, 0.0)
    negative = positive - weights
    right = np.where(shown, positive, negative).sum(axis=0)
    chance = positive.sum(axis=0) * share + negative.sum(axis=0) * (1.0 - share)
    scale = np.where(total > 0, total, 1.0)
    flat = np.where(total > 0, 0.0, 0.5)
    return Localisation(
        hits=shown[weights.argmax(axis=0), np.arange(weights.shape[1])],
        hit_chance=share,
        right_mass=right / scale + flat,
        right_mass_chance=chance / scale + flat,
    )


def energy_inside(
    weights: Float[np.ndarray, "regions words"], covered: Float[np.ndarray, "regions words"]
) -> Float[np.ndarray, " words"]:
    """Share of a word's positive weights that lies on what it names; NaN without a positive weight.

    Its mean over all permutations of the regions is the mean of ``covered``, whatever the weights.

    Parameters
    ----------
    weights
        One column a word.
    covered
        Share of each region that shows what the word names.

    Returns
    -------
    Float array, one per word
        0 to 1.

    References
    ----------
    .. [1] Arras, Osman, Samek: CLEVR-XAI: a benchmark dataset for the ground truth evaluation of neural
       network explanations, Information Fusion 81, 2022 (relevance mass accuracy), DOI
       10.1016/j.inffus.2021.11.008.
    """
    positive = np.where(weights > 0, weights, 0.0)
    total = positive.sum(axis=0)
    inside = (positive * covered).sum(axis=0)
    return np.where(total > 0, inside / np.where(total > 0, total, 1.0), np.nan)


def matched_iou(
    orders: Int64[np.ndarray, "orders regions"],
    covered: Float[np.ndarray, " regions"],
    size: float,
    areas: Float[np.ndarray, " regions"],
) -> Float[np.ndarray, " orders"]:
    """Overlap of a part with the first regions of an order that take as much area as the part does.

    The last of these regions is taken whole or left out, whichever area comes nearer to the part's (taken
    where both are as near); at least one region is taken.

    Parameters
    ----------
    orders
        Orders of the regions, the strongest first.
    covered
        Share of each region that shows the part.
    size, areas
        Areas of the part and of the regions as shares of the view.

    Returns
    -------
    Intersection over union, one an order.
    """
    taken = areas[orders].cumsum(axis=1)
    shared = (areas * covered)[orders].cumsum(axis=1)
    last = np.minimum((taken < size - _ROUNDING).sum(axis=1), len(areas) - 1)
    rows = np.arange(len(orders))
    before = np.where(last > 0, taken[rows, last - 1], -np.inf)
    overshoots = taken[rows, last] - size > size - before + _ROUNDING
    last -= overshoots
    inside = shared[rows, last]
    return inside / (taken[rows, last] + size - inside)
