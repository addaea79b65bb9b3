"""Image tower of CLIP-like models: views to embeddings, whatever library the network comes from."""

from abc import ABC, abstractmethod
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor, nn

from ilime_core.encoders.differentiation import differentiable, differentiable_layer
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoders.preprocessing import Preprocessing, channel_scale, cut_view, normalise
from ilime_core.encoders.token_stack import TokenStack, keep_tokens
from ilime_core.records import ImageView
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["ImageTower"]


class ImageTower(ABC):
    """Image tower; a subclass says how the network reads normalised views.

    Attributes
    ----------
    patch_size
        Side of a ViT's patches in view pixels; None of other networks.
    """

    def __init__(self, model: nn.Module, preprocessing: Preprocessing, device: str, precision: str) -> None:
        self._model = cast("Any", model)
        self._preprocessing = preprocessing
        self._device = device
        self._precision = precision
        self._mean = channel_scale(preprocessing.mean, device)
        self._std = channel_scale(preprocessing.std, device)
        self.patch_size = self._patch_size()
        black = torch.zeros((1, 3, preprocessing.height, preprocessing.width), device=device)
        self.dim = int(self.encode(black).shape[1])

    def view(self, image: Image.Image) -> ImageView:
        """The model's own resize and crop of an upright RGB picture."""
        return cut_view(image, self._preprocessing)

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views with values in [0, 1]; float32 unit-norm rows."""
        with arithmetic(self._device, self._precision):
            return unit_norm(self._features(normalise(pixels, self._mean, self._std)))

    def patch_grid(self) -> tuple[int, int]:
        """Rows and columns of the patches that the network reads as tokens.

        Raises
        ------
        InputError
            If there are none, or the network has no embedding without any.
        """
        return self._token_stack().grid

    def encode_kept(
        self,
        pixels: Float[Tensor, "images 3 height width"],
        images: Int[Tensor, " rows"],
        patches: Int[Tensor, "rows kept"],
    ) -> Float[Tensor, "rows dim"]:
        """As ``encode``, with the tokens of the kept patches alone; each view is cut into patches once.

        Parameters
        ----------
        pixels
            Views with values in [0, 1].
        images
            View of each row.
        patches
            Kept patches of each row, by number in the grid; equally many.

        Returns
        -------
        Tensor, rows x dim
            Unit-norm rows, float32.
        """
        with arithmetic(self._device, self._precision), keep_tokens(self._token_stack(), images, patches):
            return unit_norm(self._features(normalise(pixels, self._mean, self._std)))

    def encode_gated(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """As ``encode``, in float32, and derivatives of ``pixels`` flow."""
        with differentiable(self._device):
            return unit_norm(self._features(normalise(pixels, self._mean, self._std)))

    def local_parts(self, pixels: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """Contribution of each patch or cell to the embedding of one view with values in [0, 1]."""
        with differentiable(self._device):
            return self._parts(normalise(pixels, self._mean, self._std))

    def last_layer(self, pixels: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """Cut the tower in two at its last feature map, for one view with values in [0, 1]."""
        with differentiable(self._device):
            layer = self._last_layer(normalise(pixels, self._mean, self._std))
        return differentiable_layer(layer, self._device)

    @abstractmethod
    def _patch_size(self) -> int | None: ...

    @abstractmethod
    def _token_stack(self) -> TokenStack:
        """Blocks that read the patches; an InputError where there are none."""

    @abstractmethod
    def _features(self, given: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "rows dim"]:
        """Embeddings of any norm: one a view, or one a row of `keep_tokens`."""

    @abstractmethod
    def _parts(self, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """Parts of the embedding by patch or cell."""

    @abstractmethod
    def _last_layer(self, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """The last feature map and the way from it to the embedding."""
