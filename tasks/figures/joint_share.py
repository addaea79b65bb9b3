"""R2 of a matrix in words, always with the best possible R2 and the joint share of the variance."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["JointShare", "joint_share", "known", "percent"]


@dataclass(frozen=True, slots=True)
class JointShare:
    """Share of the joint variance of two items that a matrix explains; None where it is not known."""

    closed_form: float | None
    """R2 from the rows of the fit."""
    held_out: float | None
    """R2 on rows that the fit has not seen."""
    ceiling: float | None
    """R2 of the best bilinear form."""
    share: float | None
    """Share of the score's variance that the two make only together."""

    @property
    def explained(self) -> float | None:
        """R2 in closed form; on fresh masks where there is no other."""
        return self.held_out if self.closed_form is None else self.closed_form

    @property
    def by_source(self) -> str:
        """Every known R2 and where it comes from; empty where none is known."""
        known = ((self.held_out, "on fresh masks"), (self.closed_form, "in closed form"))
        return " and ".join(f"{percent(value)} {where}" for value, where in known if value is not None)

    def sentence(self, both: str, number: str = "") -> str:
        """Sentence of what the matrix explains, the best possible share, and the joint share of the variance.

        Parameters
        ----------
        both
            The two items: image and caption, query and candidate.
        number
            Said instead of the R2 in closed form.

        Returns
        -------
        str
            A clause without a full stop.
        """
        told = number or percent(self.explained)
        return (
            f"explains {told} of what {both} do together ({self._best}), which is {percent(self.share)} of "
            "how the score varies when parts are removed"
        )

    @property
    def _best(self) -> str:
        return f"best possible {percent(self.ceiling)}"


def joint_share(fit: Mapping[str, float | None]) -> JointShare:
    """Joint share of a fit, whose names are those of the table ``fits``."""
    names = ("r2_cross", "r2_cross_held_out", "r2_cross_ceiling", "share_cross")
    return JointShare(*(known(fit[name]) for name in names))


def known(value: float | None) -> float | None:
    """The value itself; None for NaN, which arrays have where tables have NULL."""
    return None if value is None or math.isnan(value) else float(value)


def percent(share: float | None) -> str:
    """A share as a percentage: one decimal below 10 %, and an unknown one by that name."""
    if share is None:
        return "unknown"
    return f"{share:.1%}" if 0 < abs(share) < 0.0995 else f"{share:.0%}"
