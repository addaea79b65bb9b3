"""Ranges of the values that metrics report, and the constant that each is tested against."""

from collections.abc import Mapping
from dataclasses import dataclass

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.errors import InputError
from ilime_core.faithfulness.refits import PASSES_BELOW

__all__ = ["REPORTED", "Reported", "reported"]

SHARE = Bounds(0.0, 1.0)
CORRELATION = Bounds(-1.0, 1.0)
COSINE = Bounds(-1.0, 1.0)
R2 = Bounds(high=1.0)
SIZE = Bounds(low=0.0)


@dataclass(frozen=True, slots=True)
class Reported:
    """One metric's values.

    Attributes
    ----------
    bounds
        Possible range of a raw value.
    by_mode
        Range of the modes whose range is another one.
    null
        What chance gives, or the bound of a sanity check, where it is a known constant; else chance stands
        beside as a control, or is not defined.
    is_tested
        Whether differences from controls are tested: not where another metric tests the same in other units.
    """

    bounds: Bounds
    by_mode: Mapping[str, Bounds] | None = None
    null: float | None = None
    is_tested: bool = True

    def range_of(self, mode: str, scale: str = "raw") -> Bounds:
        """Range of a mode; what was put on the scale from the empty to the whole pair has no end."""
        if scale != "raw":
            return UNBOUNDED
        return (self.by_mode or {}).get(mode, self.bounds)


# Embeddings have length one: a score lies in [-1, 1], what g(S) - g(0) and h(T) - h(0) give in [-4, 4].
_MIXED = {"mixed_difference": Bounds(-4.0, 4.0)}

REPORTED: Mapping[str, Reported] = {
    "insertion": Reported(COSINE, _MIXED),
    "deletion": Reported(COSINE, _MIXED),
    "aid": Reported(COSINE.of_difference, {"mixed_difference": Bounds(-8.0, 8.0)}),
    "average_drop": Reported(Bounds(0.0, 2.0)),
    "average_increase": Reported(SHARE),
    "highest_confidence": Reported(COSINE),
    "synergy": Reported(Bounds(-4.0, 4.0)),
    "synergy_share": Reported(CORRELATION),
    "asymmetry": Reported(SIZE, {"cosine": Bounds(0.0, 2.0)}),
    "p_faithfulness_spearman": Reported(CORRELATION, null=0.0),
    "p_faithfulness_pearson": Reported(CORRELATION, null=0.0),
    "p_faithfulness_r2": Reported(R2, null=0.0),
    "infidelity": Reported(SIZE),
    "infidelity_scaled": Reported(Bounds(0.0, 4.0)),
    "r2_total": Reported(R2, is_tested=False),  # beyond the linear one by R2_cross times the cross share
    "r2_cross": Reported(R2, null=0.0),
    "r2_cross_held_out": Reported(R2, null=0.0),
    "r2_cross_ceiling": Reported(R2),
    "share_cross": Reported(SHARE),
    "incompleteness": Reported(SIZE, is_tested=False),  # the same again
    "missed_rows": Reported(SHARE),
    "pointing_game": Reported(SHARE),
    "energy_inside": Reported(SHARE),
    "iou": Reported(SHARE),
    "pgr": Reported(SHARE),
    "stability_spearman": Reported(CORRELATION, null=0.0),
    "stability_pearson": Reported(CORRELATION, null=0.0),
    "max_sensitivity": Reported(SIZE),
    "randomised_weights": Reported(SHARE, null=PASSES_BELOW),
    "randomised_weights_pearson": Reported(SHARE, null=PASSES_BELOW),
    "consistency": Reported(CORRELATION, null=0.0),
    "consistency_pearson": Reported(CORRELATION, null=0.0),
    "comprehensibility": Reported(Bounds(low=1.0)),
    "certainty": Reported(SHARE),
    "representativeness": Reported(R2),
    "cost": Reported(SIZE),
}
"""By the names in column ``metric``; one metric of a spec may report several."""


def reported(metric: str) -> Reported:
    """What is known of a metric's values.

    Raises
    ------
    InputError
        If the metric declares no range.
    """
    if metric not in REPORTED:
        raise InputError(
            f"metric {metric!r} declares no range: name it in REPORTED of {__name__}, "
            "with UNBOUNDED where it has none"
        )
    return REPORTED[metric]
