"""Registry of the dual encoders, by their names in the spec."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ilime_core.encoders.spec import EncoderSpec
from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.encoders import DualEncoder

__all__ = ["ENCODERS", "EncoderEntry", "encoder_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderEntry(Entry[Callable[[EncoderSpec, str, str], "DualEncoder"]]):
    """Dual encoder: ``make`` builds it from the section ``model`` of a spec, a device and a precision."""

    fingerprint: Callable[[EncoderSpec], str]
    """Digest of weights, tokenizer and preprocessing, equal to that of the built encoder."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Fields of `EncoderSpec` that it reads, each with its meaning; the others keep their defaults."""
    check: Callable[[EncoderSpec], object] | None = None
    """Raises an InputError where fields contradict each other."""
    named: Callable[[str], EncoderSpec] | None = None
    """Reads what follows ``NAME:`` on a command line; None gives it to the first of the settings."""
    reads_tokens: bool = True
    """Whether image towers of this kind may read patches as tokens, which drop_tokens leaves out."""
    extra: str = ""
    """Package that has to be installed, and the extra of ilime that installs it."""


ENCODERS: "Registry[EncoderEntry]" = Registry(
    "model",
    {
        "conse": EncoderEntry(
            lazy("ilime_core.encoders.conse.encoder:build_conse"),
            "EfficientNet-Lite0 read out in MiniLM's sentence space: packaged, knows ImageNet's nouns",
            "https://arxiv.org/abs/1312.5650",
            title="ConSE",
            fingerprint=lambda _: lazy("ilime_core.encoders.conse.encoder:conse_fingerprint")(),
            reads_tokens=False,
        ),
        "open_clip": EncoderEntry(
            lazy("ilime_core.encoders.open_clip.encoder:OpenClipEncoder"),
            "any open_clip architecture with a pretrained tag, hf-hub id or local checkpoint",
            "https://doi.org/10.5281/zenodo.5143773",
            title="open_clip",
            fingerprint=lazy("ilime_core.encoders.open_clip.encoder:open_clip_fingerprint"),
            settings={
                "model": "architecture, 'hf-hub:' id, or path of a JSON config",
                "pretrained": "pretrained tag",
                "checkpoint": "local checkpoint (safetensors, or tensors-only .pt)",
                "force_quick_gelu": "use QuickGELU whatever the config says",
            },
            required={"model": "an architecture like ViT-B-32"},
            check=lazy("ilime_core.encoders.open_clip.choice:check_weights"),
            named=lazy("ilime_core.encoders.open_clip.choice:read_choice"),
        ),
        "scenes": EncoderEntry(
            lazy("ilime_core.encoders.scenes.encoder:build_scenes"),
            "a small CLIP trained on generated scenes: packaged, and what its pictures show is known exactly",
            "ilime",
            title="CLIP of scenes",
            fingerprint=lazy("ilime_core.encoders.scenes.encoder:scenes_fingerprint"),
            settings={
                "pretrained": "weights of the end (final, the default) or of the first tenth (early) of the "
                "training"
            },
        ),
        "transformers": EncoderEntry(
            lazy("ilime_core.encoders.transformers.encoder:TransformersEncoder"),
            "CLIP or SigLIP of the transformers library, from a hub id or a local folder",
            "https://doi.org/10.18653/v1/2020.emnlp-demos.6",
            title="Transformers",
            fingerprint=lazy("ilime_core.encoders.transformers.encoder:transformers_fingerprint"),
            settings={"model": "hub id or folder of a CLIP or SigLIP model"},
            required={"model": "a hub id or a folder"},
            extra="transformers",
        ),
        "plugin": EncoderEntry(
            lazy("ilime_core.encoders.plugin:ENCODER_PLUGINS.build"),
            "factory of an allowed package",
            "ilime",
            title="plugin",
            fingerprint=lazy("ilime_core.encoders.plugin:ENCODER_PLUGINS.fingerprint"),
            settings={"factory": "package.module:function that returns a dual encoder"},
            required={"factory": "like package.module:function"},
        ),
    },
)


def encoder_named(text: str) -> EncoderSpec:
    """Read a model as people name it.

    Parameters
    ----------
    text
        NAME, NAME:MODEL, open_clip:ARCHITECTURE:TAG, open_clip:ARCHITECTURE:CHECKPOINT, scenes:TAG or
        plugin:PACKAGE:FUNCTION; a checkpoint has a slash or the ending of a file of weights.

    Returns
    -------
    EncoderSpec
        The encoder; a name that the registry does not know is kept and refused where it is built.
    """
    name, _, rest = text.partition(":")
    entry = ENCODERS.entries.get(name)
    if entry is not None and entry.named is not None:
        return entry.named(rest)
    first = next(iter(entry.settings), "model") if entry is not None else "model"
    return replace(EncoderSpec(name), **{first: rest})
