"""Occlusion of a segment together with its neighbours (SBSM)."""

from collections.abc import Sequence

from ilime_core.effects.exact_effects import exact_effects
from ilime_core.effects.registry import FitOptions
from ilime_core.perturbation.windows import WindowRows
from ilime_core.records import Effects, MaskedEmbeddings, Modality

__all__ = ["sliding_block_occlusion", "window_rows"]


def window_rows(options: FitOptions, modality: Modality) -> WindowRows:
    """Return the rows of sliding_block_occlusion.

    Parameters
    ----------
    options
        ``block_segments`` is read.
    modality
        Not read: images and texts have windows of one size.

    Returns
    -------
    WindowRows
        One window per segment.
    """
    del modality  # images and texts have windows of one size
    return WindowRows(options.block_segments)


def sliding_block_occlusion(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """What a segment's windows take away, shared among their segments: a smoothed map.

    The effect of a segment is the mean over the windows W that hold it of ``(g(1) - g(1 minus W)) / |W|``.
    With windows of one segment this is :func:`~ilime_core.effects.occlusion.occlusion`; larger ones spread
    effects over neighbours even where the item is additive. Nothing is sampled, so the errors are zero.
    ``mean`` is the whole item's embedding.

    Parameters
    ----------
    items
        With rows ``windows``.
    options
        Not read: the rows say how large the windows are.

    Returns
    -------
    list of Effects
        In the order of the items, in the unit of their embeddings.

    References
    ----------
    .. [1] Dong, B., Collins, R. and Hoogs, A. (2019). Explainability for content-based image retrieval. CVPR
       Workshops, 95-98.
    .. [2] Hamilton, M., Lundberg, S., Fu, S., Zhang, L. and Freeman, W. T. (2022). Axiomatic explanations for
       visual search, retrieval, and similarity learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    del options  # the size of the windows is told by the rows
    return [_of_item(item) for item in items]


def _of_item(item: MaskedEmbeddings) -> Effects:
    rows = item.sets.rows["windows"]
    removed = (~item.masks[rows]).to(item.embeddings.dtype)
    taken = (item.full - item.embeddings[rows]) / removed.sum(dim=1, keepdim=True)
    values = removed.mT @ taken / removed.sum(dim=0)[:, None]
    return exact_effects(item, values, mean=item.full, n_masks=len(removed))
