"""Estimate with standard error and confidence interval."""

from dataclasses import dataclass

__all__ = ["LEVEL", "Estimate"]

LEVEL = 0.95
"""Coverage of the intervals."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; None where value, error or interval does not exist."""

    value: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Units, mostly queries, that the value is over."""
