"""Weighted Banzhaf effects: the regression of Banzhaf effects at another probability of keeping."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool

from ilime_core.effects.batched_banzhaf import banzhaf
from ilime_core.effects.registry import FitOptions
from ilime_core.perturbation.row_set import Neighbours
from ilime_core.perturbation.stratified import stratified
from ilime_core.records import Effects, MaskedEmbeddings, MaskSets, Modality

__all__ = ["WeightedRows", "weighted_banzhaf", "weighted_rows"]


@dataclass(frozen=True, slots=True)
class WeightedRows:
    """Rows whose sizes follow Binomial(n, p)."""

    n_masks: int
    p: float
    placed: bool = field(default=False, init=False)

    def count(self, n_segments: int) -> int:
        """Rows of an item with ``n_segments`` segments."""
        del n_segments  # as many for every item
        return self.n_masks

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw the rows of an item.

        Parameters
        ----------
        n_segments
            Segments of the item.
        rng
            Source of the rows.
        neighbours
            Not read: places do not matter.

        Returns
        -------
        Bool array, samples x segments
            ``n_masks`` rows; True keeps the segment.
        """
        del neighbours  # sizes are drawn, places do not matter
        return stratified(self.p)(n_segments, self.n_masks, rng)


def weighted_rows(options: FitOptions, modality: Modality) -> WeightedRows:
    """Return the rows of weighted_banzhaf for items of one modality.

    Parameters
    ----------
    options
        ``weighted_p``, and the number of masks of the modality.
    modality
        Images and texts have their own number of masks.

    Returns
    -------
    WeightedRows
        With ``n_masks`` and p of that modality.
    """
    image = modality is Modality.IMAGE
    return WeightedRows(
        options.weighted_image_masks if image else options.weighted_text_masks, options.weighted_p
    )


def weighted_banzhaf(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Banzhaf effects at another probability of keeping, from rows of their own.

    Parameters
    ----------
    items
        Enumerated, or with rows ``weighted``.
    options
        ``weighted_p``, ``ridge`` and ``kernel_width`` are read.

    Returns
    -------
    list of Effects
        In the order of the items; ``mean`` is over masks that keep a segment with ``weighted_p``.

    Raises
    ------
    RankDeficientError, InputError
        See :func:`~ilime_core.effects.banzhaf.fit_banzhaf_batch`.
    """
    own = [_of_weighted(item, options.weighted_p) for item in items]
    return banzhaf(own, replace(options, refine="none"))  # the rows are not folded


def _of_weighted(item: MaskedEmbeddings, p: float) -> MaskedEmbeddings:
    """The item with the rows that keep a segment with probability p as its Banzhaf rows."""
    if item.sets.enumerated:
        return replace(item, sets=replace(item.sets, p=p))
    rows = item.sets.rows["weighted"]
    masks = item.masks[rows]
    sets = MaskSets({"banzhaf": slice(0, len(masks))}, item.sets.design, p)
    return replace(item, masks=masks, embeddings=item.embeddings[rows], sets=sets)
