"""Which scorer of pairs is wanted."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ScorerSpec"]


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """A scorer of pairs by its name and its parts; fields that a kind does not know keep their default.

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
