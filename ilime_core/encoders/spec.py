"""Specification of a dual encoder."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["EncoderSpec"]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """A dual encoder by its name and its parts; fields that a kind does not know must keep their default.

    Attributes
    ----------
    name
        Of the registry of encoders.
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
