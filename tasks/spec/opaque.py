"""The section ``opaque``: the score that estimators of single pairs explain, and how they ask it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tasks.parameters import MOST_MASKS, Parameters, WeightsPlace

__all__ = ["READ_OUTS", "OpaqueParameters"]

READ_OUTS = frozenset({"cosine", "sigmoid", "softmax"})
"""Scorers that are functions of the model's own embeddings."""

_OWN_MASKS = frozenset({"image_masks", "text_masks", "held_out"})
_READ_BY = {
    "cosine": frozenset[str](),
    "sigmoid": frozenset({"scale", "bias"}),
    "softmax": frozenset({"scale", "candidates", "direction"}),
    "cross_encoder": frozenset({"checkpoint"}) | _OWN_MASKS,
    "plugin": frozenset({"factory"}) | _OWN_MASKS,
}
"""Fields that not every scorer reads, by those that do; a read-out takes the masks that score has encoded."""


class OpaqueParameters(Parameters, frozen=True):
    """Scorer and sampling of estimators of single pairs; read only where one of them is asked for."""

    scorer: Literal["cosine", "sigmoid", "softmax", "cross_encoder", "plugin"] = Field(
        default="cosine",
        description="What gives a pair its score: a read-out of the model's embeddings, or another model "
        "that looks at both items at once.",
    )
    checkpoint: WeightsPlace = Field(
        default="", description="cross_encoder: local weights (safetensors); empty takes the packaged ones."
    )
    factory: str = Field(default="", description="plugin: package.module:function that returns a scorer.")
    scale: float = Field(
        default=100.0,
        ge=0.001,
        le=1e6,
        description="sigmoid, softmax: factor of the cosine, the model's exp(logit_scale).",
    )
    bias: float = Field(
        default=0.0, ge=-1e6, le=1e6, description="sigmoid: what is added to the scaled cosine."
    )
    candidates: int = Field(
        default=10,
        ge=2,
        le=10,
        description="softmax: the query's best candidates, among which the score is a share.",
    )
    direction: Literal["left_to_right", "right_to_left"] = Field(
        default="left_to_right", description="softmax: which item asks: the left one (image), or the right."
    )
    image_masks: int = Field(
        default=128,
        ge=2,
        le=65_536,
        description="grid of cross_encoder or plugin: masks per image of a pair.",
    )
    text_masks: int = Field(
        default=64, ge=2, le=65_536, description="grid of cross_encoder or plugin: masks per text of a pair."
    )
    held_out: int = Field(
        default=24,
        ge=0,
        le=65_536,
        description="cross_encoder, plugin: fresh masks of each side that test the fit.",
    )
    rows: int = Field(
        default=1000,
        ge=2,
        le=MOST_MASKS,
        description="paired, paired_pure, linear_lime, kernel_shapley_taylor: joint rows.",
    )
    regression: Literal["ridge", "lasso"] = Field(
        default="ridge", description="paired, paired_pure: kind of shrinkage."
    )
    penalty: Literal["auto"] | Annotated[float, Field(ge=0, le=1e6)] = Field(
        default="auto",
        description="Strength of the shrinkage, scikit-learn's alpha. auto: of W alone, the ridge's that "
        "best predicts each row from all the others (paired, paired_pure), and LIME's 1 (linear_lime).",
    )
    kernel: Literal["none", "lime", "product"] = Field(
        default="none",
        description="Weights of joint rows: equal, LIME's cosine kernel, or a kernel for each side.",
    )
    kernel_width: float = Field(default=0.25, ge=0.001, le=1000, description="Width of either kernel.")
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
        return self.scorer in READ_OUTS

    @model_validator(mode="after")
    def _only_what_is_read(self) -> "OpaqueParameters":
        known = type(self).model_fields
        for field in sorted(frozenset[str]().union(*_READ_BY.values()) - _READ_BY[self.scorer]):
            if getattr(self, field) != known[field].default:
                readers = ", ".join(name for name, fields in _READ_BY.items() if field in fields)
                raise ValueError(
                    f"opaque.{field} is not read by scorer: {self.scorer}, only by {readers}; leave it out"
                )
        if self.regression == "lasso" and self.penalty == "auto":
            raise ValueError(
                "opaque.penalty: auto is of a ridge, and regression: lasso needs a number, like 0.0003"
            )
        if self.scorer == "plugin" and not self.factory:
            raise ValueError("opaque.scorer: plugin needs opaque.factory, like package.module:function")
        return self
