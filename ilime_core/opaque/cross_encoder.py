"""Cross-encoder as a scorer of a spec: packaged weights, or a checkpoint."""

from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from ilime_core.encoders.cross_encoder.source import CHECKPOINT, cross_encoder_fingerprint
from ilime_core.opaque.scorer_spec import ScorerSpec

__all__ = ["build_cross_encoder", "fingerprint_cross_encoder"]


def build_cross_encoder(spec: ScorerSpec, device: str, precision: str) -> CrossEncoderScorer:
    """Load the cross-encoder.

    Parameters
    ----------
    spec
        Its ``checkpoint`` is read.
    device
        ``cpu`` or ``cuda:N``.
    precision
        ``float32`` or ``bfloat16``.

    Returns
    -------
    CrossEncoderScorer
        The loaded model.

    Raises
    ------
    InputError
        If the checkpoint cannot be read or belongs to another network.
    """
    return CrossEncoderScorer(device, precision, spec.checkpoint)


def fingerprint_cross_encoder(spec: ScorerSpec) -> str:
    """Digest the files of the cross-encoder without building it.

    Parameters
    ----------
    spec
        Its ``checkpoint`` is read.

    Returns
    -------
    str
        Hex sha256.

    Raises
    ------
    InputError
        As of :func:`build_cross_encoder`.
    """
    return cross_encoder_fingerprint(spec.checkpoint or CHECKPOINT)
