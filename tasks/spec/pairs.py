"""The section ``pairs``."""

from pydantic import Field, model_validator

from tasks.parameters import InputPlace, Parameters

__all__ = ["PairParameters"]


class PairParameters(Parameters, frozen=True):
    """Choice of the pairs that are explained."""

    positives: bool = Field(default=True, description="Pairs that the corpus calls a match.")
    errors: bool = Field(default=True, description="For each failed query its best wrong candidate.")
    retrieved: int = Field(
        default=0, ge=0, le=100_000, description="Best candidates of every query, in both directions."
    )
    hard_negatives: int = Field(
        default=0, ge=0, le=100_000, description="Best wrong candidates of every query."
    )
    random: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Random wrong candidates of every query, in both directions; seeded by the query.",
    )
    listed: InputPlace = Field(
        default="",
        description="URL of a CSV with columns left,right (external ids); read when the run is planned.",
    )
    contrasts: bool = Field(
        default=True,
        description="Both pairs of every contrast: of formats with edited captions, and of corpus.edits.",
    )
    all: bool = Field(
        default=False,
        description="Totals over every pair of the corpus, beside the explained ones (stages sweep, gather). "
        "All items are scored; interactions of single pairs are stored of the explained ones only.",
    )
    sample_queries: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="Explain only the pairs of this many queries: a seeded choice.",
    )

    @model_validator(mode="after")
    def _some_are_chosen(self) -> "PairParameters":
        if not (self.positives or self.asks_retrieval or self.listed):
            raise ValueError(
                "no pair would be explained; ask for positives, errors, retrieved, hard_negatives, random or "
                "a list"
            )
        if self.all and self.sample_queries is not None:
            raise ValueError(
                "pairs.all scores every item, and pairs.sample_queries few of them; give one of them"
            )
        return self

    @property
    def asks_retrieval(self) -> bool:
        """True if pairs are asked for that are known only once every query has its candidates."""
        return self.errors or bool(self.retrieved or self.hard_negatives or self.random)

    def identity(self) -> dict[str, object]:
        """Fields as they enter the id of a run: one that was added later only where it asks for something."""
        later = (("random", self.random), ("contrasts", not self.contrasts), ("all", self.all))
        unasked = {name for name, asks in later if not asks}
        return self.model_dump(mode="json", exclude=unasked)
