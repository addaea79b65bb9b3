"""Protocols of towers that open their inside, and of estimators that look into it."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box_records import GatedItem, LastLayer, LocalParts, WhiteBoxOptions

__all__ = ["GatedImages", "GatedTexts", "LocalImages", "LocalTexts", "WhiteBoxEstimator"]


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
