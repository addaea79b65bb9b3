"""Occlusion: what the whole item loses when one segment goes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool

from ilime_core.effects.exact_effects import exact_effects
from ilime_core.effects.registry import FitOptions
from ilime_core.perturbation.row_set import Neighbours
from ilime_core.records import Effects, MaskedEmbeddings, Modality

__all__ = ["LeaveOneOutRows", "leave_one_out_rows", "occlusion"]


@dataclass(frozen=True, slots=True)
class LeaveOneOutRows:
    """Rows that remove one segment each."""

    placed: bool = field(default=False, init=False)

    def count(self, n_segments: int) -> int:
        """Rows of an item with ``n_segments`` segments."""
        return n_segments

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Return the rows of an item.

        Parameters
        ----------
        n_segments
            Segments of the item.
        rng, neighbours
            Not read: there is nothing to choose.

        Returns
        -------
        Bool array, segments x segments
            Row i removes segment i.
        """
        del rng, neighbours  # nothing to choose
        return ~np.eye(n_segments, dtype=bool)


def leave_one_out_rows(options: FitOptions, modality: Modality) -> LeaveOneOutRows:
    """Return the rows of occlusion.

    Parameters
    ----------
    options, modality
        Not read: there is no setting.

    Returns
    -------
    LeaveOneOutRows
        One row per segment.
    """
    del options, modality  # there is no setting
    return LeaveOneOutRows()


def occlusion(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Effects ``g(1) - g(1 minus i)``; products of two are mixed differences at the full pair.

    Nothing is sampled, so the errors are zero. ``mean`` is the whole item's embedding: the other item stays
    as it is. The intercept is what is left of it with all effects taken away.

    Parameters
    ----------
    items
        Enumerated, or with rows ``leave_one_out``.
    options
        Not read: nothing is regressed.

    Returns
    -------
    list of Effects
        In the order of the items, in the unit of their embeddings.

    References
    ----------
    .. [1] Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV,
       818-833. https://doi.org/10.1007/978-3-319-10590-1_53
    """
    del options  # nothing is regressed
    return [_of_item(item) for item in items]


def _of_item(item: MaskedEmbeddings) -> Effects:
    n_segments = item.masks.shape[1]
    if item.sets.enumerated:
        # All coalitions stand in binary order.
        every = 2**n_segments - 1
        removed = item.embeddings[every - 2 ** torch.arange(n_segments, device=item.embeddings.device)]
    else:
        removed = item.embeddings[item.sets.rows["leave_one_out"]]
    return exact_effects(item, item.full - removed, mean=item.full, n_masks=n_segments)
