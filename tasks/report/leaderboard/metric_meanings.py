"""What each metric of a measurement means, what chance gives, and which metrics stand for the others."""

from dataclasses import dataclass

from ilime_core.faithfulness.refits import PASSES_BELOW

__all__ = ["COST", "GROUPS", "HEADLINES", "LOCALISATION", "MEANINGS", "MetricMeaning", "meaning_of"]

CURVES = "Curves"
FIDELITY = "Fidelity"
LOCALISATION = "Localisation"
STABILITY = "Stability and sanity"
COMPREHENSIBILITY = "Comprehensibility"
COST = "Cost"
OTHER = "Other metrics"

GROUPS = (CURVES, FIDELITY, LOCALISATION, STABILITY, COMPREHENSIBILITY, COST, OTHER)
"""In the order in which they are shown."""

_ORDERS = "Random orders, measured beside it."
_ZERO = "0."
_PERMUTED = "The same matrices with rows and columns permuted, measured beside it; nothing is expected below."
_NO_CHANCE = "Not defined; compare methods."


@dataclass(frozen=True, slots=True)
class MetricMeaning:
    """One metric in people's words; ``{left}`` and ``{right}`` are filled in with the sides of a run."""

    group: str
    title: str
    says: str
    chance: str = _ORDERS
    null: float | None = None
    """What chance gives, where it is known and no random control stands beside."""
    passes_below: float | None = None
    """Of a sanity check: what the whole interval has to lie below."""
    has_merit: bool = True
    """Whether more, or less, of it is better; else it is a figure that others are read with."""
    modes: tuple[str, ...] = ()
    """Modes that stand for the others, in this order; those with a probability without it."""


