"""Cost of the stages after explaining, in lines that are printed before anything starts."""

from ilime_core.faithfulness.registry import METRICS
from tasks.forecast.budget import select_encodes
from tasks.spec import FaithfulnessParameters
from tasks.stages.explain_cost import Listed, explain_encodes, scored_items
from tasks.stages.measure.cost import affordable_pairs, measured_pairs, most_measure_encodes
from tasks.stages.select.plan import selects

__all__ = ["cost_lines"]


def cost_lines(listed: Listed, asked: FaithfulnessParameters) -> list[str]:
    """Encodes of measuring and selecting beside those of explaining; no line for a stage that is not run.

    Parameters
    ----------
    listed
        The run, in which the sample of pairs is already a number.
    asked
        The section as the spec has it, perhaps without a sample.

    Returns
    -------
    list[str]
        At most one line a stage.
    """
    scored = scored_items(listed)
    explaining = explain_encodes(listed, scored)
    lines: list[str] = []
    if asked.measures:
        n_pairs = measured_pairs(listed)
        most = most_measure_encodes(listed, n_pairs, scored.most_words)
        lines.append(_measure_line(listed, asked, (n_pairs, most), explaining, scored.most_words))
    if selects(listed.parameters.selection):
        most, selection = select_encodes(listed, scored.most_words).total(), listed.parameters.selection
        lines.append(
            f"select: at most {selection.sample:,} pairs by {', '.join(selection.methods)}, at most {most:,} "
            f"encodes, {_beside(most, explaining)}"
        )
    return lines


def _measure_line(
    listed: Listed, asked: FaithfulnessParameters, cost: tuple[int, int], explaining: int, most_words: int
) -> str:
    n_pairs, most = cost
    if not n_pairs:
        one = most_measure_encodes(listed, 1, most_words)
        return (
            f"measure: no pair, because one takes up to {one:,} encodes and explaining about {explaining:,}; "
            "faithfulness.sample says how many to measure all the same"
        )
    said = f"measure: at most {n_pairs:,} pairs, at most {most:,} encodes, {_beside(most, explaining)}"
    if asked.sample is None and not asked.pairs:
        return f"{said} (faithfulness.sample is not given: no more than explaining)"
    again = [name for name in asked.metrics if METRICS[name].variations]
    if most > explaining and again:
        said += f"; {', '.join(again)} explain pairs again (faithfulness.refits)"
    if most > explaining and not asked.pairs:
        fewer = affordable_pairs(listed, explaining, most_words)
        said += f"; faithfulness.sample={fewer} costs no more than explaining"
    return said


def _beside(most: int, explaining: int) -> str:
    """A cost in terms of that of explaining."""
    return f"{most / max(explaining, 1):.1f} times the about {explaining:,} of explaining"
