"""Banzhaf effects of many items at once."""

from collections.abc import Iterator, Sequence

import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf_batch
from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.effects.registry import FitOptions
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["banzhaf"]

_BATCH_VALUES = 32_000_000
"""Embedding values of one batch: 256 MB in double precision."""


def banzhaf(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Banzhaf effects of items from their Banzhaf rows, batched over items of one shape.

    Parameters
    ----------
    items
        Of any number of segments and masks; those of one shape, device and dtype are fitted together.
    options
        ``ridge``, ``kernel_width`` and ``refine`` are read; p is the item's.

    Returns
    -------
    list of Effects
        In the order of the items; see :func:`~ilime_core.effects.banzhaf.fit_banzhaf_batch`.

    Raises
    ------
    RankDeficientError, InputError
        See :func:`~ilime_core.effects.banzhaf.fit_banzhaf_batch`.
    """
    fitted: dict[int, Effects] = {}
    for positions in _alike(items):
        batch = [items[position] for position in positions]
        sets = batch[0].sets
        masks = torch.stack([item.masks[: sets.n_banzhaf] for item in batch])
        width = options.kernel_width
        results = fit_banzhaf_batch(
            masks,
            torch.stack([item.embeddings[: sets.n_banzhaf] for item in batch]),
            torch.stack([item.empty for item in batch]),
            torch.stack([item.full for item in batch]),
            options=BanzhafOptions(
                p=sets.p, ridge=options.ridge, enumerated=sets.enumerated, refine=options.refine
            ),
            weights=None if width is None else product_kernel_weights(masks, width),
        )
        fitted.update(zip(positions, results, strict=True))
    return [fitted[position] for position in range(len(items))]


def _alike(items: Sequence[MaskedEmbeddings]) -> Iterator[list[int]]:
    # Grouped in order of appearance and cut by size, so that a block of items is always batched in the same
    # way.
    groups: dict[tuple[object, ...], list[int]] = {}
    for position, item in enumerate(items):
        sets, embeddings = item.sets, item.embeddings
        kind = (sets.n_banzhaf, item.masks.shape[1], embeddings.shape[1], sets.p, sets.enumerated)
        groups.setdefault((*kind, embeddings.device, embeddings.dtype), []).append(position)
    for positions in groups.values():
        item = items[positions[0]]
        most = max(1, _BATCH_VALUES // max(1, item.sets.n_banzhaf * item.embeddings.shape[1]))
        for start in range(0, len(positions), most):
            yield positions[start : start + most]
