"""Masks of one item under growing budgets: larger ones hold the smaller ones, nothing is encoded twice."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.perturbation.coalitions import MaskRequest
from ilime_core.perturbation.foldover import foldover_rows
from ilime_core.perturbation.item_masks import ItemMasks

__all__ = ["added_coalitions", "merged_embeddings", "next_budget", "with_budget"]


def with_budget(request: MaskRequest, n_masks: int) -> MaskRequest:
    """The same request for another number of Banzhaf rows, at most its own.

    Parameters
    ----------
    request
        Of the fold-over design, without Shapley rows, whose draw depends on the Banzhaf rows.
    n_masks
        Rows wanted.

    Returns
    -------
    MaskRequest
        Its blocks are the first ones of ``request``; further sets are the same, each has its own generator.
    """
    return replace(request, n_masks=min(n_masks, request.n_masks))


def next_budget(n_segments: int, n_masks: int, most: int) -> int | None:
    """Twice the whole fold-over blocks that a budget has.

    Parameters
    ----------
    n_segments
        Segments of the item, at least 1.
    n_masks
        Budget at hand.
    most
        Largest budget; its rows are rounded up to whole blocks as those of a fixed one.

    Returns
    -------
    int or None
        The next budget; None where the rows of ``most`` are drawn already.
    """
    rows = foldover_rows(n_segments, n_masks)
    return min(2 * rows, most) if rows < foldover_rows(n_segments, most) else None


def added_coalitions(smaller: ItemMasks, larger: ItemMasks) -> Bool[np.ndarray, "added segments"]:
    """Coalitions that the larger masks encode and the smaller ones do not, in the order of the larger ones.

    Parameters
    ----------
    smaller, larger
        Masks of one item under two budgets; those of the smaller one are among those of the larger one.

    Returns
    -------
    Bool array, added x segments
        Rows to encode.
    """
    return larger.encoded[~_known(smaller, larger)]


def merged_embeddings(
    smaller: ItemMasks,
    larger: ItemMasks,
    known: Float[Tensor, "distinct dim"],
    added: Float[Tensor, "added dim"],
) -> Float[Tensor, "all dim"]:
    """Embeddings of all that the larger masks encode.

    Parameters
    ----------
    smaller, larger
        Masks of one item under two budgets.
    known
        Embeddings of ``smaller.encoded``.
    added
        Embeddings of `added_coalitions`.

    Returns
    -------
    Tensor, all x dim
        Embeddings of ``larger.encoded``, row by row.
    """
    where = torch.from_numpy(_known(smaller, larger)).to(known.device)
    merged = known.new_empty((len(where), known.shape[1]))
    merged[where], merged[~where] = known, added.to(known)
    return merged


def _known(smaller: ItemMasks, larger: ItemMasks) -> Bool[np.ndarray, " all"]:
    """Which of the larger masks' coalitions the smaller ones encode; both are sorted alike."""
    packed = {row.tobytes() for row in np.packbits(smaller.encoded, axis=1)}
    return np.array([row.tobytes() in packed for row in np.packbits(larger.encoded, axis=1)], dtype=bool)
