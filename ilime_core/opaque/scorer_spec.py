"""Settings of a scorer of pairs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["ReadOutSpec", "ScorerSpec"]


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


@dataclass(frozen=True, slots=True, eq=False)
class ReadOutSpec:
    """Settings of all read-outs; each reads its own.

    Attributes
    ----------
    scale
        Factor of the inner product.
    bias
        Added to the scaled inner product.
    direction
        Side of the query.
    rivals
        Returns the whole embeddings (rivals x dim) of the query's other candidates; called only by a read-out
        that compares candidates.
    """

    scale: float
    bias: float
    direction: Literal["left_to_right", "right_to_left"]
    rivals: "Callable[[], Tensor]"
