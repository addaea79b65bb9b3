"""Metrics as pages show them: which come first, what their controls are called."""

from ilime_core.faithfulness.registry import REPORTED
from ilime_core.faithfulness.reported import Group, Reported

__all__ = ["CONTROLS", "HEADLINES", "meaning_of"]

CONTROLS = {
    "explanation": "explanation",
    "interactions": "matrix alone",
    "main_effects": "linear",
    "random": "chance",
}
"""Names of controls on pages."""

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
    (("recognition",), ""),
    (("stability_spearman",), "seed"),
    (("randomised_weights",), ""),
)
"""Metrics, of which one is taken, and the mode of what is shown first; an empty mode is any."""


def meaning_of(metric: str) -> Reported:
    """Description of a value; of one that no metric reports any more, its name."""
    return REPORTED.get(metric) or Reported(
        name=metric,
        title=metric.replace("_", " "),
        says="",
        group=Group.OTHER,
        direction="",
        chance="",
    )
