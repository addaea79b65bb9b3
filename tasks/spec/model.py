"""The section ``model``."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.parameters import ModelPlace, Parameters, WeightsPlace

__all__ = ["ModelParameters"]


class ModelParameters(Parameters, frozen=True):
    """The dual encoder that is explained."""

    name: Literal["conse", "open_clip", "scenes", "transformers", "plugin"] = Field(
        description="Kind of encoder."
    )
    model: ModelPlace = Field(
        default="",
        description="open_clip: architecture, 'hf-hub:' id, or path of a JSON config; transformers: "
        "hub id or folder of a CLIP or SigLIP model.",
    )
    pretrained: str = Field(
        default="",
        description="open_clip: pretrained tag; scenes: weights of the end (final, the default) or of the "
        "first tenth (early) of the training.",
    )
    checkpoint: WeightsPlace = Field(
        default="", description="open_clip: local checkpoint (safetensors, or tensors-only .pt)."
    )
    force_quick_gelu: bool = Field(
        default=False, description="open_clip: use QuickGELU whatever the config says."
    )
    factory: str = Field(
        default="", description="plugin: package.module:function that returns a dual encoder."
    )
    device: str = Field(default="auto", description="auto, cpu, cuda or cuda:N.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="Arithmetic of the towers."
    )

    @model_validator(mode="after")
    def _says_which(self) -> "ModelParameters":
        if self.name in {"open_clip", "transformers"} and not self.model:
            needed = "an architecture like ViT-B-32" if self.name == "open_clip" else "a hub id or a folder"
            raise ValueError(f"name: {self.name} needs model, {needed}")
        if self.name == "plugin" and not self.factory:
            raise ValueError("name: plugin needs factory, like package.module:function")
        in_hub = self.model.startswith("hf-hub:")
        if self.name == "open_clip" and not in_hub and bool(self.pretrained) == bool(self.checkpoint):
            got = "both" if self.pretrained else "neither"
            raise ValueError(
                f"name: open_clip needs weights for {self.model}: pretrained, a tag like laion2b_s34b_b79k,"
                f" or checkpoint, a local file; got {got}"
            )
        return self
