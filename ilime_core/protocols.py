"""Protocols of the extension points: segmenter, design, baseline, encoders, scorer and estimators."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, UInt8
from PIL import Image
from torch import Tensor

from ilime_core.pair_records import PairFitOptions, PairSurrogate
from ilime_core.records import Effects, ImageSegments, ImageView
from ilime_core.white_box_records import GatedItem, LastLayer, LocalParts, WhiteBoxOptions

__all__ = [
    "Baseline",
    "Design",
    "DualEncoder",
    "GatedImages",
    "GatedTexts",
    "ImageEncoder",
    "LocalImages",
    "LocalTexts",
    "PairEstimator",
    "PairGame",
    "PairScorer",
    "Segmenter",
    "TextEncoder",
    "WhiteBoxEstimator",
]


@runtime_checkable
class Segmenter(Protocol):
    """Cuts a view into segments."""

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments: ...


@runtime_checkable
class Design(Protocol):
    """Draws the coalitions of one item."""

    def __call__(
        self, n_segments: int, n_masks: int, rng: np.random.Generator
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw masks; may return more rows than asked (whole blocks), never fewer.

        Parameters
        ----------
        n_segments
            Segments of the item, at least 1.
        n_masks
            Masks wanted.
        rng
            Source of the masks.

        Returns
        -------
        Bool array, samples x segments
            True keeps the segment.
        """
        ...


@runtime_checkable
class Baseline(Protocol):
    """Replacement of removed segments: a whole picture in the space of the view."""

    def __call__(
        self, pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]: ...


@runtime_checkable
class ImageEncoder(Protocol):
    """Image tower: views in, unit-norm embeddings out."""

    @property
    def dim(self) -> int:
        """Width of the embeddings."""
        ...

    @property
    def patch_size(self) -> int | None:
        """Side of a ViT patch in view pixels; None for convolutional towers."""
        ...

    def view(self, image: Image.Image) -> ImageView:
        """Resize and crop an upright RGB image as the model does, on the CPU, before normalisation."""
        ...

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views with values in [0, 1] that lie on the encoder's device; float32 unit-norm rows."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """Text tower: token rows in, unit-norm embeddings out."""

    @property
    def dim(self) -> int:
        """Width of the embeddings."""
        ...

    @property
    def context_length(self) -> int:
        """Positions that the tower reads, special tokens included."""
        ...

    @property
    def mask_word(self) -> str:
        """Word that text removal ``mask`` writes in place of a removed one."""
        ...

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenise texts with special tokens, *not* cut to the context length; no row is empty."""
        ...

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order; special tokens have none."""
        ...

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        """Embed token rows, cut to the context length as the tower's tokenizer cuts.

        Parameters
        ----------
        rows
            Token rows of :meth:`tokenise`.
        width
            Length that rows are padded to; None takes the longest row. Towers whose embeddings depend on the
            padding always pad to the whole context.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.
        """
        ...


@runtime_checkable
class DualEncoder(Protocol):
    """Two towers whose score is the inner product of their unit-norm embeddings."""

    @property
    def image(self) -> ImageEncoder:
        """Image tower."""
        ...

    @property
    def text(self) -> TextEncoder:
        """Text tower."""
        ...

    @property
    def device(self) -> str:
        """Device of the weights: ``cpu`` or ``cuda:N``."""
        ...

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        ...


@runtime_checkable
class PairScorer(Protocol):
    """Black-box model of an image and a text that returns a score; it need not have embeddings."""

    @property
    def device(self) -> str:
        """Device of the weights: ``cpu`` or ``cuda:N``."""
        ...

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the views that it scores."""
        ...

    @property
    def mask_word(self) -> str:
        """Word that text removal ``mask`` writes in place of a removed one."""
        ...

    def view(self, image: Image.Image) -> ImageView:
        """Resize and crop an upright RGB image as the model does, on the CPU, before normalisation."""
        ...

    def score(
        self, pixels: Float[Tensor, "rows 3 height width"], texts: Sequence[str]
    ) -> Float[Tensor, " rows"]:
        """Score views with texts, row by row.

        Parameters
        ----------
        pixels
            Views with values in [0, 1], on the scorer's device.
        texts
            One text per view.

        Returns
        -------
        Tensor, rows
            Scores, float32.
        """
        ...

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        ...


@runtime_checkable
class PairGame(Protocol):
    """Scores of one pair under all coalitions of both items, the input of opaque estimators."""

    @property
    def n_left(self) -> int:
        """Segments of the left item."""
        ...

    @property
    def n_right(self) -> int:
        """Segments of the right item."""
        ...

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Score joint coalitions, row by row.

        Parameters
        ----------
        left, right
            Coalitions of either item, one row of each per score; True keeps the segment.

        Returns
        -------
        Tensor, rows
            Scores, float64.
        """
        ...

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Score every left with every right coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item; True keeps the segment.

        Returns
        -------
        Tensor, left_rows x right_rows
            Scores, float64.
        """
        ...


@runtime_checkable
class PairEstimator(Protocol):
    """Estimator of one pair from the scores of its game alone."""

    def __call__(
        self, game: PairGame, options: PairFitOptions, rng: np.random.Generator
    ) -> PairSurrogate: ...


@runtime_checkable
class GatedImages(Protocol):
    """Differentiable image tower, which estimators by gradients need."""

    def encode_gated(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views like ``encode``, in float32; differentiable in ``pixels``, forward and backward."""
        ...


@runtime_checkable
class GatedTexts(Protocol):
    """Text tower that is differentiable in gates on its tokens, which estimators by gradients need."""

    def encode_gated(
        self, row: Sequence[int], gates: Float[Tensor, "batch tokens"], substitute: Sequence[int]
    ) -> Float[Tensor, "batch dim"]:
        """Embed one token row under several rows of gates; differentiable in ``gates``.

        The token embedding at a place is ``gate * own + (1 - gate) * mean of those of substitute``.

        Parameters
        ----------
        row
            Token row that fits into the context.
        gates
            Gates in [0, 1], one per token.
        substitute
            Tokens of the mask word.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.
        """
        ...


@runtime_checkable
class LocalImages(Protocol):
    """Image tower with access to its feature maps, which activation_map and grad_cam need."""

    def local_parts(self, pixels: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """Return the contribution of each cell to the embedding of one view, values in [0, 1]."""
        ...

    def last_layer(self, pixels: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """Cut the tower in two for one view."""
        ...


@runtime_checkable
class LocalTexts(Protocol):
    """Text tower with access to its hidden states, which activation_map and grad_cam need."""

    def local_parts(self, row: Sequence[int]) -> LocalParts:
        """Return the contribution of each token to the embedding of a row that fits into the context."""
        ...

    def last_layer(self, row: Sequence[int]) -> LastLayer:
        """Cut the tower in two for one row."""
        ...


@runtime_checkable
class WhiteBoxEstimator(Protocol):
    """Estimator of one item's effects from the inside of the encoder."""

    def __call__(self, encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects: ...
