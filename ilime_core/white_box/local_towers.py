"""Local features of a tower for one item: its local parts, or its two halves at the last feature map."""

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.protocols.white_box import LocalImages, LocalTexts
from ilime_core.white_box_records import GatedImage, GatedText, LastLayer, LocalParts

__all__ = ["cut_tower", "find_parts"]


def find_parts(encoder: DualEncoder, content: GatedImage | GatedText) -> LocalParts:
    """Return the local parts of the item's tower.

    Parameters
    ----------
    encoder
        Model with the item's tower.
    content
        The item with its gates.

    Returns
    -------
    LocalParts
        One part per cell or token.

    Raises
    ------
    InputError
        If the tower does not show them.
    """
    if isinstance(content, GatedImage):
        return _images(encoder).local_parts(_view(content, encoder.device))
    return _texts(encoder).local_parts(content.row)


def cut_tower(encoder: DualEncoder, content: GatedImage | GatedText) -> LastLayer:
    """Cut the item's tower in two at its last feature map.

    Parameters
    ----------
    encoder
        Model with the item's tower.
    content
        The item with its gates.

    Returns
    -------
    LastLayer
        Feature map of the item, and the rest of the tower.

    Raises
    ------
    InputError
        If the tower does not show it.
    """
    if isinstance(content, GatedImage):
        return _images(encoder).last_layer(_view(content, encoder.device))
    return _texts(encoder).last_layer(content.row)


def _images(encoder: DualEncoder) -> LocalImages:
    if not isinstance(encoder.image, LocalImages):
        raise _no_maps("image", encoder.image)
    return encoder.image


def _texts(encoder: DualEncoder) -> LocalTexts:
    if not isinstance(encoder.text, LocalTexts):
        raise _no_maps("text", encoder.text)
    return encoder.text


def _view(image: GatedImage, device: str) -> Float[Tensor, "1 3 height width"]:
    return torch.tensor(image.pixels).to(device).permute(2, 0, 1).to(torch.float32).div(255)[None]


def _no_maps(side: str, tower: object) -> InputError:
    return InputError(
        f"the {side} tower {type(tower).__name__} has no methods local_parts and last_layer, which "
        "activation_map and grad_cam need: leave them out of estimators, or give the model both"
    )
