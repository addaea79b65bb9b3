"""Description of a value that a metric reports: title, meaning, range, and what chance gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.faithfulness.measurement import Control

__all__ = [
    "COSINE",
    "EVERY_CONTROL",
    "NO_CHANCE",
    "R2",
    "SHARE",
    "SIZE",
    "Group",
    "Reported",
]

SHARE = Bounds(0.0, 1.0)
COSINE = Bounds(-1.0, 1.0)
"""Also of correlations."""
R2 = Bounds(high=1.0)
SIZE = Bounds(low=0.0)

NO_CHANCE = "Not defined; compare methods."
EVERY_CONTROL = tuple(Control)


class Group(StrEnum):
    """Metrics that are shown together, in this order."""

    CURVES = "Curves"
    FIDELITY = "Fidelity"
    LOCALISATION = "Localisation"
    STABILITY = "Stability and sanity"
    COMPREHENSIBILITY = "Comprehensibility"
    COST = "Cost"
    OTHER = "Other metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One value of a metric, by its name in column ``metric`` of the tables.

    Attributes
    ----------
    name, title
        In tables and on pages.
    says
        Its meaning in one sentence; ``{left}`` and ``{right}`` are filled in with the sides of a run.
    direction
        ``higher`` or ``lower`` is better.
    bounds
        Possible range of a raw value.
    mode_bounds
        Range of the modes whose range is another one.
    controls
        What may have the value.
    chance
        What chance gives, in words.
    null
        What chance gives, or the bound of a sanity check, where it is a known constant; else chance is
        measured as a control, or is not defined.
    modes
        Modes that are shown before the others, in this order; those with a probability without it.
    mode_names
        Modes that pages call otherwise.
    modes_of_draws
        Modes in which a method that draws no masks has a perfect value by construction.
    is_check
        Whether it is a sanity check: the whole interval has to lie below ``null``.
    is_tested
        Whether differences from controls are tested: not where another metric tests the same in other units.
    has_merit
        Whether a better value makes a better method; else others are read with it, and it has no direction
        on pages.
    is_contest
        Whether methods are compared with each other.
    """

    name: str
    title: str
    says: str
    group: Group
    direction: str
    bounds: Bounds = UNBOUNDED
    mode_bounds: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])
    controls: tuple[Control, ...] = (Control.EXPLANATION,)
    chance: str = NO_CHANCE
    null: float | None = None
    modes: tuple[str, ...] = ()
    mode_names: Mapping[str, str] = field(default_factory=dict[str, str])
    modes_of_draws: tuple[str, ...] = ()
    is_check: bool = False
    is_tested: bool = True
    has_merit: bool = True
    is_contest: bool = True

    def range_of(self, mode: str, scale: str = "raw") -> Bounds:
        """Range of a mode; what was put on the scale from the empty to the whole pair has no end.

        Parameters
        ----------
        mode
            Variant of the metric.
        scale
            ``raw`` is the metric's own unit; any other name is a scale from the empty to the whole pair.

        Returns
        -------
        Bounds
            Ends in the unit of that scale.
        """
        return self.mode_bounds.get(mode, self.bounds) if scale == "raw" else UNBOUNDED

    def mode_name(self, mode: str) -> str:
        """A mode in people's words; empty where the value has no variants."""
        return self.mode_names.get(mode, "" if mode == "none" else mode)
