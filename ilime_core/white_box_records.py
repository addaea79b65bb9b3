"""Frozen records of white-box estimators."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["GatedImage", "GatedItem", "GatedText", "LastLayer", "LocalParts", "WhiteBoxOptions"]


@dataclass(frozen=True, slots=True, eq=False)
class GatedImage:
    """View whose segments have gates: gate 1 shows the view, gate 0 the baseline, between them a mixture.

    Attributes
    ----------
    pixels, baseline
        The view, and the replacement of removed segments.
    labels
        Segment of every pixel, 0 ... ``n_segments`` - 1.
    """

    pixels: UInt8[np.ndarray, "height width 3"]
    baseline: UInt8[np.ndarray, "height width 3"]
    labels: Int[np.ndarray, "height width"]
    n_segments: int

    def __post_init__(self) -> None:
        """Refuse labels without a gate.

        Raises
        ------
        InputError
            If a label is not in 0 ... ``n_segments`` - 1.
        """
        if self.labels.min() < 0 or self.labels.max() >= self.n_segments:
            got = f"labels {self.labels.min()} to {self.labels.max()} for {self.n_segments} segments"
            raise InputError(f"every pixel needs the gate of its segment, got {got}")


@dataclass(frozen=True, slots=True)
class GatedText:
    """Text whose words have gates: gate 1 shows the word, gate 0 the mask word, between them a mixture.

    Attributes
    ----------
    row
        Tokens with special tokens, cut to the context.
    words
        Word of every token, -1 where it has none: special tokens and signs between words.
    substitute
        Tokens of the mask word; their mean replaces each token of a removed word.
    """

    row: tuple[int, ...]
    words: tuple[int, ...]
    substitute: tuple[int, ...]
    n_segments: int


@dataclass(frozen=True, slots=True, eq=False)
class GatedItem:
    """Input of a white-box estimator: one item with gates, and its two known embeddings."""

    content: GatedImage | GatedText
    full: Float[Tensor, " dim"]
    empty: Float[Tensor, " dim"]


@dataclass(frozen=True, slots=True)
class WhiteBoxOptions:
    """Settings of the gradients.

    Attributes
    ----------
    path_steps
        Points of the path of integrated_jacobian.
    batch_rows
        Most rows of one pass with gradients; fewer where the device runs out of memory.
    """

    path_steps: int = 16
    batch_rows: int = 32

    def __post_init__(self) -> None:
        """Refuse numbers that are not positive.

        Raises
        ------
        InputError
            If one is not.
        """
        if self.path_steps < 1 or self.batch_rows < 1:
            raise InputError(f"path_steps and batch_rows must be positive, got {self}")


@dataclass(frozen=True, slots=True, eq=False)
class LocalParts:
    """Contribution of each place of an item to its embedding, before the embedding is scaled to length one.

    Attributes
    ----------
    parts
        One per patch or cell (row by row) or per token of the row.
    pooled
        The tower's own embedding before scaling. Where pooling is linear, the parts and a constant of the
        tower add up to it.
    grid
        Rows and columns of the cells of an image, which tile the view; None of a text.
    """

    parts: Float[Tensor, "places dim"]
    pooled: Float[Tensor, " dim"]
    grid: tuple[int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class LastLayer:
    """Tower cut in two at its last feature map.

    Attributes
    ----------
    features
        The map of one item, one row per cell or token.
    read_out
        The rest of the tower: from maps to unit-norm embeddings.
    grid
        As in :class:`LocalParts`.
    """

    features: Float[Tensor, "places width"]
    read_out: Callable[[Tensor], Tensor]
    grid: tuple[int, int] | None
