"""Blocks of open_clip's vision transformers, its own and timm's, that can be shown some patches only."""

from typing import Any, cast

from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from timm.models.vision_transformer import VisionTransformer as TimmTransformer
from torch import nn

from ilime_core.encoders.token_stack import TokenStack, no_tokens

__all__ = ["open_clip_stack"]

_AVERAGES = "averages its patches, and the empty item has none"


def open_clip_stack(visual: nn.Module) -> TokenStack:
    """Find the blocks of an image tower.

    Parameters
    ----------
    visual
        Image tower of an open_clip model.

    Returns
    -------
    TokenStack
        Blocks, number of tokens before the patches, and grid.

    Raises
    ------
    InputError
        If it is no vision transformer, or averages its patches.
    """
    if isinstance(visual, VisionTransformer):
        own = cast("Any", visual)
        if own.attn_pool is None and own.pool_type == "avg":
            raise no_tokens("VisionTransformer", _AVERAGES)
        return TokenStack(own.transformer, 1, _pair(own.grid_size))
    trunk = cast("Any", visual).trunk if isinstance(visual, TimmModel) else visual
    if not isinstance(trunk, TimmTransformer):
        raise no_tokens(type(trunk).__name__, "has no tokens of patches that are known here")
    timm = cast("Any", trunk)
    if timm.attn_pool is None and timm.global_pool != "token":
        raise no_tokens(type(trunk).__name__, _AVERAGES)
    return TokenStack(timm.blocks, int(timm.num_prefix_tokens), _pair(timm.patch_embed.grid_size))


def _pair(grid: Any) -> tuple[int, int]:
    rows, columns = grid
    return int(rows), int(columns)
