"""The section ``selection``: segments that hold a match, that decide it, and how a score depends on them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.selection.registry import SELECTIONS
from tasks.parameters import Known, Parameters, check_once
from tasks.spec.settings import described_by

__all__ = ["SelectionParameters"]

Weight = Annotated[float, Field(ge=0, le=1e6)]


@described_by(SELECTIONS)
class SelectionParameters(Parameters, frozen=True):
    """Subsets of segments that are searched for on a sample of pairs, by further encodes."""

    methods: tuple[Annotated[str, Known(SELECTIONS)], ...] = Field(
        default=(), description="What is searched for; an empty list searches for nothing."
    )
    sample: int = Field(
        default=50,
        ge=0,
        le=1_000_000_000,
        description="Pairs to search, a seeded choice; the first of those that are measured.",
    )
    sides: tuple[Literal["left", "right"], ...] = Field(
        default=("left",), min_length=1, description="Whose segments are chosen; the other item stays whole."
    )
    word: str = Field(
        default="",
        description="Only pairs with a text that holds this word; fade then follows the word and the region "
        "that it interacts with most.",
    )
    candidates: int = Field(
        default=50,
        ge=2,
        le=1_000_000,
        description="candidates among which the model is confident, the pair's own and its best wrong ones.",
    )
    scale: float = Field(
        default=100.0,
        ge=0.001,
        le=1e6,
        description="factor of scores in their softmax; CLIP models are trained to 100.",
    )
    weights: tuple[Weight, Weight, Weight, Weight] = Field(
        default=(1.0, 1.0, 1.0, 1.0),
        description="of confidence, effectiveness, consistency and collaboration.",
    )
    most_ordered: int | None = Field(
        default=None, ge=1, le=4096, description="segments of an item to order; none for all."
    )
    most_removed: int = Field(
        default=10, ge=1, le=4096, description="segments of an item that may be removed."
    )
    exact_segments: int = Field(
        default=12, ge=0, le=20, description="items of no more segments are searched through."
    )
    faded: int = Field(default=3, ge=1, le=4096, description="segments of an item, the strongest.")
    fade_points: int = Field(default=11, ge=2, le=10_000, description="levels from 0 to 1.")

    @model_validator(mode="after")
    def _something_counts(self) -> "SelectionParameters":
        if not any(self.weights):
            raise ValueError(f"weights of smdl are all zero; one must be positive, got {list(self.weights)}")
        return self

    @model_validator(mode="after")
    def _named_once(self) -> "SelectionParameters":
        check_once(self, "methods", "sides")
        return self
