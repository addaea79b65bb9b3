"""Possible ranges of quantities, so that no interval says what cannot be."""

from dataclasses import dataclass

from ilime_core.errors import InputError

__all__ = ["UNBOUNDED", "Bounds"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Range of a quantity, ends included; None where it has no end.

    Raises
    ------
    InputError
        If the ends are not in order.
    """

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise InputError(f"a range needs a low end below its high end, got {self.low} and {self.high}.")

    def __str__(self) -> str:
        """Return the range in words: ``-1 to 1``, ``at least 0``."""
        if self.low is None:
            return "any number" if self.high is None else f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"

    @property
    def of_difference(self) -> "Bounds":
        """Range of the difference of two such quantities."""
        if self.low is None or self.high is None:
            return UNBOUNDED
        return Bounds(self.low - self.high, self.high - self.low)


UNBOUNDED = Bounds()
"""Any real number is possible."""
