"""The section ``summary``: which slices of a run are reported."""

from pydantic import Field

from ilime_core.aggregates.slices import SliceLimits
from tasks.parameters import Parameters

__all__ = ["SummaryParameters"]

_LIMITS = SliceLimits()


class SummaryParameters(Parameters, frozen=True):
    """Slices by the tags of corpus.tags: how small and how many they may be."""

    slice_floor: int = Field(
        default=_LIMITS.pairs,
        ge=2,
        le=1_000_000_000,
        description="Fewest pairs of a slice; smaller ones are counted.",
    )
    slice_items: int = Field(
        default=_LIMITS.items,
        ge=2,
        le=1_000_000_000,
        description="Fewest distinct items of a slice on either side.",
    )
    slice_values: int = Field(
        default=_LIMITS.values, ge=1, le=1000, description="Most slices of a tag, the most frequent values."
    )

    @property
    def limits(self) -> SliceLimits:
        """The section as the core has it."""
        return SliceLimits(self.slice_floor, self.slice_items, self.slice_values)
