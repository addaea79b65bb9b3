"""Sanity check of Adebayo et al.: agreement of W with the W of models whose weights are random."""

import numpy as np

from ilime_core.draws import named_rng
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.refit_agreement import chance_agreement, pearson, spearman
from ilime_core.faithfulness.refits import Variation, mean_of_draws
from ilime_core.faithfulness.reported import SHARE, Group, Reported

__all__ = ["PASSES_BELOW", "RANDOMISED_WEIGHTS", "randomised_weights"]

PASSES_BELOW = 0.1
"""Mean |Spearman| with the maps of random models that an explanation must stay below."""

N_ORDERS = 20
"""Permutations of each random model's W: what chance would give."""


def randomised_weights(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
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
    weights = pair.explanation.interactions
    found: list[FaithfulnessValue] = []
    for variation, refits in pair.varied(Variation.WEIGHTS):
        rng = named_rng(pair.options.seed, "refit chance", pair.pair_id, variation)
        for name, correlation in (("randomised_weights", spearman), ("randomised_weights_pearson", pearson)):
            chance = chance_agreement(correlation, weights, refits, N_ORDERS, rng)
            own = correlation(weights, refits)
            for control, each in ((Control.EXPLANATION, own), (Control.RANDOM, chance)):
                found.append(mean_of_draws(name, variation, np.abs(each), control))
    return tuple(found)


_PERMUTED = "The same matrices with rows and columns permuted, measured beside it; nothing is expected below."

RANDOMISED_WEIGHTS = Metric(
    make=randomised_weights,
    what="correlation of W with that of models whose weights mean nothing: a sanity check",
    source="https://arxiv.org/abs/1810.03292",
    title="randomised weights",
    settings=("random_models",),
    variations=(Variation.WEIGHTS,),
    reports=(
        Reported(
            name="randomised_weights",
            title="randomised weights, ranks",
            says="Rank correlation, by magnitude, of the matrix with that of a model of random weights; what "
            f"does not lose it does not look at the model. Below {PASSES_BELOW:g} it passes.",
            group=Group.STABILITY,
            direction="lower",
            bounds=SHARE,
            controls=(Control.EXPLANATION, Control.RANDOM),
            chance=_PERMUTED,
            null=PASSES_BELOW,
            mode_names={"weights": ""},
            is_check=True,
            is_contest=False,
        ),
        Reported(
            name="randomised_weights_pearson",
            title="randomised weights, values",
            says="Correlation of values, by magnitude, of the matrix with that of a model of random weights: "
            "large cells decide, where ranks are mostly those of noise.",
            group=Group.STABILITY,
            direction="lower",
            bounds=SHARE,
            controls=(Control.EXPLANATION, Control.RANDOM),
            chance=_PERMUTED,
            null=PASSES_BELOW,
            mode_names={"weights": ""},
            is_check=True,
            is_contest=False,
        ),
    ),
)
