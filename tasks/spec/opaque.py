"""The section ``opaque``: the score that estimators of single pairs explain, and how they ask it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.scorers import SCORERS, ReadOutEntry
from tasks.parameters import MOST_MASKS, Known, Parameters, WeightsPlace
from tasks.spec.settings import described_by, readers

__all__ = ["OpaqueParameters"]


@described_by(PAIR_ESTIMATORS, SCORERS)
class OpaqueParameters(Parameters, frozen=True):
    """Scorer and sampling of estimators of single pairs; read only where one of them is asked for."""

    scorer: Annotated[str, Known(SCORERS)] = Field(
        default="cosine",
        description="What gives a pair its score: a read-out of the model's embeddings, or another model "
        "that looks at both items at once.",
    )
    checkpoint: WeightsPlace = Field(
        default="", description="local weights (safetensors); empty takes the packaged ones."
    )
    factory: str = Field(default="", description="package.module:function that returns a scorer.")
    scale: float = Field(
        default=100.0,
        ge=0.001,
        le=1e6,
        description="factor of the cosine, the model's exp(logit_scale).",
    )
    bias: float = Field(default=0.0, ge=-1e6, le=1e6, description="what is added to the scaled cosine.")
    candidates: int = Field(
        default=10,
        ge=2,
        le=10,
        description="the query's best candidates, among which the score is a share.",
    )
    direction: Literal["left_to_right", "right_to_left"] = Field(
        default="left_to_right", description="which item asks: the left one (image), or the right."
    )
    image_masks: int = Field(
        default=128,
        ge=2,
        le=65_536,
        description="masks per image of a pair.",
    )
    text_masks: int = Field(default=64, ge=2, le=65_536, description="masks per text of a pair.")
    held_out: int = Field(
        default=24,
        ge=0,
        le=65_536,
        description="fresh masks of each side that test the fit.",
    )
    rows: int = Field(
        default=1000,
        ge=2,
        le=MOST_MASKS,
        description="joint rows.",
    )
    regression: Literal["ridge", "lasso"] = Field(default="ridge", description="kind of shrinkage.")
    penalty: Literal["auto"] | Annotated[float, Field(ge=0, le=1e6)] = Field(
        default="auto",
        description="strength of the shrinkage, scikit-learn's alpha. auto: of W alone, the ridge's that "
        "best predicts each row from all the others (paired, paired_pure), and LIME's 1 (linear_lime).",
    )
    kernel: Literal["none", "lime", "product"] = Field(
        default="none",
        description="weights of joint rows: equal, LIME's cosine kernel, or a kernel for each side.",
    )
    kernel_width: float = Field(default=0.25, ge=0.001, le=1000, description="width of either kernel.")
    sample: int = Field(
        default=200,
        ge=1,
        le=1_000_000_000,
        description="Pairs to explain so, a seeded choice: each costs scores of its own. A larger sample "
        "contains a smaller one.",
    )

    @property
    def reads_embeddings(self) -> bool:
        """True if the score is a function of the model's own embeddings."""
        return isinstance(SCORERS[self.scorer], ReadOutEntry)

    @model_validator(mode="after")
    def _only_what_is_read(self) -> "OpaqueParameters":
        plain = type(self).model_fields
        for name in sorted(type(self).model_fields):
            scorers = readers(SCORERS, name)
            if scorers and self.scorer not in scorers and getattr(self, name) != plain[name].default:
                raise ValueError(
                    f"opaque.{name} is not read by scorer: {self.scorer}, only by {', '.join(scorers)}; "
                    "leave it out"
                )
        for name, example in SCORERS[self.scorer].required.items():
            if not getattr(self, name):
                raise ValueError(f"opaque.scorer: {self.scorer} needs opaque.{name}, {example}")
        if self.regression == "lasso" and self.penalty == "auto":
            raise ValueError(
                "opaque.penalty: auto is of a ridge, and regression: lasso needs a number, like 0.0003"
            )
        return self
