"""Feature maps of timm's convolutional networks inside open_clip models."""

from functools import partial
from typing import Any, cast

import torch
from jaxtyping import Float
from open_clip.timm_model import TimmModel
from torch import Tensor, nn

from ilime_core.encoders.differentiation import frozen_layer_norm, map_layer
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["timm_last_layer", "timm_parts"]

# Relative to the embedding: what float32 rounding leaves, and no other pooling does.
_TOLERANCE = 1e-3


def timm_parts(visual: TimmModel, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
    """Local parts of a network that averages its last map, exact also where a norm follows the average.

    Parameters
    ----------
    visual
        Image tower with a timm network.
    given
        The view, normalised.

    Returns
    -------
    LocalParts
        One part per cell of the last map.

    Raises
    ------
    InputError
        If the network has no such map or does not average it.
    """
    cells = _cells(visual, given)
    own = cells[0].flatten(1).mT
    pooled, norm = _head(visual, cells)[0], _norm_behind(visual)
    # A map of one cell is its own average.
    rows = torch.cat([own.mean(dim=0, keepdim=True), torch.zeros_like(own[:1]), own])
    made = _head(visual, rows[:, :, None, None]) if norm is None else _with_frozen_norm(visual, norm, rows)
    constant = made[1]
    parts = (made[2:] - constant) / len(own)
    if float((parts.sum(dim=0) + constant - pooled).norm()) > _TOLERANCE * float(pooled.norm()):
        raise InputError(
            "this timm network does not average its last map: activation_map cannot split its embedding"
        )
    return LocalParts(parts.detach(), pooled.detach(), (cells.shape[2], cells.shape[3]))


def timm_last_layer(visual: TimmModel, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
    """Cut a convolutional network before its pooling.

    Parameters
    ----------
    visual
        Image tower with a timm network.
    given
        The view, normalised.

    Returns
    -------
    LastLayer
        One row of features per cell of the last map.

    Raises
    ------
    InputError
        If the network has no such map.
    """
    return map_layer(_cells(visual, given), partial(_head, visual))


def _cells(visual: TimmModel, given: Tensor) -> Float[Tensor, "1 width rows columns"]:
    trunk = cast("Any", visual).trunk
    cells = trunk.forward_features(given)
    if cells.ndim != 4 or cells.shape[1] != trunk.num_features:
        raise InputError(
            f"the timm network {type(trunk).__name__} has no map of cells in front of its pooling: "
            "activation_map and grad_cam need a convolutional one"
        )
    return cells.detach()


def _head(visual: TimmModel, cells: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch dim"]:
    tower = cast("Any", visual)
    return tower.head(tower.trunk.forward_head(cells))


def _norm_behind(visual: TimmModel) -> nn.LayerNorm | None:
    """Layer norm between pooling and read-out, as ConvNeXt has it."""
    norm = getattr(getattr(cast("Any", visual).trunk, "head", None), "norm", None)
    return norm if isinstance(norm, nn.LayerNorm) else None


def _with_frozen_norm(
    visual: TimmModel, norm: nn.LayerNorm, rows: Float[Tensor, "rows width"]
) -> Float[Tensor, "rows dim"]:
    """The head on one-cell maps, its norm dividing all of them by the deviation of the first."""
    scaled = frozen_layer_norm(norm, rows, rows[:1])
    constant = cast("Tensor | None", norm.bias)
    scaled = scaled if constant is None else scaled + constant

    def fixed(_module: nn.Module, _given: Any, made: Tensor) -> Tensor:
        return scaled.view_as(made)

    handle = norm.register_forward_hook(fixed)
    try:
        return _head(visual, rows[:, :, None, None])
    finally:
        handle.remove()
