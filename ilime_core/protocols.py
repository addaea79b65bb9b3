"""The seams: what a new segmenter, design, baseline, encoder, estimator or metric has to offer."""

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
        """True keeps the segment. May return more rows than asked (whole blocks), never fewer."""
        ...


@runtime_checkable
class Baseline(Protocol):
    """What stands in for a removed segment: a whole picture in the space of the view."""

    def __call__(
        self, pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]: ...


@runtime_checkable
class ImageEncoder(Protocol):
    """One tower: views in, unit-norm embeddings out."""

    @property
    def dim(self) -> int: ...

    @property
    def patch_size(self) -> int | None:
        """Side of a ViT patch in view pixels; None for convolutional towers."""
        ...

    def view(self, image: Image.Image) -> ImageView:
        """The model's own resize and crop of an upright RGB image, on the CPU, before normalisation."""
        ...

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views with values in [0, 1] that lie on the encoder's device; float32 unit-norm rows."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """The other tower: token rows in, unit-norm embeddings out."""

    @property
    def dim(self) -> int: ...

    @property
    def context_length(self) -> int:
        """Positions that the tower reads, special tokens included."""
        ...

    @property
    def mask_word(self) -> str:
        """What text removal ``mask`` writes in place of a word."""
        ...

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, *not* cut to the context length; never empty."""
        ...

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order; special tokens have none."""
        ...

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        """Embed token rows, cut to the context length as the tower's tokenizer cuts.

        Rows are padded to ``width`` or to the longest; towers that padding changes take the whole context.
        """
        ...


@runtime_checkable
class DualEncoder(Protocol):
    """Two towers whose score is the inner product of their unit-norm embeddings."""

    @property
    def image(self) -> ImageEncoder: ...

    @property
    def text(self) -> TextEncoder: ...

    @property
    def device(self) -> str: ...

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        ...


@runtime_checkable
class PairScorer(Protocol):
    """A model of two inputs that may be anything inside: no embedding, no inner product."""

    @property
    def device(self) -> str: ...

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the views that it scores."""
        ...

    @property
    def mask_word(self) -> str:
        """What text removal ``mask`` writes in place of a word."""
        ...

    def view(self, image: Image.Image) -> ImageView:
        """The model's own resize and crop of an upright RGB image, on the CPU, before normalisation."""
        ...

    def score(
        self, pixels: Float[Tensor, "rows 3 height width"], texts: Sequence[str]
    ) -> Float[Tensor, " rows"]:
        """Score row k of the views (values in [0, 1], on the device) with text k; float32."""
        ...

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        ...


@runtime_checkable
class PairGame(Protocol):
    """The scores of one pair under all coalitions of both items: what opaque estimators ask."""

    @property
    def n_left(self) -> int: ...

    @property
    def n_right(self) -> int: ...

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Scores of joint coalitions, row by row; float64."""
        ...

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Scores of every left with every right coalition; float64."""
        ...


@runtime_checkable
class PairEstimator(Protocol):
    """Explains one pair from the scores of its game alone."""

    def __call__(
        self, game: PairGame, options: PairFitOptions, rng: np.random.Generator
    ) -> PairSurrogate: ...


@runtime_checkable
class GatedImages(Protocol):
    """An image tower that can be differentiated: what estimators by gradients need."""

    def encode_gated(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """As ``encode``, in float32, and derivatives of ``pixels`` flow, forward and backward."""
        ...


@runtime_checkable
class GatedTexts(Protocol):
    """A text tower that can be differentiated in gates on its tokens: what estimators by gradients need."""

    def encode_gated(
        self, row: Sequence[int], gates: Float[Tensor, "batch tokens"], substitute: Sequence[int]
    ) -> Float[Tensor, "batch dim"]:
        """Embed one token row under several gates, in float32; derivatives of ``gates`` flow.

        The token embedding at a place is ``gate * own + (1 - gate) * mean of those of substitute``. The row
        fits into the context.
        """
        ...


@runtime_checkable
class LocalImages(Protocol):
    """An image tower that shows its feature maps: what activation_map and grad_cam need."""

    def local_parts(self, pixels: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """What each cell gives to the embedding of one view, values in [0, 1]."""
        ...

    def last_layer(self, pixels: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """Cut the tower in two for one view."""
        ...


@runtime_checkable
class LocalTexts(Protocol):
    """A text tower that shows its hidden states: what activation_map and grad_cam need."""

    def local_parts(self, row: Sequence[int]) -> LocalParts:
        """What each token gives to the embedding of a row that fits into the context."""
        ...

    def last_layer(self, row: Sequence[int]) -> LastLayer:
        """Cut the tower in two for one row."""
        ...


@runtime_checkable
class WhiteBoxEstimator(Protocol):
    """Explains one item by looking into the encoder."""

    def __call__(self, encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects: ...
