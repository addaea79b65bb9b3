"""Registry of the scorers of pairs, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilime_core.opaque.scorer_spec import ReadOutSpec, ScorerSpec
from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.opaque.read_outs import ReadOut
    from ilime_core.protocols.pairs import PairScorer

__all__ = ["SCORERS", "ModelScorerEntry", "ReadOutEntry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutEntry(Entry[Callable[[ReadOutSpec], "ReadOut"]]):
    """Function of the embeddings of the run's own model; it has no model to load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScorerEntry(Entry[Callable[[ScorerSpec, str, str], "PairScorer"]]):
    """Model that reads both items at once: ``make`` loads it on a device, in a precision."""

    fingerprint: Callable[[ScorerSpec], str]
    """Digest of the model's files, equal to that of the loaded scorer."""


_OWN_MASKS = ("image_masks", "text_masks", "held_out")
"""Sampling of a model of pairs; a read-out takes the masks that stage score has encoded."""

SCORERS: "Registry[ReadOutEntry | ModelScorerEntry]" = Registry(
    "scorer",
    {
        "cosine": ReadOutEntry(
            lazy("ilime_core.opaque.read_outs:read_cosine"),
            "the model's own score, which the other scorers are compared with",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
            title="cosine",
        ),
        "sigmoid": ReadOutEntry(
            lazy("ilime_core.opaque.read_outs:read_sigmoid"),
            "probability that the two match, sigmoid(scale * cosine + bias)",
            "https://doi.org/10.1109/ICCV51070.2023.01100",
            title="sigmoid",
            settings=("scale", "bias"),
        ),
        "softmax": ReadOutEntry(
            lazy("ilime_core.opaque.read_outs:read_softmax"),
            "probability that one item is picked among the best candidates of the other",
            "https://arxiv.org/abs/2103.00020",
            title="softmax among candidates",
            settings=("scale", "candidates", "direction"),
        ),
        "cross_encoder": ModelScorerEntry(
            lazy("ilime_core.opaque.cross_encoder:build_cross_encoder"),
            "a small packaged transformer that reads patches and words of generated scenes together (ours)",
            "https://arxiv.org/abs/2107.07651",
            title="packaged cross-encoder",
            settings=("checkpoint", *_OWN_MASKS),
            fingerprint=lazy("ilime_core.opaque.cross_encoder:fingerprint_cross_encoder"),
        ),
        "plugin": ModelScorerEntry(
            lazy("ilime_core.opaque.scorer_plugin:SCORER_PLUGINS.build"),
            "factory of an allowed package: any model of two inputs",
            "ilime",
            title="plugin",
            settings=("factory", *_OWN_MASKS),
            required={"factory": "like package.module:function"},
            fingerprint=lazy("ilime_core.opaque.scorer_plugin:SCORER_PLUGINS.fingerprint"),
        ),
    },
)
"""Read-outs of the run's own model, and models that read both items at once."""
