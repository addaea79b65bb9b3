"""Selection of the regions, words and factors of a pair that its pictures show."""

import numpy as np

from tasks.figures.pair_picture import PairPicture

__all__ = ["shown_factors", "shown_regions", "shown_words", "strong_words"]

REGIONS, WORDS, HEATS, FACTORS = 12, 18, 4, 3


def shown_regions(pair: PairPicture) -> list[int]:
    """Regions of largest total interaction, those that bring the score up most first."""
    mass = np.abs(pair.weights).sum(axis=1)
    largest = np.argsort(-mass, kind="stable")[:REGIONS]
    return sorted((int(region) for region in largest), key=lambda region: (-pair.left_net[region], region))


def shown_words(pair: PairPicture) -> list[int]:
    """Words of largest total interaction in reading order."""
    mass = np.abs(pair.weights).sum(axis=0)
    return sorted(int(word) for word in np.argsort(-mass, kind="stable")[:WORDS])


def strong_words(pair: PairPicture) -> list[int]:
    """Words whose interactions are largest, the strongest first."""
    energy = (pair.weights**2).sum(axis=0)
    chosen = np.argsort(-energy, kind="stable")[:HEATS]
    return [int(word) for word in chosen if energy[word] > 0]


def shown_factors(pair: PairPicture) -> int:
    """Number of leading factors that hold more than a hundredth of the energy each."""
    return sum(factor.energy > 0.01 for factor in pair.factors[:FACTORS])
