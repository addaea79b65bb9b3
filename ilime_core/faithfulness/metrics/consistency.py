"""Consistency: agreement of W with another model's W on the same segments and masks."""

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.refit_agreement import pearson, spearman
from ilime_core.faithfulness.refits import Variation, mean_of_draws
from ilime_core.faithfulness.reported import COSINE, Group, Reported

__all__ = ["CONSISTENCY", "consistency"]


def consistency(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Spearman of W with another model's W on the same segments and masks; Pearson reads large cells.

    References
    ----------
    .. [1] Nauta, M. et al. (2023). From anecdotal evidence to quantitative evaluation methods: a systematic
       review on evaluating explainable AI. ACM Computing Surveys 55(13s), 295.
       https://doi.org/10.1145/3583558
    """
    return tuple(
        mean_of_draws(name, variation, correlation(pair.explanation.interactions, refits))
        for variation, refits in pair.varied(Variation.MODEL)
        for name, correlation in (("consistency", spearman), ("consistency_pearson", pearson))
    )


CONSISTENCY = Metric(
    make=consistency,
    what="rank correlation of W with that of another model on the same segments and masks",
    source="https://doi.org/10.1145/3583558",
    title="consistency with another model",
    settings=("other",),
    variations=(Variation.MODEL,),
    reports=(
        Reported(
            name="consistency",
            title="consistency, ranks",
            says="Rank correlation of the matrix with that of another model, on the same segments and masks.",
            group=Group.STABILITY,
            direction="higher",
            bounds=COSINE,
            chance="0.",
            null=0.0,
            mode_names={"model": ""},
        ),
        Reported(
            name="consistency_pearson",
            title="consistency, values",
            says="Correlation of the matrix's values with those of another model, on the same segments and "
            "masks.",
            group=Group.STABILITY,
            direction="higher",
            bounds=COSINE,
            chance="0.",
            null=0.0,
            mode_names={"model": ""},
        ),
    ),
)
