"""Whether a word's regions are those that show what the word names, where this is known."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from ilime_core.errors import InputError

__all__ = ["Localisation", "NamedPart", "RegionTruth", "localise", "regions_of_objects"]


@dataclass(frozen=True, slots=True, eq=False)
class NamedPart:
    """Words of a text, and where the image shows what they name.

    Attributes
    ----------
    words
        Segments of the text, in order.
    covered
        Share of each region's seen pixels that show it.
    size
        Share of the view's pixels that show it.
    """

    words: tuple[int, ...]
    covered: Float[np.ndarray, " regions"]
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class RegionTruth:
    """What is known of one image-text pair; ``areas`` are the regions' shares of the view's pixels."""

    parts: tuple[NamedPart, ...]
    areas: Float[np.ndarray, " regions"]


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

    Raises
    ------
    InputError
        If no region shows what one of the words names.

    References
    ----------
    .. [1] Zhang et al.: Top-down neural attention by excitation backprop, IJCV 2018, section 5 (pointing
       game), DOI 10.1007/s11263-017-1059-x.
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


def regions_of_objects(
    regions: Int[np.ndarray, "height width"],
    objects: Int[np.ndarray, "height width"],
    n_regions: int,
    n_objects: int,
    least: float = 0.05,
) -> Bool[np.ndarray, "regions objects"]:
    """Say which regions show which object: at most one each, the one that covers most of the region.

    Parameters
    ----------
    regions
        Label map 0 ... ``n_regions`` - 1; negative pixels belong to no region.
    objects
        0 the ground, k object k.
    least
        Share of a region that an object has to cover.
    """
    counts = np.zeros((n_regions, n_objects + 1), dtype=np.int64)
    inside = regions >= 0
    np.add.at(counts, (regions[inside], objects[inside]), 1)
    own, area = counts[:, 1:], counts.sum(axis=1)
    shown = own >= np.maximum(1, least * area)[:, None]
    first = own.argmax(axis=1)[:, None] == np.arange(n_objects)
    return shown & first
