"""A small CLIP trained on generated scenes: where its files lie."""

from pathlib import Path

from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError

__all__ = ["CHECKPOINTS", "CONFIGURATION", "scenes_source"]

_FOLDER = Path(__file__).parent

CONFIGURATION = _FOLDER / "scenes.json"
CHECKPOINTS = {"final": _FOLDER / "final.safetensors", "early": _FOLDER / "early.safetensors"}
"""Weights by the tag that a spec calls them by: the end of the training, and its first 160 batches."""


def scenes_source(spec: EncoderSpec) -> EncoderSpec:
    """Say which open_clip model a spec of kind ``scenes`` names; without a tag the end of the training.

    Raises
    ------
    InputError
        If there are no weights of that tag.
    """
    tag = spec.pretrained or "final"
    if tag not in CHECKPOINTS:
        raise InputError(f"model 'scenes' has no weights {tag!r}; there are {', '.join(CHECKPOINTS)}")
    return EncoderSpec("open_clip", model=str(CONFIGURATION), checkpoint=CHECKPOINTS[tag])
