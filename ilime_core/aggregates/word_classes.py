"""Classes of words over the pairs of a benchmark: shares of the joint effect, sizes of effects."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes
from ilime_core.errors import InputError

__all__ = [
    "FEWEST_PAIRS",
    "ClassMean",
    "WordClassValues",
    "class_means",
    "join_word_class_values",
    "word_class_values",
]

FEWEST_PAIRS = 10
"""Pairs with a word of a class below which its means have no interval."""

QUANTITIES = {"mass_share": Bounds(0.0, 1.0), "word_share": Bounds(0.0, 1.0), "intact_size": Bounds(low=0.0)}
"""Fields of `WordClassValues` that are averaged, with their ranges."""


@dataclass(frozen=True, slots=True, eq=False)
class WordClassValues:
    """Quantities of each class in each pair.

    Attributes
    ----------
    mass_share
        Share of the sum of |W| that is in the columns of the class's words; NaN where W is absent or zero.
    word_share
        Share of the text's words that are of the class.
    intact_size
        Mean |effect| of the class's words with the other item whole; NaN where the text has none.
    n_words
        Words of the class.
    """

    mass_share: Float[np.ndarray, "pairs classes"]
    word_share: Float[np.ndarray, "pairs classes"]
    intact_size: Float[np.ndarray, "pairs classes"]
    n_words: Int64[np.ndarray, "pairs classes"]

    def of_pairs(self, rows: Int64[np.ndarray, " chosen"]) -> "WordClassValues":
        """Values of some pairs, by their rows."""
        return WordClassValues(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True, slots=True)
class ClassMean:
    """Mean of one quantity of one class over pairs."""

    class_code: int
    quantity: str
    mean: ClusteredMean
    """Without an interval where fewer than `FEWEST_PAIRS` pairs have a word of the class."""
    n_words: int
    """Words of the class in all pairs."""
    n_pairs: int
    """Pairs with a word of the class."""


def word_class_values(
    pairs: Int64[np.ndarray, " words"],
    classes: Int64[np.ndarray, " words"],
    mass: Float[np.ndarray, " words"],
    intact: Float[np.ndarray, " words"],
    shape: tuple[int, int],
) -> WordClassValues:
    """Sum words by pair and class.

    Parameters
    ----------
    pairs, classes
        Number of each word's pair, and of its class.
    mass
        Sum of |W| over the other item's segments, for each word; NaN where the pair has no W.
    intact
        Effect of the word with the other item whole.
    shape
        Pairs and classes.

    Returns
    -------
    WordClassValues
        One row per pair and one column per class.

    Raises
    ------
    InputError
        If a number lies outside of the shape.
    """
    n_pairs, n_classes = shape
    for name, numbers, bound in (("pair", pairs, n_pairs), ("class", classes, n_classes)):
        if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < bound:
            raise InputError(
                f"numbers of {name} lie in [0, {bound}), got {numbers.min()} to {numbers.max()}."
            )
    cells = pairs * n_classes + classes

    def sums(weights: Float[np.ndarray, " words"]) -> Float[np.ndarray, "pairs classes"]:
        return np.bincount(cells, weights=weights, minlength=n_pairs * n_classes).reshape(shape)

    counts = np.bincount(cells, minlength=n_pairs * n_classes).reshape(shape)
    masses = sums(mass)
    with np.errstate(invalid="ignore", divide="ignore"):
        return WordClassValues(
            masses / masses.sum(axis=1, keepdims=True),
            counts / counts.sum(axis=1, keepdims=True),
            sums(np.abs(intact)) / counts,
            counts.astype(np.int64),
        )


def join_word_class_values(parts: Sequence[WordClassValues]) -> WordClassValues:
    """Values of the pairs of one or more parts, one below the other."""
    return WordClassValues(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(WordClassValues))
    )


def class_means(
    values: WordClassValues, left: Int64[np.ndarray, " pairs"], right: Int64[np.ndarray, " pairs"]
) -> list[ClassMean]:
    """Means over pairs of every class that occurs in them, with intervals clustered by both items.

    Parameters
    ----------
    values
        Quantities by pair and class.
    left, right
        A number for each item, the same on all its pairs.

    Returns
    -------
    list of ClassMean
        By class, then by quantity.
    """
    found: list[ClassMean] = []
    for code, words in enumerate(values.n_words.T):
        n_pairs = int(np.count_nonzero(words))
        for quantity, bounds in QUANTITIES.items() if n_pairs else ():
            mean = mean_by_codes(getattr(values, quantity)[:, code], left, right, bounds=bounds)
            found.append(ClassMean(code, quantity, _floored(mean, n_pairs), int(words.sum()), n_pairs))
    return found


def _floored(mean: ClusteredMean, n_pairs: int) -> ClusteredMean:
    if n_pairs >= FEWEST_PAIRS:
        return mean
    return replace(mean, standard_error=None, low=None, high=None, degrees=None)
