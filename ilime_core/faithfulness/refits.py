"""Metrics that hold W against the W that the same estimator finds when one thing is varied."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.refit_agreement import chance_agreement, pearson, relative_change, spearman
from ilime_core.faithfulness.strong_rows import missed_share, row_norms, strongest
from ilime_core.registry import Entry, Registry

__all__ = [
    "PASSES_BELOW",
    "REFIT_METRICS",
    "REFIT_VARIATIONS",
    "RefitMetric",
    "Variation",
    "consistency",
    "max_sensitivity",
    "max_sensitivity_of",
    "randomised_weights",
    "stability",
]

PASSES_BELOW = 0.1
"""Mean |Spearman| with the maps of random models that an explanation must stay below."""

N_ORDERS = 20
"""Permutations of each random model's W: what chance would give."""

Weights = Float[np.ndarray, "left right"]
Refits = Float[np.ndarray, "draws left right"]


class Variation(StrEnum):
    """The one thing that is changed before a pair is explained again."""

    SEED = "seed"
    """Other masks."""
    NOISE = "noise"
    """A little noise on images."""
    RADIUS = "radius"
    """More noise on images."""
    WEIGHTS = "weights"
    """The model's weights are permuted."""
    MODEL = "model"
    """Another model."""


RefitMetric = Callable[[Weights, Variation, Refits, np.random.Generator], tuple[FaithfulnessValue, ...]]
"""From W, one variation that the metric needs, the W of each of its draws, and a generator of the pair's own.

Without draws, where nothing of a pair is varied, values are None.
"""


def stability(
    weights: Weights, variation: Variation, refits: Refits, rng: np.random.Generator
) -> tuple[FaithfulnessValue, ...]:
    """Mean correlation over cells of W with refits under other masks and under a little noise on images.

    Under other masks also the share of the strongest rows of W that W found again misses: the explanation's
    value of ``missed_rows``, beside which ``incompleteness`` puts that of the linear surrogate. Estimators
    that draw no masks have no value under other masks.

    References
    ----------
    .. [1] Alvarez-Melis, D. and Jaakkola, T. S. (2018). On the robustness of interpretability methods.
       https://arxiv.org/abs/1806.08049
    """
    del rng  # nothing is drawn
    found = tuple(
        _mean(f"stability_{name}", variation, correlation(weights, refits), "higher")
        for name, correlation in (("spearman", spearman), ("pearson", pearson))
    )
    return (*found, _missed_rows(weights, refits)) if variation is Variation.SEED else found


def _missed_rows(weights: Weights, refits: Refits) -> FaithfulnessValue:
    """In the mode of the linear surrogate's value, so that the two are compared pair by pair."""
    strong = strongest(row_norms(weights))
    each = [missed_share(strong, row_norms(one)) for one in refits]
    known = np.array([np.nan if one is None else one for one in each])
    return replace(_mean("missed_rows", Variation.SEED, known, "lower"), mode="none")


def max_sensitivity(explanation: Weights, perturbed: Refits) -> float | None:
    """Largest relative change of an explanation under small changes of its input.

    ``max_k |W_k - W| / |W|`` in Frobenius norms; None without draws, or where W is zero up to rounding.

    Parameters
    ----------
    explanation
        W.
    perturbed
        W of each changed input.

    References
    ----------
    .. [1] Yeh, C.-K. et al. (2019). On the (in)fidelity and sensitivity of explanations. NeurIPS,
       definition 2.2, estimated by Monte Carlo. https://arxiv.org/abs/1901.09392
    """
    changes = relative_change(explanation, perturbed)
    changes = changes[np.isfinite(changes)]
    return float(changes.max()) if len(changes) else None


def max_sensitivity_of(
    weights: Weights, variation: Variation, refits: Refits, rng: np.random.Generator
) -> tuple[FaithfulnessValue, ...]:
    """:func:`max_sensitivity` of W under noise on images; spread is that of the changes over the draws."""
    del rng  # nothing is drawn
    found = _mean("max_sensitivity", variation, relative_change(weights, refits), "lower")
    return (replace(found, value=max_sensitivity(weights, refits)),)


