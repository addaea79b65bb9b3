"""The section ``faithfulness.refits``: how often, and under what changes, pairs are explained again."""

from pydantic import Field

from ilime_core.faithfulness.registry import METRICS
from tasks.parameters import Parameters
from tasks.spec.model import ModelParameters
from tasks.spec.settings import described_by

__all__ = ["RefitParameters"]


@described_by(METRICS)
class RefitParameters(Parameters, frozen=True):
    """Changes under which the run's own estimators explain pairs once more; each is read by one metric."""

    sample: int = Field(
        default=20,
        ge=0,
        le=100_000,
        description="Pairs that are explained again, the first of those measured.",
    )
    seeds: int = Field(default=5, ge=1, le=100, description="other draws of the masks.")
    noise_draws: int = Field(default=5, ge=1, le=100, description="draws of noise on images.")
    noise: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="bound of the uniform noise, of pixel values from 0 to 1.",
    )
    sensitivity_draws: int = Field(default=10, ge=1, le=1000, description="draws of noise on images.")
    sensitivity_radius: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="bound of the uniform noise, of pixel values from 0 to 1.",
    )
    random_models: int = Field(
        default=5, ge=1, le=100, description="copies of the model with random weights."
    )
    other: ModelParameters | None = Field(
        default=None, description="model that explains the same segments under the same masks."
    )
