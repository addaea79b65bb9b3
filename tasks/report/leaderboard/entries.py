"""Entry of a leaderboard: one method in one variant of a metric, with controls and verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.report.leaderboard.metrics import meaning_of
from tasks.report.leaderboard.verdicts import BoardEstimate, Verdict, judged
from tasks.stages.rank.contests import is_by_construction

__all__ = ["BoardEntry", "Variant"]


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """One metric, measured in one way."""

    metric: str
    mode: str
    side: str
    baseline: str
    axis: str
    scale: str

    @property
    def name(self) -> str:
        """Title of metric and mode."""
        return ", ".join(filter(None, (meaning_of(self.metric).title, self.mode_name)))

    @property
    def mode_name(self) -> str:
        """Title of the mode; empty where the metric has no modes."""
        return meaning_of(self.metric).mode_name(self.mode)


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """Result of one method in one variant of a metric, over the pairs of one relation."""

    estimator: str
    relation: str
    variant: Variant
    direction: str
    """higher or lower is better"""
    controls: Mapping[str, BoardEstimate]
    """Values of the explanation and of the controls that it is compared with."""
    gains: Mapping[str, BoardEstimate]
    """The explanation minus each control, pair by pair."""

    @property
    def goal(self) -> str:
        """Direction in which values are better; empty for metrics without a better direction."""
        return self.direction if meaning_of(self.variant.metric).has_merit else ""

    @property
    def explanation(self) -> BoardEstimate | None:
        """The method's own value; None where the metric is of a control alone."""
        return self.controls.get("explanation")

    @property
    def linear(self) -> BoardEstimate | None:
        """Value of the linear surrogate of the same method."""
        return self.controls.get("main_effects")

    @property
    def random(self) -> BoardEstimate | None:
        """Value of random orders, where it was measured."""
        return self.controls.get("random")

    @property
    def chance(self) -> float | None:
        """Chance level, measured or known."""
        return self._null if self.random is None else self.random.mean

    @property
    def _null(self) -> float | None:
        """Chance level, where it is a known constant."""
        return None if self.is_check else meaning_of(self.variant.metric).null

    @property
    def counted(self) -> BoardEstimate | None:
        """Estimate whose pairs are counted: the explanation's, or that of a control where there is none."""
        return self.explanation or self.linear or self.random

    @property
    def is_check(self) -> bool:
        """True of a sanity check, which has a bound instead of a chance level."""
        return meaning_of(self.variant.metric).is_check

    @property
    def has_chance(self) -> bool:
        """True if a chance level was measured beside it, or is known.

        False for values that are 1 by construction, such as the stability of a deterministic method.
        """
        if self.is_check or is_by_construction(self.estimator, self.variant.metric, self.variant.mode):
            return False
        return "random" in self.gains or self._null is not None

    @property
    def compared(self) -> BoardEstimate | None:
        """BoardEstimate that the verdict is about: the paired difference from chance, or the value itself."""
        return self.explanation if self.is_check else self.gains.get("random", self.explanation)

    @property
    def verdict(self) -> Verdict:
        """Verdict of the comparison with chance; of a sanity check with its bound."""
        if not (self.has_chance or self.is_check):
            return Verdict.UNKNOWN
        return judged(self.compared, "lower" if self.is_check else self.direction)
