"""Feature maps of open_clip's image towers: local parts of the embedding, and the tower behind its map.

==================== ================================================================================
Vision transformer   Average pooling: exact. Class token: a reading, the final patch tokens take the
                     way of the class token through norm and projection as if the tower averaged
                     them.
ModifiedResNet       Exact with the attention weights of its pooling held fixed: the value path of
                     each cell.
timm CNN             Global average pooling, with or without a norm behind it: exact.
==================== ================================================================================
"""

from typing import Any, cast

import torch
from jaxtyping import Float
from open_clip.modified_resnet import AttentionPool2d, ModifiedResNet
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn import functional

from ilime_core.encoders.differentiation import frozen_layer_norm, map_layer, seen
from ilime_core.encoders.open_clip.timm_maps import timm_last_layer, timm_parts
from ilime_core.encoders.precision import unit_norm
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["image_last_layer", "image_parts"]


def image_parts(visual: nn.Module, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
    """Local parts of one normalised view.

    Parameters
    ----------
    visual
        Image tower of an open_clip model.
    given
        The view, normalised.

    Returns
    -------
    LocalParts
        One part per patch or cell; the table of this module says which are exact.

    Raises
    ------
    InputError
        If the tower is of another kind, or pools in another way.
    """
    if isinstance(visual, VisionTransformer):
        return _transformer_parts(visual, given)
    if isinstance(visual, ModifiedResNet):
        with seen(visual.layer4) as last:
            pooled = visual(given)[0]
        cells = last.made
        parts = _pooled_values(visual.attnpool, cells)
        return LocalParts(parts, pooled.detach(), (cells.shape[2], cells.shape[3]))
    if isinstance(visual, TimmModel):
        return timm_parts(visual, given)
    raise _unknown(visual)


def image_last_layer(visual: nn.Module, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
    """Feature map of one normalised view: the patches that enter the last block, or the last cells of a CNN.

    Parameters
    ----------
    visual
        Image tower of an open_clip model.
    given
        The view, normalised.

    Returns
    -------
    LastLayer
        One row of features per patch or cell; a class token stays as it is in every call of ``read_out``.

    Raises
    ------
    InputError
        If the tower is of another kind, or pools in another way.
    """
    if isinstance(visual, VisionTransformer):
        return _transformer_last_layer(visual, given)
    if isinstance(visual, ModifiedResNet):
        with seen(visual.layer4) as last:
            visual(given)
        return map_layer(last.made, visual.attnpool)
    if isinstance(visual, TimmModel):
        return timm_last_layer(visual, given)
    raise _unknown(visual)


def _transformer_parts(visual: VisionTransformer, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
    _check_pooling(visual)
    tower = cast("Any", visual)
    with seen(tower.transformer.resblocks[-1]) as last:
        pooled = tower(given)
    pooled = pooled[0] if isinstance(pooled, tuple) else pooled
    tokens = _batch_first(tower, last.made)[0]
    patches = tokens[1:]
    if tower.final_ln_after_pool and tower.pool_type == "avg":
        parts = frozen_layer_norm(tower.ln_post, patches / len(patches), patches.mean(dim=0, keepdim=True))
    else:
        parts = tower.ln_post(patches) / len(patches)
    return LocalParts(_projected(tower, parts).detach(), pooled[0].detach(), _grid(tower))


def _transformer_last_layer(visual: VisionTransformer, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
    _check_pooling(visual)
    tower = cast("Any", visual)
    block = tower.transformer.resblocks[-1]
    with seen(block) as last:
        tower(given)
    tokens = _batch_first(tower, last.given)[0]
    class_token = tokens[None, :1]

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        rows = torch.cat([class_token.expand(len(features), -1, -1), features], dim=1)
        made = block(_batch_first(tower, rows))
        made = _batch_first(tower, made)
        if not tower.final_ln_after_pool:
            made = tower.ln_post(made)
        pooled = made[:, 1:].mean(dim=1) if tower.pool_type == "avg" else made[:, 0]
        if tower.final_ln_after_pool:
            pooled = tower.ln_post(pooled)
        return unit_norm(_projected(tower, pooled))

    return LastLayer(tokens[1:], read_out, _grid(tower))


def _pooled_values(
    pool: AttentionPool2d, cells: Float[Tensor, "1 width rows columns"]
) -> Float[Tensor, "places dim"]:
    """Value path of each cell through the pooling by attention; the query's own value is a mean of theirs."""
    own = cells[0].flatten(1).mT
    given = torch.cat([own.mean(dim=0, keepdim=True), own]) + pool.positional_embedding
    heads = pool.num_heads
    query = pool.q_proj(given[:1]).view(1, heads, -1)
    keys = pool.k_proj(given).view(len(given), heads, -1)
    weights = torch.softmax((query * keys).sum(dim=2) / query.shape[2] ** 0.5, dim=0)
    placed = functional.linear(given[1:], pool.v_proj.weight)
    values = placed.view(len(own), heads, -1) * weights[1:, :, None]
    of_mean = functional.linear(own / len(own), pool.v_proj.weight).view(len(own), heads, -1)
    values = values + of_mean * weights[:1, :, None]
    return functional.linear(values.flatten(1), pool.c_proj.weight).detach()


def _check_pooling(visual: VisionTransformer) -> None:
    if visual.attn_pool is not None or visual.pool_type not in {"tok", "avg"}:
        kind = "attention" if visual.attn_pool is not None else visual.pool_type
        raise InputError(
            f"this vision transformer pools by {kind}: activation_map and grad_cam need a class token or an "
            "average"
        )


def _batch_first(tower: Any, tokens: Tensor) -> Tensor:
    """Swap batch and places where the blocks have them the other way round."""
    return tokens if tower.transformer.batch_first else tokens.transpose(0, 1)


def _projected(tower: Any, rows: Tensor) -> Tensor:
    return rows if tower.proj is None else rows @ tower.proj


def _grid(tower: Any) -> tuple[int, int]:
    rows, columns = tower.grid_size
    return int(rows), int(columns)


def _unknown(visual: nn.Module) -> InputError:
    return InputError(
        f"the image tower {type(visual).__name__} has no feature map that is known here: activation_map and "
        "grad_cam need open_clip's own vision transformer or ResNet, or a convolutional timm network"
    )
