"""The estimators of effects, by their names in the spec."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf_batch
from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.effects.kernel_shap import kernel_shap
from ilime_core.effects.occlusion import occlusion
from ilime_core.effects.product_shapley import ShapleyOptions, fit_product_shapley
from ilime_core.effects.quadrature import faith_shap, shapley_interaction, shapley_taylor
from ilime_core.effects.search_lime import search_lime
from ilime_core.effects.sliding_blocks import sliding_block_occlusion
from ilime_core.protocols import EffectsEstimator
from ilime_core.records import Effects, FitOptions, MaskedEmbeddings
from ilime_core.registry import EstimatorEntry, Registry

__all__ = [
    "ESTIMATORS",
    "FURTHER_ROWS",
    "SHAPLEY_ROWS",
    "banzhaf",
    "product_shapley",
    "weighted_banzhaf",
]

_OF_QUADRATURE = "the error of the quadrature"

_BATCH_VALUES = 32_000_000
"""Embedding values of one batch: 256 MB in double precision."""


def banzhaf(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Banzhaf effects of items from their Banzhaf rows, batched over items of one shape.

    Raises
    ------
    RankDeficientError, InputError
        See :func:`~ilime_core.effects.banzhaf.fit_banzhaf_batch`.
    """
    fitted: dict[int, Effects] = {}
    for positions in _alike(items):
        batch = [items[position] for position in positions]
        masks = torch.stack([item.masks[: item.n_banzhaf] for item in batch])
        width = options.kernel_width
        results = fit_banzhaf_batch(
            masks,
            torch.stack([item.embeddings[: item.n_banzhaf] for item in batch]),
            torch.stack([item.empty for item in batch]),
            torch.stack([item.full for item in batch]),
            options=BanzhafOptions(p=batch[0].p, ridge=options.ridge, enumerated=batch[0].enumerated),
            weights=None if width is None else product_kernel_weights(masks, width),
        )
        fitted.update(zip(positions, results, strict=True))
    return [fitted[position] for position in range(len(items))]


def product_shapley(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Shapley values of items from their Banzhaf and Shapley rows; ridge and kernel do not apply to them.

    Raises
    ------
    RankDeficientError, InputError
        See :func:`~ilime_core.effects.product_shapley.fit_product_shapley`.
    """
    del options  # completeness leaves nothing to shrink, and the weights are the Shapley kernel's
    own = [max(item.n_banzhaf, item.sets.get("shapley", slice(0)).stop) for item in items]
    return [
        fit_product_shapley(
            item.masks[:rows],
            item.embeddings[:rows],
            item.empty,
            item.full,
            options=ShapleyOptions(item.n_banzhaf, item.p, item.enumerated),
        )
        for item, rows in zip(items, own, strict=True)
    ]


def weighted_banzhaf(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Banzhaf effects at another probability of keeping, from rows of their own.

    Raises
    ------
    RankDeficientError, InputError
        See :func:`~ilime_core.effects.banzhaf.fit_banzhaf_batch`.
    """
    own = [
        replace(item, p=options.weighted_p)
        if item.enumerated
        else replace(
            item,
            masks=item.masks[item.sets["weighted"]],
            embeddings=item.embeddings[item.sets["weighted"]],
            sets={"banzhaf": slice(0, len(item.masks[item.sets["weighted"]]))},
            p=options.weighted_p,
        )
        for item in items
    ]
    return banzhaf(own, options)


def _alike(items: Sequence[MaskedEmbeddings]) -> Iterator[list[int]]:
    # Grouped in order of appearance and cut by size, so that a block of items is always batched in the same
    # way.
    groups: dict[tuple[object, ...], list[int]] = {}
    for position, item in enumerate(items):
        kind = (item.n_banzhaf, item.masks.shape[1], item.embeddings.shape[1], item.p, item.enumerated)
        groups.setdefault((*kind, item.embeddings.device, item.embeddings.dtype), []).append(position)
    for positions in groups.values():
        item = items[positions[0]]
        most = max(1, _BATCH_VALUES // max(1, item.n_banzhaf * item.embeddings.shape[1]))
        for start in range(0, len(positions), most):
            yield positions[start : start + most]


ESTIMATORS: Registry[EstimatorEntry[EffectsEstimator]] = Registry(
    "estimator",
    {
        "banzhaf": EstimatorEntry(
            banzhaf,
            "centred least squares of embeddings on masks (InteractionLIME)",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "product_shapley": EstimatorEntry(
            product_shapley,
            "vector-valued Shapley values: interactions that sum to the mixed difference",
            "https://doi.org/10.1515/9781400881970-018",
        ),
        "weighted_banzhaf": EstimatorEntry(
            weighted_banzhaf,
            "the same regression nearer to the whole item: Bernoulli masks at another p",
            "https://arxiv.org/abs/2508.05430",
        ),
        "occlusion": EstimatorEntry(
            occlusion,
            "change of the whole item's embedding when one segment goes",
            "https://doi.org/10.1007/978-3-319-10590-1_53",
            draws=False,
        ),
        "sliding_block_occlusion": EstimatorEntry(
            sliding_block_occlusion,
            "the same with a segment and its neighbours at once, shared among them (SBSM)",
            "https://arxiv.org/abs/2103.00370",
            draws=False,
        ),
        "shapley_interaction": EstimatorEntry(
            shapley_interaction,
            "Shapley interaction index: Banzhaf interactions averaged over the keeping probability",
            "https://doi.org/10.1007/s001820050125",
            left_out=_OF_QUADRATURE,
        ),
        "shapley_taylor": EstimatorEntry(
            shapley_taylor,
            "Shapley-Taylor index of order 2: the same, small coalitions weighing more",
            "https://arxiv.org/abs/1902.05622",
            left_out=_OF_QUADRATURE,
        ),
        "faith_shap": EstimatorEntry(
            faith_shap,
            "Faith-Shap of order 2: the same, middle sizes weighing more",
            "https://arxiv.org/abs/2203.00870",
            left_out=_OF_QUADRATURE,
        ),
        "search_lime": EstimatorEntry(
            search_lime,
            "LIME of the search score: ridge regression with LIME's kernel, one item perturbed",
            "https://doi.org/10.1145/2939672.2939778",
        ),
        "kernel_shap": EstimatorEntry(
            kernel_shap,
            "KernelSHAP: Shapley values by least squares with the SHAP kernel",
            "https://arxiv.org/abs/1705.07874",
        ),
    },
)
"""Estimators that read encoded masks and nothing else."""

FURTHER_ROWS: Mapping[str, tuple[str, ...]] = {
    "weighted_banzhaf": ("weighted",),
    "occlusion": ("leave_one_out",),
    "sliding_block_occlusion": ("windows",),
    "shapley_interaction": ("quadrature",),
    "shapley_taylor": ("quadrature",),
    "faith_shap": ("quadrature",),
}
"""Sets of rows (:mod:`ilime_core.perturbation.row_sets`) that an estimator needs beside the fitted ones."""

SHAPLEY_ROWS = frozenset({"product_shapley", "kernel_shap"})
"""Estimators that need the Shapley rows, whose sizes reach the ends."""
