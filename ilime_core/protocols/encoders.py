"""Protocols of dual encoders and their towers."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor

from ilime_core.records import ImageView

__all__ = ["DualEncoder", "ImageEncoder", "TextEncoder", "TokenDropping"]


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
class TokenDropping(Protocol):
    """Image tower that can leave patches out, which the baseline drop_tokens needs; optional."""

    def patch_grid(self) -> tuple[int, int]:
        """Rows and columns of patches in a view; patches are numbered along the rows.

        Raises
        ------
        InputError
            If the network has no tokens of patches, or no embedding without any.
        """
        ...

    def encode_kept(
        self,
        pixels: Float[Tensor, "images 3 height width"],
        images: Int[Tensor, " rows"],
        patches: Int[Tensor, "rows kept"],
    ) -> Float[Tensor, "rows dim"]:
        """Embed views without the tokens of some patches; all others keep their positions.

        Parameters
        ----------
        pixels
            Views with values in [0, 1] that lie on the encoder's device.
        images
            View of each row.
        patches
            Kept patches of each row, equally many.

        Returns
        -------
        Tensor, rows x dim
            Unit-norm rows, float32; those that keep every patch are those of ``encode``.
        """
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
