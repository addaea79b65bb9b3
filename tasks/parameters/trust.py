"""The sections ``faithfulness`` and ``failures``: what is checked, and what may fail."""

from typing import Literal

from pydantic import Field

from tasks.parameters.base import Parameters, Share

__all__ = ["FailureParameters", "FaithfulnessParameters"]


class FaithfulnessParameters(Parameters, frozen=True):
    """Whether explanations can be trusted."""

    metrics: tuple[Literal["insertion_deletion"], ...] = Field(
        default=("insertion_deletion",), description="What is measured; an empty list measures nothing."
    )
    sample: int = Field(default=200, ge=0, description="Pairs to measure, a seeded choice.")
    steps: int = Field(default=50, ge=2, description="Points of a curve.")
    random_orders: int = Field(default=20, ge=2, description="Random-order controls.")


class FailureParameters(Parameters, frozen=True):
    """How many unusable items are still a success."""

    tolerate: Share = Field(default=0.01, description="Share of items that may fail with exit status 0.")
