"""Loading of scorers of pairs and their fingerprints."""

from dataclasses import fields

from ilime_core.errors import InputError
from ilime_core.opaque.scorer_spec import ScorerSpec
from ilime_core.opaque.scorers import SCORERS, ModelScorerEntry, ReadOutEntry
from ilime_core.protocols.pairs import PairScorer

__all__ = ["build_scorer", "fingerprint_scorer"]


def build_scorer(spec: ScorerSpec, device: str, precision: str) -> PairScorer:
    """Load the model of a scorer that is no read-out.

    Parameters
    ----------
    spec
        Name and settings of the scorer.
    device
        ``cpu`` or ``cuda:N``.
    precision
        ``float32`` or ``bfloat16``.

    Returns
    -------
    PairScorer
        The loaded model on the device.

    Raises
    ------
    InputError
        If it is a read-out, the spec sets a field that it does not read, or its model cannot be loaded.
    """
    entry = _entry(spec)
    if isinstance(entry, ReadOutEntry):
        raise InputError(f"scorer {spec.name!r} reads the embeddings of the model and has none of its own")
    return entry.make(spec, device, precision)


def fingerprint_scorer(spec: ScorerSpec) -> str:
    """Digest of a scorer's model, empty for a read-out; the model is built only if that is unavoidable.

    Raises
    ------
    InputError
        As :func:`build_scorer`.
    """
    entry = _entry(spec)
    return "" if isinstance(entry, ReadOutEntry) else entry.fingerprint(spec)


def _entry(spec: ScorerSpec) -> ReadOutEntry | ModelScorerEntry:
    entry = SCORERS[spec.name]
    plain = ScorerSpec(spec.name, allowed_plugins=spec.allowed_plugins)
    foreign = [
        field.name
        for field in fields(ScorerSpec)
        if field.name not in entry.settings and getattr(spec, field.name) != getattr(plain, field.name)
    ]
    if foreign:
        raise InputError(f"scorer {spec.name!r} does not know {', '.join(foreign)}")
    return entry
