"""The section ``failures``: what may fail."""

from pydantic import Field

from tasks.parameters import Parameters, Share

__all__ = ["FailureParameters"]


class FailureParameters(Parameters, frozen=True):
    """Tolerance for unusable items."""

    tolerate: Share = Field(default=0.01, description="Share of items that may fail with exit status 0.")
