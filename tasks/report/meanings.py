"""Meanings of a report's numbers, one sentence each."""

from tasks.figures.joint_share import JointShare
from tasks.report.leaderboard.entries import BoardEntry
from tasks.report.leaderboard.headlines import mean_words, number, verdict_words
from tasks.report.leaderboard.metrics import meaning_of
from tasks.report.leaderboard.verdict_words import best_words
from tasks.report.leaderboard.verdicts import BoardEstimate, Leaders
from tasks.report.overview import Aggregate, Overview
from tasks.runs.sides import SideWords

__all__ = ["QUANTITIES", "aggregate_sentence", "faithfulness_sentences", "fidelity_sentence"]

QUANTITIES = {  # the sides of the run are filled in
    "r2_cross": "share of what {left} and {right} do together that the matrix explains",
    "r2_cross_ceiling": "the same for the best possible matrix: no matrix can explain more",
    "r2_cross_held_out": "the same on fresh masks, where items have them",
    "r2_total": "share of all of the score's variance under perturbation that the surrogate explains",
    "r2_linear": "the same with single {segments} only, as linear LIME would",
    "share_left": "share of the variance that the {left} makes alone",
    "share_right": "share of the variance that the {right} makes alone",
    "share_cross": "share of the variance that only both together make",
    "f_full": "score (cosine) of the whole pair",
    "f_left_empty": "score of the {right} beside an empty {left}",
    "f_right_empty": "score of the {left} beside an empty {right}",
    "f_empty": "score of an empty {left} and an empty {right}",
    "effective_rank": "number of factors that the matrix consists of in effect",
    "max_z": "largest weight in units of its standard error",
    "share_certain": "share of the matrix's cells that differ from 0 at 5 %, corrected for their number",
    "split_half_error": "difference between estimates from halves of the masks, relative to the matrix",
    "completeness_residual": "joint effect of whole {left} and whole {right} that the matrix does not sum to",
}


def aggregate_sentence(aggregate: Aggregate, sides: SideWords) -> str:
    """Meaning of a quantity; its own name where no meaning is known.

    Parameters
    ----------
    aggregate
        Mean of a quantity over pairs.
    sides
        Words for the two items of a pair.

    Returns
    -------
    str
        A clause without a full stop.
    """
    wording = QUANTITIES.get(aggregate.quantity, aggregate.quantity.replace("_", " "))
    return wording.format(left=sides.left, right=sides.right, segments=sides.segments)


def fidelity_sentence(overview: Overview) -> str:
    """Sentence on the fidelity of the matches' explanations.

    Medians of R2 in closed form, or of R2 on fresh masks where no closed form exists.
    """
    for quantity in ("r2_cross", "r2_cross_held_out"):
        for relation, which in (("positive", "matches"), ("all", "pairs")):
            found = overview.aggregate(quantity, relation)
            if found is not None and found.median is not None:
                joint = _joint(overview, relation)
                return (
                    f"In the median of {found.n_known} {which} a bilinear surrogate (the matrix) "
                    f"{joint.sentence(overview.sides.both)}."
                )
    return "How much the matrices explain is not known yet."


def _joint(overview: Overview, relation: str) -> JointShare:
    names = ("r2_cross", "r2_cross_held_out", "r2_cross_ceiling", "share_cross")
    found = (overview.aggregate(name, relation) for name in names)
    return JointShare(*(None if one is None else one.median for one in found))


def faithfulness_sentences(overview: Overview) -> list[str]:
    """Sentences that compare the explanation's order with random orders, as the page of methods does."""
    few = [entry for entry in overview.judged if (gain := _gain(entry)) is not None and gain.has_too_few]
    if few and len(few) == len(overview.judged):
        return [_too_few_sentence(few, overview)]
    if overview.judged:
        return [
            _judged_sentence(entry, overview.n_pairs) + _best_sentence(entry, overview)
            for entry in overview.judged
        ]
    if not overview.n_measured:
        return []
    return [f"{overview.n_measured:,} pairs were measured and not compared: ilime measure ranks them."]


def _gain(entry: BoardEntry) -> BoardEstimate | None:
    return entry.gains.get("random")


def _too_few_sentence(entries: list[BoardEntry], overview: Overview) -> str:
    """One sentence for all metrics: each for itself could say no more."""
    names = list(dict.fromkeys(meaning_of(entry.variant.metric).title for entry in entries))
    listed = ", ".join(names[:-1]) + " and " * bool(names[1:]) + names[-1]
    n_pairs = max(gain.n for gain in map(_gain, entries) if gain is not None)
    return (
        f"Not compared with chance: {listed}, measured on {n_pairs:,} of {overview.n_pairs:,} explained "
        f"pairs; {verdict_words(entries[0])}. The page of methods has the values."
    )


def _judged_sentence(entry: BoardEntry, n_explained: int) -> str:
    wording = f"{entry.variant.name} ({entry.direction} is better)"
    own, gain = entry.explanation, _gain(entry)
    if own is None or gain is None or own.mean is None or gain.mean is None:
        return f"{wording}: not compared."
    unknown = f", {gain.n_unknown:,} more without a value" if gain.n_unknown else ""
    pairs = f"{gain.n:,} of {n_explained:,} explained pairs{unknown}"
    return (
        f"{wording}: {number(own.mean)} beside {number(entry.chance)} by chance, "
        f"difference {mean_words(gain)}, {pairs}; {verdict_words(entry)}."
    )


def _best_sentence(entry: BoardEntry, overview: Overview) -> str:
    """Clause that names the best methods; empty where no claim is allowed."""
    found = Leaders() if overview.board is None else overview.board.leaders(entry.variant)
    wording = "" if found.silence else best_words(found)
    return f" {wording[0].upper()}{wording[1:]}." if wording else ""
