"""Words by labels of regions: how much of a word's joint effect lies inside of what is called so."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

__all__ = ["BACKGROUND", "NOT_KEPT", "LabelWordMeans", "LabelWordTotals", "LabelledCells"]

BACKGROUND, NOT_KEPT = -1, -2
_VALUES = ("mass", "inside", "other", "background", "net", "area")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledCells:
    """Cells of W of some pairs, whole columns only: each word of a pair with all regions of its image.

    Attributes
    ----------
    pair
        Number of the pair.
    label
        Number of the region's label; `BACKGROUND` without one, `NOT_KEPT` with one that is not counted.
    word
        Number of the word; cells of other words are left out.
    weight
        Cell of W.
    area
        Share of the view that the region has.
    """

    pair: Int64[np.ndarray, " cells"]
    label: Int64[np.ndarray, " cells"]
    word: Int64[np.ndarray, " cells"]
    weight: Float[np.ndarray, " cells"]
    area: Float[np.ndarray, " cells"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelWordMeans:
    """Means over the pairs whose image has the label and whose text has the word; one entry each.

    Attributes
    ----------
    label, word
        Numbers.
    n_pairs
        Pairs that were averaged over.
    mass
        Sum of |W| of the word over all regions.
    inside, other, background
        Shares of the mass inside of the label's regions, of those of other labels, and of those without one.
    net
        Sum of W of the word inside of the label's regions.
    area
        Share of the view that the label's regions have.
    """

    label: Int64[np.ndarray, " entries"]
    word: Int64[np.ndarray, " entries"]
    n_pairs: Int64[np.ndarray, " entries"]
    mass: Float[np.ndarray, " entries"]
    inside: Float[np.ndarray, " entries"]
    other: Float[np.ndarray, " entries"]
    background: Float[np.ndarray, " entries"]
    net: Float[np.ndarray, " entries"]
    area: Float[np.ndarray, " entries"]


class LabelWordTotals:
    """Sums over pairs in matrices of labels and words, whatever the number of pairs.

    Parameters
    ----------
    n_labels, n_words
        Size of the matrices.
    """

    def __init__(self, n_labels: int, n_words: int) -> None:
        self._shape = (n_labels, n_words)
        self._counts = np.zeros(n_labels * n_words, dtype=np.int64)
        self._word_counts = np.zeros(n_words, dtype=np.int64)
        self._sums = {name: np.zeros(n_labels * n_words) for name in _VALUES}

    def add(self, cells: LabelledCells) -> None:
        """Add pairs; all cells of a word in a pair are given at once. Words whose cells are 0 have no share.

        Parameters
        ----------
        cells
            Cells of some pairs.
        """
        n_labels, n_words = self._shape
        columns, column = np.unique(cells.pair * n_words + cells.word, return_inverse=True)
        groups, group = np.unique(column * (n_labels + 2) + cells.label - NOT_KEPT, return_inverse=True)
        own, label = groups // (n_labels + 2), groups % (n_labels + 2) + NOT_KEPT
        size, net, area = (
            np.bincount(group, weights=weights, minlength=len(groups))
            for weights in (np.abs(cells.weight), cells.weight, cells.area)
        )
        mass, whole = (np.bincount(own, weights=sums, minlength=len(columns)) for sums in (size, area))
        ground = np.bincount(own, weights=np.where(label == BACKGROUND, size, 0.0), minlength=len(columns))
        self._word_counts += np.bincount(columns[mass > 0] % n_words, minlength=n_words)
        kept = (label >= 0) & (mass[own] > 0)
        own, label, size = own[kept], label[kept], size[kept]
        values = {
            "mass": mass[own],
            "inside": size / mass[own],
            "other": (mass[own] - ground[own] - size) / mass[own],
            "background": ground[own] / mass[own],
            "net": net[kept],
            "area": area[kept] / whole[own],
        }
        places = label * n_words + columns[own] % n_words
        self._counts += np.bincount(places, minlength=len(self._counts))
        for name, found in values.items():
            self._sums[name] += np.bincount(places, weights=found, minlength=len(self._counts))

    def means(self, fewest: int) -> LabelWordMeans:
        """Means of the labels and words that some pair has, by label, then by word.

        Parameters
        ----------
        fewest
            Pairs that have to have a word, whatever is on their images; rarer words are left out.

        Returns
        -------
        LabelWordMeans
            One entry for each label and word.
        """
        frequent = np.tile(self._word_counts >= fewest, self._shape[0])
        places = np.flatnonzero((self._counts > 0) & frequent)
        counts = self._counts[places]
        label, word = np.divmod(places, self._shape[1])
        return LabelWordMeans(
            label.astype(np.int64),
            word.astype(np.int64),
            counts,
            **{name: sums[places] / counts for name, sums in self._sums.items()},
        )
