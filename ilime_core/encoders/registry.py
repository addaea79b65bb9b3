"""The kinds of dual encoder by name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from ilime_core.encoders.conse.encoder import ConseEncoder, conse_fingerprint
from ilime_core.encoders.plugin import ENCODER_PLUGINS
from ilime_core.encoders.precision import resolve_device, resolve_precision
from ilime_core.encoders.scenes import scenes_source
from ilime_core.encoders.spec import EncoderSpec, encoder_named
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.registry import Entry, Registry

__all__ = ["ENCODERS", "EncoderKind", "EncoderSpec", "build_encoder", "fingerprint_encoder"]


@dataclass(frozen=True, slots=True)
class EncoderKind:
    """What one kind of encoder can do, and the fields of a spec that it reads."""

    build: Callable[[EncoderSpec, str, str], DualEncoder]
    fingerprint: Callable[[EncoderSpec], str]
    fields: frozenset[str]


def _conse() -> EncoderKind:
    return EncoderKind(
        lambda _spec, device, precision: ConseEncoder(device, precision),
        lambda _spec: conse_fingerprint(),
        frozenset(),
    )


def _open_clip() -> EncoderKind:
    # open_clip takes seconds to import: only who wants it waits for it.
    from ilime_core.encoders.open_clip.encoder import OpenClipEncoder, open_clip_fingerprint  # noqa: PLC0415 - see above

    fields = frozenset({"model", "pretrained", "checkpoint", "force_quick_gelu"})
    return EncoderKind(OpenClipEncoder, open_clip_fingerprint, fields)


def _scenes() -> EncoderKind:
    own = _open_clip()
    return EncoderKind(
        lambda spec, device, precision: own.build(scenes_source(spec), device, precision),
        lambda spec: own.fingerprint(scenes_source(spec)),
        frozenset({"pretrained"}),
    )


def _transformers() -> EncoderKind:
    if find_spec("transformers") is None:
        raise InputError(
            "model transformers needs packages that are not installed: pip install 'ilime[transformers]'"
        )
    from ilime_core.encoders.transformers.encoder import (  # noqa: PLC0415 - torch and safetensors, as above
        TransformersEncoder,
        transformers_fingerprint,
    )

    return EncoderKind(TransformersEncoder, transformers_fingerprint, frozenset({"model"}))


def _plugin() -> EncoderKind:
    return EncoderKind(
        ENCODER_PLUGINS.build, ENCODER_PLUGINS.fingerprint, frozenset({"factory", "allowed_plugins"})
    )


ENCODERS: Registry[Entry[Callable[[], EncoderKind]]] = Registry(
    "model",
    {
        "conse": Entry(
            _conse,
            "EfficientNet-Lite0 read out in MiniLM's sentence space: packaged, knows ImageNet's nouns",
            "https://arxiv.org/abs/1312.5650",
        ),
        "open_clip": Entry(
            _open_clip,
            "any open_clip architecture with a pretrained tag, hf-hub id or local checkpoint",
            "https://doi.org/10.5281/zenodo.5143773",
        ),
        "scenes": Entry(
            _scenes,
            "a small CLIP trained on generated scenes: packaged, and what its pictures show is known exactly",
            "ilime",
        ),
        "transformers": Entry(
            _transformers,
            "CLIP or SigLIP of the transformers library, from a hub id or a local folder",
            "https://doi.org/10.18653/v1/2020.emnlp-demos.6",
        ),
        "plugin": Entry(_plugin, "factory of an allowed package", "ilime"),
    },
)


def build_encoder(spec: EncoderSpec | str, device: str = "auto", precision: str = "auto") -> DualEncoder:
    """Load a dual encoder.

    Parameters
    ----------
    spec
        Which one: a record, or a name like ``conse`` or ``open_clip:ViT-B-32:laion2b_s34b_b79k`` (see
        :func:`~ilime_core.encoders.spec.encoder_named`).
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
    precision
        ``auto``, ``float32`` or ``bfloat16``.

    Returns
    -------
    DualEncoder
        Both towers on the device.

    Raises
    ------
    InputError
        If the spec is not complete or not consistent, or a part of the model cannot be had.
    """
    if isinstance(spec, str):
        spec = encoder_named(spec)
    device = resolve_device(device)
    return _kind(spec).build(spec, device, resolve_precision(precision, device))


def fingerprint_encoder(spec: EncoderSpec) -> str:
    """Digest weights, tokenizer and preprocessing of an encoder; equal to its ``fingerprint()``.

    The model is not built, except for plugins whose factory has no fingerprint of its own.

    Raises
    ------
    InputError
        As :func:`build_encoder`.
    """
    return _kind(spec).fingerprint(spec)


def _kind(spec: EncoderSpec) -> EncoderKind:
    kind = ENCODERS[spec.name].make()
    plain = EncoderSpec(spec.name)
    every = ("model", "pretrained", "checkpoint", "force_quick_gelu", "factory")
    foreign = [
        name for name in every if name not in kind.fields and getattr(spec, name) != getattr(plain, name)
    ]
    if foreign:
        raise InputError(f"model.name {spec.name!r} does not know {', '.join(foreign)}")
    return kind