MEANINGS = {
    "insertion": MetricMeaning(
        CURVES,
        "insertion",
        "Area under the score while segments enter an empty pair in the explanation's order, best first.",
        modes=("score", "mixed_difference"),
    ),
    "deletion": MetricMeaning(
        CURVES,
        "deletion",
        "Area under the score while segments leave the whole pair in the explanation's order, best first.",
        modes=("score", "mixed_difference"),
    ),
    "aid": MetricMeaning(
        CURVES,
        "AID",
        "Area between removing the least and removing the most important segments first.",
        "0: a random order has no important end.",
        modes=("score", "mixed_difference"),
    ),
    "average_drop": MetricMeaning(
        CURVES,
        "average drop",
        "What the score loses when only the top part of the explanation's order is kept.",
        modes=("top 25%",),
    ),
    "average_increase": MetricMeaning(
        CURVES,
        "average increase",
        "Share of pairs whose score rises when only the top part of the explanation's order is kept.",
        modes=("top 25%",),
    ),
    "highest_confidence": MetricMeaning(
        CURVES,
        "highest confidence",
        "Highest score of all beginnings of the order that take no more than a share of the area.",
        modes=("area 25%",),
    ),
    "synergy": MetricMeaning(
        CURVES,
        "synergy",
        "What the top quarters of {left} and {right} add to the score only together, beyond each alone.",
        "Random parts of the same size, measured beside it.",
    ),
    "synergy_share": MetricMeaning(
        CURVES,
        "synergy, as a share",
        "What the top quarters add only together, as a share of all that they do, alone and together.",
        "Random parts of the same size, measured beside it.",
    ),
    "asymmetry": MetricMeaning(
        CURVES,
        "asymmetry",
        "Distance of two insertion areas: that of the {left} with the {right} whole, and that of the {right} "
        "with the {left} whole. On own scales each runs from the empty side, 0, to the whole pair, 1, and "
        "sides that do not stand out have none; in units of the score it is always known.",
        modes=("score", "cosine"),
    ),
    "p_faithfulness_spearman": MetricMeaning(
        FIDELITY,
        "p-faithfulness, ranks",
        "Rank correlation of the surrogate with the model on fresh coalitions, each segment kept with "
        "probability p; joint compares what {left} and {right} say only together.",
        _ZERO,
        0.0,
        modes=("score", "joint"),
    ),
    "p_faithfulness_pearson": MetricMeaning(
        FIDELITY,
        "p-faithfulness, values",
        "Correlation of the surrogate's values with the model's on fresh coalitions, as with ranks.",
        _ZERO,
        0.0,
        modes=("score", "joint"),
    ),
    "p_faithfulness_r2": MetricMeaning(
        FIDELITY,
        "p-faithfulness, R\N{SUPERSCRIPT TWO}",
        "Share of the variance on fresh coalitions that the surrogate predicts.",
        "0 is what a constant predicts; below it a constant predicts more.",
        0.0,
        modes=("score", "joint"),
    ),
    "infidelity": MetricMeaning(
        FIDELITY,
        "infidelity",
        "Mean squared gap of predicted and true drop of the score, from the whole pair to fresh coalitions.",
        _NO_CHANCE,
    ),
    "infidelity_scaled": MetricMeaning(
        FIDELITY,
        "infidelity, scaled",
        "Mean squared gap of predicted and true drop, once predictions are scaled by the factor that leaves "
        "the smallest gap.",
        _NO_CHANCE,
    ),
    "r2_total": MetricMeaning(
        FIDELITY,
        "R\N{SUPERSCRIPT TWO}, total",
        "Share of the score's variance under the run's own perturbations that the surrogate explains.",
        "0 is what a constant explains.",
    ),
    "r2_cross": MetricMeaning(
        FIDELITY,
        "R\N{SUPERSCRIPT TWO}, joint",
        "Share of what {left} and {right} do only together that the matrix explains, in closed form.",
        "0 in expectation for a matrix of noise, once its noise is taken off.",
        0.0,
    ),
    "r2_cross_held_out": MetricMeaning(
        FIDELITY,
        "R\N{SUPERSCRIPT TWO}, joint, held out",
        "Share of what {left} and {right} do only together that the matrix explains, on fresh masks.",
        "0 is what no matrix explains; a matrix of noise is below it.",
        0.0,
    ),
    "r2_cross_ceiling": MetricMeaning(
        FIDELITY,
        "R\N{SUPERSCRIPT TWO}, joint, best possible",
        "Share of what {left} and {right} do only together that the best possible matrix would explain: no "
        "method can reach more.",
        "Not defined.",
        has_merit=False,
    ),
    "share_cross": MetricMeaning(
        FIDELITY,
        "joint share",
        "Share of the score's variance that {left} and {right} make only together: R\N{SUPERSCRIPT TWO}, "
        "joint, is a share of this. It belongs to model and perturbation, and is no merit of a method.",
        "Not defined.",
        has_merit=False,
    ),
    "incompleteness": MetricMeaning(
        FIDELITY,
        "incompleteness",
        "Share of the score's variance that {left} and {right} make only together and that the explanation "
        "leaves out. A linear one leaves out all of it; the two differ by R\N{SUPERSCRIPT TWO}, joint, times "
        "the joint share, so that nothing is tested here that is not tested there.",
        _NO_CHANCE,
    ),
    "missed_rows": MetricMeaning(
        FIDELITY,
        "missed rows",
        "Share of the matrix's strongest quarter of rows that others have not among theirs: the matrix found "
        "again under other masks (explanation; needs the metric stability), and the linear surrogate.",
        "A random choice of as many rows, measured beside it.",
    ),
    "pointing_game": MetricMeaning(
        LOCALISATION,
        "pointing game",
        "How often the strongest region of a word shows what the word names.",
        "Regions permuted, in closed form beside it.",
        modes=("word", "phrase"),
    ),
    "energy_inside": MetricMeaning(
        LOCALISATION,
        "energy inside",
        "Share of a word's positive weight that lies on what the word names.",
        "Regions permuted, in closed form beside it.",
        modes=("word", "phrase"),
    ),
    "iou": MetricMeaning(
        LOCALISATION,
        "IoU",
        "Overlap of a word's strongest regions with what the word names, both of one area.",
        "Random orders of the regions, measured beside it.",
        modes=("word", "phrase"),
    ),
    "pgr": MetricMeaning(
        LOCALISATION,
        "PGR",
        "Share of a word's absolute weight that is rightly placed: positive on what the word names, negative "
        "elsewhere; only where the image shows other things that the caption names.",
        "Regions permuted, in closed form beside it.",
        modes=("word", "phrase"),
    ),
    "stability_spearman": MetricMeaning(
        STABILITY,
        "stability, ranks",
        "Rank correlation of the matrix with itself, explained again with other seeds or under small noise.",
        _ZERO,
        0.0,
        modes=("seed", "noise"),
    ),
    "stability_pearson": MetricMeaning(
        STABILITY,
        "stability, values",
        "Correlation of the matrix with itself, explained again with other seeds or under small noise.",
        _ZERO,
        0.0,
        modes=("seed", "noise"),
    ),
    "max_sensitivity": MetricMeaning(
        STABILITY,
        "max-sensitivity",
        "Largest relative change of the matrix over small random changes of the pixels.",
        _NO_CHANCE,
    ),
    "randomised_weights": MetricMeaning(
        STABILITY,
        "randomised weights, ranks",
        "Rank correlation, by magnitude, of the matrix with that of a model of random weights; what does not "
        "lose it does not look at the model. Below 0.1 it passes.",
        _PERMUTED,
        passes_below=PASSES_BELOW,
    ),
    "randomised_weights_pearson": MetricMeaning(
        STABILITY,
        "randomised weights, values",
        "Correlation of values, by magnitude, of the matrix with that of a model of random weights: large "
        "cells decide, where ranks are mostly those of noise.",
        _PERMUTED,
        passes_below=PASSES_BELOW,
    ),
    "consistency": MetricMeaning(
        STABILITY,
        "consistency, ranks",
        "Rank correlation of the matrix with that of another model, on the same segments and masks.",
        _ZERO,
        0.0,
    ),
    "consistency_pearson": MetricMeaning(
        STABILITY,
        "consistency, values",
        "Correlation of the matrix's values with those of another model, on the same segments and masks.",
        _ZERO,
        0.0,
    ),
    "comprehensibility": MetricMeaning(
        COMPREHENSIBILITY,
        "components",
        "Components that hold 90 % of the matrix's energy, once what noise adds is taken off.",
        _NO_CHANCE,
    ),
    "certainty": MetricMeaning(
        COMPREHENSIBILITY,
        "certainty",
        "Share of the matrix's cells that are told from zero at 5 %, false discoveries controlled; none of "
        "methods that draw no masks and of items whose coalitions were all encoded, of which nothing is "
        "estimated, and none where standard errors leave something out.",
        "Next to nothing: noise is seldom told from zero.",
    ),
    "representativeness": MetricMeaning(
        COMPREHENSIBILITY,
        "representativeness",
        "Share of the matrix's energy that the leading factors of the whole benchmark tell.",
        _NO_CHANCE,
    ),
    "cost": MetricMeaning(
        COST,
        "cost",
        "What the method asks of the model by itself: encodes of one item, or scores of one pair.",
        _NO_CHANCE,
        modes=("image_encodes", "text_encodes", "scores"),
    ),
}

HEADLINES = (
    (("insertion",), "score"),
    (("deletion",), "score"),
    (("aid",), "mixed_difference"),
    (("p_faithfulness_spearman",), "score"),
    (("r2_cross_held_out", "r2_cross"), ""),
    (("r2_cross_ceiling",), ""),  # R2 is never read without the best possible one
    (("share_cross",), ""),  # and without what both are shares of
    (("pgr",), "phrase"),  # a word alone may name several things
    (("pointing_game",), "phrase"),
    (("stability_spearman",), "seed"),
    (("randomised_weights",), ""),
)
"""Metrics, of which one is taken, and the mode of what is shown first; an empty mode is any."""


def meaning_of(metric: str) -> MetricMeaning:
    """What a metric means; only its name where nothing is known of it."""
    return MEANINGS.get(metric) or MetricMeaning(OTHER, metric.replace("_", " "), "", "")
