"""Banzhaf effects: the embeddings of an item regressed on its masks."""

import math

from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.least_squares import (
    BanzhafOptions,
    Regression,
    design_ranks,
    regress_blocks,
    regress_rows,
)
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.foldover import is_whole_foldover
from ilime_core.records import Effects, LowRankCovariance

__all__ = ["BanzhafOptions", "fit_banzhaf", "fit_banzhaf_batch"]


def fit_banzhaf(
    masks: Bool[Tensor, "samples segments"],
    embeddings: Float[Tensor, "samples dim"],
    empty: Float[Tensor, " dim"],
    full: Float[Tensor, " dim"],
    *,
    options: BanzhafOptions | None = None,
    weights: Float[Tensor, " samples"] | None = None,
) -> Effects:
    """Fit the Banzhaf effects of one item: :func:`fit_banzhaf_batch` of a batch of one.

    Parameters
    ----------
    masks
        Banzhaf rows only; True keeps the segment.
    embeddings
        Of the perturbed item, one row per mask.
    empty, full
        Embeddings of the empty and of the whole item.
    options
        None takes the defaults: p = 1/2, no ridge.
    weights
        One positive weight per mask; None weighs all alike.

    Returns
    -------
    Effects
        Of the dtype of ``embeddings``.

    Raises
    ------
    RankDeficientError, InputError
        As :func:`fit_banzhaf_batch`.
    """
    batch_weights = None if weights is None else weights[None]
    return fit_banzhaf_batch(
        masks[None], embeddings[None], empty[None], full[None], options=options, weights=batch_weights
    )[0]


def fit_banzhaf_batch(
    masks: Bool[Tensor, "items samples segments"],
    embeddings: Float[Tensor, "items samples dim"],
    empty: Float[Tensor, "items dim"],
    full: Float[Tensor, "items dim"],
    *,
    options: BanzhafOptions | None = None,
    weights: Float[Tensor, "items samples"] | None = None,
) -> list[Effects]:
    """Regress the embeddings of perturbed items on their centred masks.

    The effects A and B of two items give their interaction matrix W = A B^T, which is the least-squares
    solution of f ~ c + a.z_x + b.z_y + z_x^T W z_y on the full grid of their masks, for separable weights.

    Parameters
    ----------
    masks
        Banzhaf rows only; True keeps the segment.
    embeddings
        Of the perturbed items, one row per mask. All algebra is done in double precision; results have this
        dtype.
    empty, full
        Embeddings of the empty and of the whole item. They stay outside the regression, where they would
        shift every effect.
    options
        ``ridge`` is per side: it is not the ridge of the joint model.
    weights
        One positive weight per row of a kernel that factors over the two sides. ``mean`` is then the weighted
        mean.

    Returns
    -------
    list of Effects
        Standard errors are clustered by complement pairs on whole fold-over blocks, each segment's by what it
        does with others (:func:`~ilime_core.effects.heredity.block_noise`), leverage-corrected row by
        row otherwise (:func:`~ilime_core.effects.sandwich.sandwich`), zero where all coalitions were encoded,
        and None with ``weights`` (the compact form does not hold) or below 8 residual degrees of freedom:
        N/2 - n of fold-over blocks, N - n - 1 of other rows. ``spread`` is None with ``weights``. A ridge
        shrinks errors with the effects and its bias is not part of them. ``mean`` is adjusted from the drawn
        masks to ``p``. With ``refine`` effects and errors are those of
        :mod:`~ilime_core.effects.refinement`, wherever errors are known and not zero.

    Raises
    ------
    RankDeficientError
        If the centred masks have rank below ``segments`` and there is no ridge.
    InputError
        If the ridge is negative, weights are not positive, an enumeration does not have all coalitions, or
        ``refine`` comes with rows that are neither whole fold-over blocks at p = 1/2 nor all coalitions, with
        weights or with a ridge.

    References
    ----------
    .. [1] Joukovsky, B., Sammani, F. and Deligiannis, N. (2023). Model-agnostic visual explanations via
       approximate bilinear models. ICIP, 1770-1774. https://doi.org/10.1109/ICIP49359.2023.10222440
    .. [2] Hammer, P. L. and Holzman, R. (1992). Approximations of pseudo-Boolean functions; applications to
       game theory. Zeitschrift fuer Operations Research 36, 3-21. https://doi.org/10.1007/BF01541028
    """
    options = options or BanzhafOptions()
    _check(masks, weights, options)
    blocks = is_whole_foldover(masks) & (weights is None and not options.enumerated and options.p == 0.5)
    if blocks.any() and not blocks.all():
        # Each item keeps the errors of its own design, whatever stands beside it in the batch.
        return [
            fit_banzhaf(*item, options=options) for item in zip(masks, embeddings, empty, full, strict=True)
        ]
    if options.refine != "none" and not options.enumerated and (not blocks.all() or options.ridge > 0):
        raise InputError(
            f"refine: {options.refine} needs whole fold-over blocks at p = 0.5, no weights and no ridge, got "
            f"{masks.shape[1]} masks of {masks.shape[2]} segments, p = {options.p} and ridge {options.ridge}."
        )
    doubles = embeddings.double()
    fit = (
        regress_blocks(masks, doubles, options)
        if blocks.all()
        else regress_rows(masks, doubles, weights, options)
    )
    return _records(fit, embeddings, empty, full, sampled=not options.enumerated)


def _check(masks: Tensor, weights: Tensor | None, options: BanzhafOptions) -> None:
    samples, segments = masks.shape[-2:]
    if options.ridge < 0 or not 0 < options.p < 1:
        raise InputError(
            f"ridge must not be negative and p strictly between 0 and 1, got {options.ridge} and {options.p}."
        )
    if samples < segments + 1 and options.ridge == 0:
        raise RankDeficientError(
            f"{samples} masks cannot identify the effects of {segments} segments: at least "
            f"{segments + 1} are needed."
        )
    if options.enumerated and samples != 2**segments:
        raise InputError(f"an enumeration of {segments} segments has {2**segments} masks, got {samples}.")
    if weights is not None and not bool((weights > 0).all()):
        raise InputError(f"weights must be positive, got {float(weights.min())} among them.")


def _records(
    fit: Regression,
    embeddings: Float[Tensor, "items samples dim"],
    empty: Float[Tensor, "items dim"],
    full: Float[Tensor, "items dim"],
    *,
    sampled: bool,
) -> list[Effects]:
    samples, dtype = embeddings.shape[1], embeddings.dtype
    ranks = design_ranks(fit.eigenvalues, samples).tolist()
    ratios = (fit.eigenvalues[:, -1] / fit.eigenvalues[:, 0].clamp(min=0.0)).sqrt().tolist()
    segments = fit.effects.shape[1]

    def of_item(covariance: LowRankCovariance | None, item: int) -> LowRankCovariance | None:
        if covariance is None:
            return None
        return LowRankCovariance(covariance.factors[item].to(dtype), covariance.rest[item].to(dtype))

    return [
        Effects(
            effects=fit.effects[item].to(dtype),
            mean=fit.mean[item].to(dtype),
            intercept=fit.intercept[item].to(dtype),
            empty=empty[item],
            full=full[item],
            error=of_item(fit.error, item),
            error_scale=fit.error_scale[item].to(dtype),
            degrees=None if fit.degrees is None else fit.degrees[item].to(dtype),
            spread=of_item(fit.spread, item),
            halves=None,
            sampled=sampled,
            rank=int(ranks[item]),
            condition=ratios[item] if ranks[item] == segments else math.inf,
            n_masks=samples,
        )
        for item in range(len(embeddings))
    ]
