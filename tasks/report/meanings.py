"""What each number of a report means, in one sentence."""

from tasks.report.overview import Aggregate, Faithfulness, Overview
from tasks.sides import SideWords

__all__ = ["QUANTITIES", "aggregate_sentence", "faithfulness_sentence", "fidelity_sentence"]

QUANTITIES = {  # the sides of the run are filled in
    "r2_cross": "share of what {left} and {right} do together that the matrix explains",
    "r2_cross_ceiling": "the same for the best possible matrix",
    "r2_cross_held_out": "the same on fresh masks, where items have them",
    "r2_total": "share of all of the score's variance under perturbation that the surrogate explains",
    "r2_linear": "the same with single {segments} only, as linear LIME would",
    "share_left": "share of the variance that the {left} makes alone",
    "share_right": "share of the variance that the {right} makes alone",
    "share_cross": "share of the variance that only both together make",
    "f_full": "score (cosine) of the whole pair",
    "effective_rank": "number of factors that the matrix consists of in effect",
    "max_z": "largest weight in units of its standard error",
    "split_half_error": "difference between estimates from halves of the masks, relative to the matrix",
    "completeness_residual": "joint effect of whole {left} and whole {right} that the matrix does not sum to",
}


def aggregate_sentence(aggregate: Aggregate, sides: SideWords) -> str:
    """What a quantity is; the quantity's own name where nothing is known of it."""
    told = QUANTITIES.get(aggregate.quantity, aggregate.quantity.replace("_", " "))
    return told.format(left=sides.left, right=sides.right, segments=sides.segments)


def fidelity_sentence(overview: Overview) -> str:
    """How far the explanations of matches can be believed, in one sentence."""
    aggregate = overview.aggregate("r2_cross") or overview.aggregate("r2_cross", "all")
    if aggregate is None or aggregate.median is None:
        return "How much the matrices explain is not known yet."
    which = "matches" if aggregate.relation == "positive" else "pairs"
    return (
        f"In the median of {aggregate.n} {which} a bilinear surrogate (the matrix) explains "
        f"{aggregate.median:.0%} of what {overview.sides.left} and {overview.sides.right} do together."
    )


def faithfulness_sentence(faithfulness: Faithfulness) -> str:
    """Whether the explanation's order beat random orders."""
    ours, random = (faithfulness.areas.get(name) for name in ("explanation", "random"))
    target = "score" if faithfulness.mode == "score" else "joint effect"
    told = f"{faithfulness.metric} ({target}, {faithfulness.direction} is better)"
    if ours is None or random is None:
        return f"{told}: not compared."
    better = ours > random if faithfulness.direction == "higher" else ours < random
    verdict = "better than" if better else "no better than"
    return f"{told}: {ours:.3f}, {verdict} random orders ({random:.3f}); {faithfulness.n_pairs} pairs."
