"""Registry of the scorers of pairs, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass

from ilime_core.errors import InputError
from ilime_core.opaque.scorer_plugin import SCORER_PLUGINS
from ilime_core.opaque.scorer_spec import ScorerSpec
from ilime_core.protocols.pairs import PairScorer
from ilime_core.registry import Entry, Registry

__all__ = ["SCORERS", "ScorerKind", "build_scorer", "fingerprint_scorer"]


@dataclass(frozen=True, slots=True)
class ScorerKind:
    """Constructor of a scorer, its fingerprint and the fields of the spec that it reads; a read-out has no
    model.
    """

    build: Callable[[ScorerSpec, str, str], PairScorer] | None
    fingerprint: Callable[[ScorerSpec], str]
    fields: frozenset[str] = frozenset()


def _read_out() -> ScorerKind:
    return ScorerKind(None, lambda _spec: "")


def _cross_encoder() -> ScorerKind:
    # open_clip takes seconds to import, so it is imported only when this scorer is used.
    from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer  # noqa: PLC0415 - see above
    from ilime_core.encoders.cross_encoder.source import (  # noqa: PLC0415 - see above
        CHECKPOINT,
        cross_encoder_fingerprint,
    )

    return ScorerKind(
        lambda spec, device, precision: CrossEncoderScorer(device, precision, spec.checkpoint),
        lambda spec: cross_encoder_fingerprint(spec.checkpoint or CHECKPOINT),
        frozenset({"checkpoint"}),
    )


def _plugin() -> ScorerKind:
    return ScorerKind(
        SCORER_PLUGINS.build, SCORER_PLUGINS.fingerprint, frozenset({"factory", "allowed_plugins"})
    )


SCORERS: Registry[Entry[Callable[[], ScorerKind]]] = Registry(
    "scorer",
    {
        "cosine": Entry(
            _read_out,
            "the model's own score: what the other scorers are held against",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "sigmoid": Entry(
            _read_out,
            "probability that the two match, sigmoid(scale * cosine + bias)",
            "https://doi.org/10.1109/ICCV51070.2023.01100",
        ),
        "softmax": Entry(
            _read_out,
            "probability that one item is picked among the best candidates of the other",
            "https://arxiv.org/abs/2103.00020",
        ),
        "cross_encoder": Entry(
            _cross_encoder,
            "a small packaged transformer that reads patches and words of generated scenes together (ours)",
            "https://arxiv.org/abs/2107.07651",
        ),
        "plugin": Entry(_plugin, "factory of an allowed package: any model of two inputs", "ilime"),
    },
)
"""Read-outs of the run's own model, and models that read both items at once."""


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
    kind = _kind(spec)
    if kind.build is None:
        raise InputError(f"scorer {spec.name!r} reads the embeddings of the model and has none of its own")
    return kind.build(spec, device, precision)


def fingerprint_scorer(spec: ScorerSpec) -> str:
    """Digest of a scorer's model, empty for a read-out; the model is built only if that is unavoidable.

    Raises
    ------
    InputError
        As :func:`build_scorer`.
    """
    return _kind(spec).fingerprint(spec)


def _kind(spec: ScorerSpec) -> ScorerKind:
    kind = SCORERS[spec.name].make()
    plain = ScorerSpec(spec.name)
    foreign = [
        name
        for name in ("checkpoint", "factory")
        if name not in kind.fields and getattr(spec, name) != getattr(plain, name)
    ]
    if foreign:
        raise InputError(f"scorer {spec.name!r} does not know {', '.join(foreign)}")
    return kind
