"""Differentiable function from an item's gates to its embedding."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.protocols.white_box import GatedImages, GatedTexts
from ilime_core.white_box_records import GatedImage, GatedText

__all__ = ["GatedTower", "gated_tower"]

GatedTower = Callable[[Float[Tensor, "batch segments"]], Float[Tensor, "batch dim"]]
"""Unit-norm embeddings of an item under rows of gates in [0, 1]; differentiable."""


def gated_tower(encoder: DualEncoder, content: GatedImage | GatedText) -> GatedTower:
    """Return the embedding of an item as a function of its gates.

    At gates of 0 and 1 an image is the composite that a mask gives, and a text of one-token words the text
    that text removal ``mask`` gives.

    Parameters
    ----------
    encoder
        Model with the item's tower.
    content
        The item with its gates.

    Returns
    -------
    GatedTower
        Function from rows of gates to unit-norm embeddings.

    Raises
    ------
    InputError
        If the tower cannot be differentiated.
    """
    if isinstance(content, GatedImage):
        if not isinstance(encoder.image, GatedImages):
            raise _no_gates("image", encoder.image)
        return _image_tower(encoder.image, content, encoder.device)
    if not isinstance(encoder.text, GatedTexts):
        raise _no_gates("text", encoder.text)
    return _text_tower(encoder.text, content, encoder.device)


def _image_tower(tower: GatedImages, image: GatedImage, device: str) -> GatedTower:
    # Copies, because torch warns about arrays that it could write to and must not.
    pixels, baseline = (
        torch.tensor(array).to(device).permute(2, 0, 1).to(torch.float32).div(255)
        for array in (image.pixels, image.baseline)
    )
    labels = torch.tensor(image.labels, dtype=torch.int64).flatten().to(device)

    def embed(gates: Float[Tensor, "batch segments"]) -> Float[Tensor, "batch dim"]:
        shown = gates.index_select(1, labels).view(-1, 1, *image.labels.shape)
        # Not baseline + shown * (pixels - baseline): that would miss both ends by a rounding error.
        return tower.encode_gated(shown * pixels + (1 - shown) * baseline)

    return embed


def _text_tower(tower: GatedTexts, text: GatedText, device: str) -> GatedTower:
    words = torch.tensor(text.words, device=device)
    gated, free = words.clamp(min=0), words < 0

    def embed(gates: Float[Tensor, "batch segments"]) -> Float[Tensor, "batch dim"]:
        shown = gates.index_select(1, gated).masked_fill(free, 1.0)
        return tower.encode_gated(text.row, shown, text.substitute)

    return embed


def _no_gates(side: str, tower: object) -> InputError:
    return InputError(
        f"the {side} tower {type(tower).__name__} has no method encode_gated, which cross_gradient and "
        "integrated_jacobian need: leave them out of estimators, or give the model one"
    )
