"""Settings of a scorer of pairs."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ScorerSpec"]


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """Name of a scorer and its settings; fields that a kind of scorer does not read keep their defaults.

    Attributes
    ----------
    name
        Of the registry of scorers.
    checkpoint
        cross_encoder: local weights; None takes the packaged ones.
    factory
        plugin: ``package.module:function``.
    allowed_plugins
        plugin: packages that may be imported.
    """

    name: str
    checkpoint: Path | None = None
    factory: str = ""
    allowed_plugins: tuple[str, ...] = ()
