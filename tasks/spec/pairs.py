"""The section ``pairs``."""

from pydantic import Field, model_validator

from tasks.spec.base import Parameters
from tasks.spec.places import InputPlace

__all__ = ["PairParameters"]


class PairParameters(Parameters, frozen=True):
    """Which pairs are explained."""

    positives: bool = Field(default=True, description="Pairs that the corpus calls a match.")
    errors: bool = Field(default=True, description="For each failed query its best wrong candidate.")
    retrieved: int = Field(
        default=0, ge=0, le=100_000, description="Best candidates of every query, in both directions."
    )
    hard_negatives: int = Field(
        default=0, ge=0, le=100_000, description="Best wrong candidates of every query."
    )
    listed: InputPlace = Field(
        default="",
        description="URL of a CSV with columns left,right (external ids); read when the run is planned.",
    )
    sample_queries: int | None = Field(
        default=None, ge=1, le=1_000_000_000, description="Explain only the pairs of so many seeded queries."
    )

    @model_validator(mode="after")
    def _some_are_chosen(self) -> "PairParameters":
        if not (self.positives or self.errors or self.retrieved or self.hard_negatives or self.listed):
            raise ValueError(
                "no pair would be explained; ask for positives, errors, retrieved, hard_negatives or a list"
            )
        return self
