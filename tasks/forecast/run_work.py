"""Work of the stages that encode, as far as it is known before they are planned."""

from collections import Counter

from tasks.forecast.budget import select_encodes
from tasks.stages.explain_cost import Listed, encodes_by_modality, scored_items
from tasks.stages.measure.cost import measure_encodes, measured_pairs
from tasks.stages.select.plan import selects

__all__ = ["MEASURED_SHARE", "later_work"]

MEASURED_SHARE = 0.4
"""Share of the most encodes of measuring that it usually takes, because orders share prefixes: .35 on the
photographs of the demo with two estimators."""


def later_work(listed: Listed) -> dict[str, dict[str, float]]:
    """Encodes that scoring will take, about, measuring usually, and selecting at most.

    Parameters
    ----------
    listed
        The run, in which the sample of pairs is already a number.

    Returns
    -------
    dict of str to dict of str to float
        By stage and unit, ``images`` and ``texts``; a stage that is not run has none.
    """
    scored = scored_items(listed)
    measured = measure_encodes(listed, measured_pairs(listed), scored.most_words)
    whole = Counter(listed.manifest["modality"].to_pylist())
    work: dict[str, dict[str, float]] = {
        "score": {
            _unit(kind): float(n - whole[kind.value])
            for kind, n in encodes_by_modality(listed, scored).items()
        },
        "measure": {_unit(kind): MEASURED_SHARE * n for kind, n in measured.items()},
    }
    if selects(listed.parameters.selection):
        selected = select_encodes(listed, scored.most_words)
        work["select"] = {_unit(kind): float(n) for kind, n in selected.items()}
    return work


def _unit(modality: str) -> str:
    return f"{modality}s"
