"""Options that the metrics of one measurement share, so that they share their encodes."""

from dataclasses import dataclass

from ilime_core.errors import InputError
from ilime_core.faithfulness.measurement import Side

__all__ = ["MetricOptions"]


@dataclass(frozen=True, slots=True)
class MetricOptions:
    """Settings of the metrics that ask for coalitions.

    Attributes
    ----------
    steps
        Points of a curve; fewer where a pair has fewer segments.
    n_random
        Random orders beside each explanation; at least 2, or nothing could be normalised.
    seed
        Of random orders and coalitions, with the items' ids.
    sides
        Whose segments come and go.
    probabilities
        Of keeping a segment, where fresh coalitions are drawn.
    n_coalitions
        Fresh coalitions of each item and probability.
    """

    steps: int = 50
    n_random: int = 20
    seed: int = 0
    sides: tuple[Side, ...] = tuple(Side)
    probabilities: tuple[float, ...] = (0.3, 0.5, 0.7)
    n_coalitions: int = 64

    def __post_init__(self) -> None:
        if self.steps < 2 or self.n_random < 2:
            raise InputError(f"steps and n_random must be at least 2, got {self.steps} and {self.n_random}.")
        if not self.sides or len(set(self.sides)) != len(self.sides):
            raise InputError(f"sides must be named, each once, got {list(map(str, self.sides))}.")
        inside = all(0 < p < 1 for p in self.probabilities)
        if not (self.probabilities and inside and len(set(self.probabilities)) == len(self.probabilities)):
            raise InputError(
                f"probabilities must be named, each once and inside (0, 1), got {list(self.probabilities)}."
            )
        if self.n_coalitions < 2:
            raise InputError(f"n_coalitions must be at least 2, got {self.n_coalitions}.")
