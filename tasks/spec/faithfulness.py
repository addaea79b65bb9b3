"""The section ``faithfulness``: whether explanations can be trusted."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.registry import METRICS
from tasks.parameters import Known, Parameters, check_once
from tasks.spec.perturbation import Baseline, TextRemoval
from tasks.spec.refits import RefitParameters
from tasks.spec.settings import described_by
from tasks.spec.truth import TruthParameters

__all__ = ["BaselineParameters", "FaithfulnessParameters", "MetricName"]

MetricName = Annotated[str, Known(METRICS)]
"""Everything that can be measured, by its name in the spec."""

Probability = Annotated[float, Field(gt=0, lt=1)]


class BaselineParameters(Parameters, frozen=True):
    """Baselines of removed segments while measuring; a field that is not given is as in ``perturbation``."""

    image_baseline: Baseline | None = Field(default=None, description="Of regions.")
    text_removal: TextRemoval | None = Field(default=None, description="Of words.")


@described_by(METRICS)
class FaithfulnessParameters(Parameters, frozen=True):
    """Faithfulness of explanations: metrics, and the sample of pairs that they are measured on."""

    metrics: tuple[MetricName, ...] = Field(
        default=("insertion_deletion", "aid", "fidelity", "certainty", "comprehensibility", "incompleteness"),
        description="What is measured; an empty list measures nothing.",
    )
    sample: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="Pairs to measure: a seeded choice, each relation in its share. By default as many as "
        "cost no more encodes than explaining, at most 200; 0 measures nothing.",
    )
    relations: tuple[
        Literal["positive", "contrast", "hard_negative", "retrieved", "listed", "sampled"], ...
    ] = Field(default=(), description="Pairs of which relations may be drawn; an empty list draws from all.")
    pairs: tuple[str, ...] = Field(
        default=(),
        description="Measure these pairs instead of a sample: ids, or beginnings that one pair has.",
    )
    estimators: tuple[str, ...] = Field(
        default=(), description="Whose explanations are measured; an empty list measures those of all."
    )
    sides: tuple[Literal["both", "left", "right"], ...] = Field(
        default=("both", "left", "right"),
        min_length=1,
        description="whose segments come and go; the other item stays whole.",
    )
    steps: int = Field(default=50, ge=2, le=100_000, description="points of a curve.")
    random_orders: int = Field(default=20, ge=2, le=10_000, description="random-order controls.")
    baselines: tuple[BaselineParameters, ...] = Field(
        default=(),
        serialization_alias="fills",  # digests, and with them ids, keep the field's first name
        description="Further baselines to measure with, beside the one that was fitted with.",
    )
    probabilities: tuple[Probability, ...] = Field(
        default=(0.3, 0.5, 0.7),
        min_length=1,
        description="probabilities of keeping a segment.",
    )
    coalitions: int = Field(
        default=64,
        ge=2,
        le=100_000,
        description="fresh coalitions of each item and probability.",
    )
    truth: TruthParameters = TruthParameters()
    refits: RefitParameters = RefitParameters()

    @property
    def measures(self) -> bool:
        """True if anything is measured."""
        return bool(self.metrics) and (self.sample != 0 or bool(self.pairs))

    @model_validator(mode="after")
    def _named_once(self) -> "FaithfulnessParameters":
        check_once(self, "metrics", "relations", "pairs", "estimators", "sides", "baselines", "probabilities")
        return self

    @property
    def needs_truth(self) -> bool:
        """True if a metric compares with annotated regions."""
        return any(METRICS[name].needs_truth for name in self.metrics)

    @property
    def needs_other_model(self) -> bool:
        """True if a metric compares with another model."""
        return any(Variation.MODEL in METRICS[name].variations for name in self.metrics)

    @model_validator(mode="after")
    def _metrics_have_what_they_compare_with(self) -> "FaithfulnessParameters":
        for name in self.metrics:
            metric = METRICS[name]
            if metric.needs_truth and self.truth.format == "none":
                raise ValueError(
                    f"{name} needs to know what captions name: give truth, like "
                    "{format: spans, annotations: regions.json}, or drop it"
                )
            if Variation.MODEL in metric.variations and self.refits.other is None:
                raise ValueError(
                    f"{name} needs another model: give refits.other, like {{name: conse}}, or drop it"
                )
            if not set(metric.sides) <= set(self.sides):
                raise ValueError(
                    f"{name} compares sides: [{', '.join(metric.sides)}], got [{', '.join(self.sides)}]; "
                    "add them or drop it"
                )
        return self
