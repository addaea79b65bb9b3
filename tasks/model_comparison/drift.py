"""Drift between two runs: bounds on how far a newer one may have moved away."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from ilime_core.aggregates.corrections import LEVEL
from ilime_core.errors import InputError
from tasks.model_comparison.compare import ModelComparison

__all__ = ["LEAST_CORRELATION", "Drift", "DriftBounds", "drift_of"]

LEAST_CORRELATION = 0.9
"""Mean correlation of W of two runs, errors included, from which on the newer one has not drifted."""


@dataclass(frozen=True, slots=True)
class DriftBounds:
    """Bounds beyond which a run has drifted.

    Attributes
    ----------
    least_correlation
        Smallest mean correlation of W.
    level
        Level of the test of R@1, corrected for all recalls.

    Raises
    ------
    InputError
        If the correlation is not in [-1, 1], or the level not inside (0, 1).
    """

    least_correlation: float = LEAST_CORRELATION
    level: float = LEVEL

    def __post_init__(self) -> None:
        if not -1 <= self.least_correlation <= 1:
            raise InputError(f"least_correlation: {self.least_correlation}; a correlation lies in [-1, 1]")
        if not 0 < self.level < 1:
            raise InputError(f"level: {self.level}; a level lies inside (0, 1)")


@dataclass(frozen=True, slots=True)
class Drift:
    """Distance of run B from run A.

    Attributes
    ----------
    correlation
        Mean correlation of W; None where it cannot be known.
    recall_differences
        R@1 of B minus that of A by direction.
    crossed
        One line for each bound that is crossed.
    """

    correlation: float | None
    recall_differences: dict[str, float]
    crossed: tuple[str, ...]


def drift_of(found: ModelComparison, bounds: DriftBounds) -> Drift:
    """Hold a comparison against bounds.

    Parameters
    ----------
    found
        The comparison.
    bounds
        What may be.

    Returns
    -------
    Drift
        Crossed are a correlation below the bound, and in either direction a lower R@1 whose corrected
        p-value is below the level. What cannot be known crosses nothing.
    """
    benchmark = found.rows.filter(pc.field("level") == "benchmark").to_pylist()
    [correlation] = [row["value"] for row in benchmark if row["quantity"] == "correlation"]
    recalls = {row["name"]: row for row in benchmark if row["quantity"] == "recall_at_1"}

    def crossed() -> Iterator[str]:
        if correlation is not None and correlation < bounds.least_correlation:
            yield f"correlation of W {correlation:.3f}, below {bounds.least_correlation:g}"
        for direction, row in recalls.items():
            if row["difference"] < 0 and row["p_adjusted"] is not None and row["p_adjusted"] < bounds.level:
                yield (
                    f"R@1 {direction} {row['value_a']:.3f} before, {row['value_b']:.3f} now "
                    f"(p = {row['p_adjusted']:.2g})"
                )

    differences = {direction: row["difference"] for direction, row in recalls.items()}
    return Drift(correlation, differences, tuple(crossed()))
