"""Encoder of generated scenes: an open_clip model from packaged files."""

from ilime_core.encoders.open_clip.encoder import OpenClipEncoder, open_clip_fingerprint
from ilime_core.encoders.scenes import scenes_source
from ilime_core.encoders.spec import EncoderSpec

__all__ = ["build_scenes", "scenes_fingerprint"]


def build_scenes(spec: EncoderSpec, device: str, precision: str) -> OpenClipEncoder:
    """Load the packaged weights that a spec names.

    Parameters
    ----------
    spec
        Its ``pretrained`` is ``final``, ``early`` or empty.
    device
        ``cpu``, ``cuda:N`` or ``mps``.
    precision
        ``float32`` or ``bfloat16``.

    Returns
    -------
    OpenClipEncoder
        The loaded model.

    Raises
    ------
    InputError
        If there are no weights of that tag.
    """
    return OpenClipEncoder(scenes_source(spec), device, precision)


def scenes_fingerprint(spec: EncoderSpec) -> str:
    """Digest the packaged files without building the model.

    Parameters
    ----------
    spec
        As of :func:`build_scenes`.

    Returns
    -------
    str
        Hex sha256.

    Raises
    ------
    InputError
        As of :func:`build_scenes`.
    """
    return open_clip_fingerprint(scenes_source(spec))
