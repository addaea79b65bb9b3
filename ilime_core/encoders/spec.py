"""Specification of a dual encoder."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["EncoderSpec", "encoder_named"]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """A dual encoder by its name and its parts; fields that a kind does not know must keep their default.

    Attributes
    ----------
    name
        Kind of encoder: ``conse``, ``open_clip``, ``scenes``, ``transformers`` or ``plugin``.
    model
        open_clip: architecture, ``hf-hub:`` id, or path of a JSON configuration (either open_clip layout);
        transformers: hub id (``owner/name``, ``owner/name@revision``) or local folder.
    pretrained
        open_clip: pretrained tag of an architecture; scenes: ``final`` or ``early`` weights.
    checkpoint
        open_clip: local weights instead of a tag: safetensors, or tensors-only ``.pt``, ``.pth`` or ``.bin``.
    force_quick_gelu
        open_clip: use QuickGELU whatever the configuration says.
    factory
        plugin: ``package.module:function``.
    allowed_plugins
        plugin: packages that may be imported.
    """

    name: str
    model: str = ""
    pretrained: str = ""
    checkpoint: Path | None = None
    force_quick_gelu: bool = False
    factory: str = ""
    allowed_plugins: tuple[str, ...] = ()


def encoder_named(text: str) -> EncoderSpec:
    """Read a model as people name it.

    Parameters
    ----------
    text
        NAME, NAME:MODEL, open_clip:ARCHITECTURE:TAG, open_clip:ARCHITECTURE:CHECKPOINT, scenes:TAG or
        plugin:PACKAGE:FUNCTION; a checkpoint has a slash or the ending of a file of weights.
    """
    name, _, rest = text.partition(":")
    if name == "plugin":
        return EncoderSpec(name, factory=rest)
    if name == "scenes":
        return EncoderSpec(name, pretrained=rest)
    if name != "open_clip" or rest.startswith("hf-hub:"):
        return EncoderSpec(name, model=rest)
    architecture, _, tag = rest.partition(":")
    if "/" in tag or tag.endswith((".safetensors", ".pt", ".pth", ".bin")):
        return EncoderSpec(name, model=architecture, checkpoint=Path(tag))
    return EncoderSpec(name, model=architecture, pretrained=tag)