def randomised_weights(
    weights: Weights, variation: Variation, refits: Refits, rng: np.random.Generator
) -> tuple[FaithfulnessValue, ...]:
    """Mean |Spearman| of W with the W of models whose weights are random; below ``PASSES_BELOW`` it passes.

    An explanation that does not change when the model means nothing does not explain the model. Unrelated
    matrices have |Spearman| above zero, too: the random control is the mean over the same refits with rows
    and columns permuted, and no explanation can be expected to lie below it.

    Where most cells are nearly zero their ranks are those of noise, and even the same model under other masks
    does not repeat them (``stability_spearman``); ``randomised_weights_pearson`` reads large cells instead.

    References
    ----------
    .. [1] Adebayo, J. et al. (2018). Sanity checks for saliency maps. NeurIPS.
       https://arxiv.org/abs/1810.03292
    """
    found: list[FaithfulnessValue] = []
    for name, correlation in (("randomised_weights", spearman), ("randomised_weights_pearson", pearson)):
        chance = chance_agreement(correlation, weights, refits, N_ORDERS, rng)
        own = correlation(weights, refits)
        for control, each in ((Control.EXPLANATION, own), (Control.RANDOM, chance)):
            found.append(_mean(name, variation, np.abs(each), "lower", control))
    return tuple(found)


def consistency(
    weights: Weights, variation: Variation, refits: Refits, rng: np.random.Generator
) -> tuple[FaithfulnessValue, ...]:
    """Spearman of W with another model's W on the same segments and masks; Pearson reads large cells.

    References
    ----------
    .. [1] Nauta, M. et al. (2023). From anecdotal evidence to quantitative evaluation methods: a systematic
       review on evaluating explainable AI. ACM Computing Surveys 55(13s), 295.
       https://doi.org/10.1145/3583558
    """
    del rng  # nothing is drawn
    return tuple(
        _mean(name, variation, correlation(weights, refits), "higher")
        for name, correlation in (("consistency", spearman), ("consistency_pearson", pearson))
    )


def _mean(
    metric: str,
    variation: Variation,
    each: Float[np.ndarray, " draws"],
    direction: str,
    control: Control = Control.EXPLANATION,
) -> FaithfulnessValue:
    """Mean over the draws that say something; a draw whose matrix does not vary says nothing."""
    known = each[np.isfinite(each)]
    return FaithfulnessValue(
        metric,
        variation.value,
        control,
        float(known.mean()) if len(known) else None,
        direction,
        spread=float(known.std(ddof=1)) if len(known) > 1 else None,
        n_orders=len(known),
    )


REFIT_METRICS: Registry[Entry[RefitMetric]] = Registry(
    "metric of refitted explanations",
    {
        "stability": Entry(
            stability,
            "correlation of W with itself under other masks and under a little noise on images",
            "https://arxiv.org/abs/1806.08049",
        ),
        "max_sensitivity": Entry(
            max_sensitivity_of,
            "largest relative change of W under noise on images",
            "https://arxiv.org/abs/1901.09392",
        ),
        "randomised_weights": Entry(
            randomised_weights,
            "correlation of W with that of models whose weights mean nothing: a sanity check",
            "https://arxiv.org/abs/1810.03292",
        ),
        "consistency": Entry(
            consistency,
            "rank correlation of W with that of another model on the same segments and masks",
            "https://doi.org/10.1145/3583558",
        ),
    },
)
"""Metrics that explain pairs again, by names of the spec."""

REFIT_VARIATIONS: Mapping[str, tuple[Variation, ...]] = {
    "stability": (Variation.SEED, Variation.NOISE),
    "max_sensitivity": (Variation.RADIUS,),
    "randomised_weights": (Variation.WEIGHTS,),
    "consistency": (Variation.MODEL,),
}
"""What each metric needs; refits are shared between metrics."""
