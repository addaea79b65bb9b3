"""The section ``model``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.encoders.registry import ENCODERS
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from tasks.parameters import Known, ModelPlace, Parameters, WeightsPlace
from tasks.spec.settings import described_by

__all__ = ["ModelParameters"]


@described_by(ENCODERS)
class ModelParameters(Parameters, frozen=True):
    """The dual encoder that is explained."""

    name: Annotated[str, Known(ENCODERS)] = Field(description="Kind of encoder.")
    model: ModelPlace = ""
    pretrained: str = ""
    checkpoint: WeightsPlace = ""
    force_quick_gelu: bool = False
    factory: str = ""
    device: str = Field(default="auto", description="auto, cpu, cuda or cuda:N.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="Arithmetic of the towers. auto: bfloat16 on CUDA devices that have it, and for large "
        "runs on processors that have it, if a trial finds it safe and faster; else float32.",
    )

    def specification(self, allowed_plugins: tuple[str, ...] = ()) -> EncoderSpec:
        """The encoder as the core describes it.

        Parameters
        ----------
        allowed_plugins
            Packages that factories may come from.

        Returns
        -------
        EncoderSpec
            Device and precision are no part of it.
        """
        return EncoderSpec(
            name=self.name,
            model=self.model,
            pretrained=self.pretrained,
            checkpoint=Path(self.checkpoint) if self.checkpoint else None,
            force_quick_gelu=self.force_quick_gelu,
            factory=self.factory,
            allowed_plugins=allowed_plugins,
        )

    @model_validator(mode="after")
    def _says_which(self) -> "ModelParameters":
        entry = ENCODERS[self.name]
        for field, example in entry.required.items():
            if not getattr(self, field):
                raise ValueError(f"name: {self.name} needs {field}, {example}")
        if entry.check is not None:
            try:
                entry.check(self.specification())
            except InputError as error:
                raise ValueError(f"name: {error}") from error
        return self
