"""Choice of an open_clip model: its name on a command line, and what a spec has to say of its weights."""

from pathlib import Path

from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError

__all__ = ["check_weights", "read_choice"]

_HUB = "hf-hub:"


def read_choice(text: str) -> EncoderSpec:
    """Read ``ARCHITECTURE:TAG``, ``ARCHITECTURE:CHECKPOINT`` or ``hf-hub:ID``.

    Parameters
    ----------
    text
        What follows ``open_clip:``; a checkpoint has a slash or the ending of a file of weights.

    Returns
    -------
    EncoderSpec
        The model, complete or not.
    """
    if text.startswith(_HUB):
        return EncoderSpec("open_clip", model=text)
    architecture, _, tag = text.partition(":")
    if "/" in tag or tag.endswith((".safetensors", ".pt", ".pth", ".bin")):
        return EncoderSpec("open_clip", model=architecture, checkpoint=Path(tag))
    return EncoderSpec("open_clip", model=architecture, pretrained=tag)


def check_weights(spec: EncoderSpec) -> None:
    """Refuse an architecture without weights, or with two of them.

    Parameters
    ----------
    spec
        Model of open_clip.

    Raises
    ------
    InputError
        If an architecture has a tag and a checkpoint, or neither.
    """
    if spec.model.startswith(_HUB) or bool(spec.pretrained) != (spec.checkpoint is not None):
        return
    got = "both" if spec.pretrained else "neither"
    raise InputError(
        f"open_clip needs weights for {spec.model}: pretrained, a tag like laion2b_s34b_b79k, or checkpoint, "
        f"a local file; got {got}"
    )
