"""Loading of dual encoders and their fingerprints, from a spec or a name."""

from dataclasses import fields
from importlib.util import find_spec

from ilime_core.encoders.precision import resolve_device, resolve_precision
from ilime_core.encoders.registry import ENCODERS, EncoderEntry, encoder_named
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["build_encoder", "fingerprint_encoder"]


def build_encoder(spec: EncoderSpec | str, device: str = "auto", precision: str = "auto") -> DualEncoder:
    """Load a dual encoder.

    Parameters
    ----------
    spec
        Which one: a record, or a name like ``conse`` or ``open_clip:ViT-B-32:laion2b_s34b_b79k`` (see
        :func:`~ilime_core.encoders.registry.encoder_named`).
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
    return _entry(spec).make(spec, device, resolve_precision(precision, device))


def fingerprint_encoder(spec: EncoderSpec) -> str:
    """Digest weights, tokenizer and preprocessing of an encoder; equal to its ``fingerprint()``.

    The model is not built, except for plugins whose factory has no fingerprint of its own.

    Raises
    ------
    InputError
        As :func:`build_encoder`.
    """
    return _entry(spec).fingerprint(spec)


def _entry(spec: EncoderSpec) -> EncoderEntry:
    entry = ENCODERS[spec.name]
    if entry.extra and find_spec(entry.extra) is None:
        raise InputError(
            f"model {spec.name} needs packages that are not installed: pip install 'ilime[{entry.extra}]'"
        )
    plain = EncoderSpec(spec.name, allowed_plugins=spec.allowed_plugins)
    foreign = [
        field.name
        for field in fields(EncoderSpec)
        if field.name not in entry.settings and getattr(spec, field.name) != getattr(plain, field.name)
    ]
    if foreign:
        raise InputError(f"model.name {spec.name!r} does not know {', '.join(foreign)}")
    return entry
