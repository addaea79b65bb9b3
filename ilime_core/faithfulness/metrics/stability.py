"""Stability: agreement of W with refits under other masks and under a little noise on images."""

import numpy as np

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.refit_agreement import pearson, spearman
from ilime_core.faithfulness.refits import Refits, Variation, Weights, mean_of_draws
from ilime_core.faithfulness.reported import COSINE, Group, Reported
from ilime_core.faithfulness.strong_rows import MISSED_ROWS, missed_share, row_norms, strongest_rows

__all__ = ["STABILITY", "stability"]

_VARIATIONS = (Variation.SEED, Variation.NOISE)


def stability(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Mean correlation over cells of W with refits under other masks and under a little noise on images.

    Under other masks also the share of the strongest rows of W that W found again misses: the explanation's
    value of ``missed_rows``, beside which ``incompleteness`` puts that of the linear surrogate. Estimators
    that draw no masks have no value under other masks.

    References
    ----------
    .. [1] Alvarez-Melis, D. and Jaakkola, T. S. (2018). On the robustness of interpretability methods.
       https://arxiv.org/abs/1806.08049
    """
    weights = pair.explanation.interactions
    found: list[FaithfulnessValue] = []
    for variation, refits in pair.varied(*_VARIATIONS):
        for name, correlation in (("spearman", spearman), ("pearson", pearson)):
            found.append(mean_of_draws(f"stability_{name}", variation, correlation(weights, refits)))
        if variation is Variation.SEED:
            found.append(_missed_rows(weights, refits))
    return tuple(found)


def _missed_rows(weights: Weights, refits: Refits) -> FaithfulnessValue:
    """In the mode of the linear surrogate's value, so that the two are compared pair by pair."""
    strong = strongest_rows(row_norms(weights))
    each = [missed_share(strong, row_norms(one)) for one in refits]
    known = np.array([np.nan if one is None else one for one in each])
    return mean_of_draws(MISSED_ROWS.name, "none", known)


STABILITY = Metric(
    make=stability,
    what="correlation of W with itself under other masks and under a little noise on images",
    source="https://arxiv.org/abs/1806.08049",
    title="stability",
    settings=("seeds", "noise_draws", "noise"),
    variations=_VARIATIONS,
    reports=(
        Reported(
            name="stability_spearman",
            title="stability, ranks",
            says="Rank correlation of the matrix with itself, explained again with other seeds or under "
            "small noise.",
            group=Group.STABILITY,
            direction="higher",
            bounds=COSINE,
            chance="0.",
            null=0.0,
            modes=("seed", "noise"),
            modes_of_draws=("seed",),
        ),
        Reported(
            name="stability_pearson",
            title="stability, values",
            says="Correlation of the matrix with itself, explained again with other seeds or under small "
            "noise.",
            group=Group.STABILITY,
            direction="higher",
            bounds=COSINE,
            chance="0.",
            null=0.0,
            modes=("seed", "noise"),
            modes_of_draws=("seed",),
        ),
        MISSED_ROWS,
    ),
)
