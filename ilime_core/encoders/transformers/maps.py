"""The inside of CLIP's towers in the transformers library: hidden states as local parts, and the last layer.

Both towers are read at one token (class token, end of the text), so local parts are a reading: the last
hidden states take the way of the token that is read, as if the tower averaged them.
"""

from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ilime_core.encoders.differentiation import seen
from ilime_core.encoders.precision import unit_norm
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["image_last_layer", "image_parts", "text_last_layer", "text_parts"]


def image_parts(model: nn.Module, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
    """Local parts of one normalised view.

    Parameters
    ----------
    model
        Model of the transformers library.
    given
        The view, normalised.

    Returns
    -------
    LocalParts
        One part per patch.

    Raises
    ------
    InputError
        If the model is not CLIP.
    """
    tower = _clip(model)
    found = tower.vision_model(pixel_values=given)
    patches = tower.vision_model.post_layernorm(found.last_hidden_state[0, 1:])
    parts = tower.visual_projection(patches) / len(patches)
    pooled = tower.visual_projection(found.pooler_output)[0]
    return LocalParts(parts.detach(), pooled.detach(), _grid(tower))


def image_last_layer(model: nn.Module, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
    """Cut the image tower before its last block.

    Parameters
    ----------
    model
        Model of the transformers library.
    given
        The view, normalised.

    Returns
    -------
    LastLayer
        One row of features per patch; the class token stays as it is in every call of ``read_out``.

    Raises
    ------
    InputError
        If the model is not CLIP.
    """
    tower = _clip(model)
    block = tower.vision_model.encoder.layers[-1]
    with seen(block) as last:
        tower.vision_model(pixel_values=given)
    class_token = last.given[:, :1]

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        rows = torch.cat([class_token.expand(len(features), -1, -1), features], dim=1)
        made = tower.vision_model.post_layernorm(block(rows, attention_mask=None)[:, 0])
        return unit_norm(tower.visual_projection(made))

    return LastLayer(last.given[0, 1:], read_out, _grid(tower))


def text_parts(model: nn.Module, tokens: Int[Tensor, "1 width"], n_tokens: int) -> LocalParts:
    """Local parts of one token row.

    Parameters
    ----------
    model
        Model of the transformers library.
    tokens
        The row, padded or not.
    n_tokens
        Tokens before the padding.

    Returns
    -------
    LocalParts
        One part per token before the padding.

    Raises
    ------
    InputError
        If the model is not CLIP.
    """
    tower = _clip(model)
    found = tower.text_model(input_ids=tokens)
    parts = tower.text_projection(found.last_hidden_state[0, :n_tokens]) / n_tokens
    return LocalParts(parts.detach(), tower.text_projection(found.pooler_output)[0].detach(), None)


def text_last_layer(model: nn.Module, tokens: Int[Tensor, "1 width"], n_tokens: int) -> LastLayer:
    """Cut the text tower before its last block.

    Parameters
    ----------
    model
        Model of the transformers library.
    tokens
        One row, padded or not.
    n_tokens
        Tokens before the padding.

    Returns
    -------
    LastLayer
        One row of features per token; the padding stays as it is in every call of ``read_out``.

    Raises
    ------
    InputError
        If the model is not CLIP.
    """
    tower = _clip(model)
    block, norm = tower.text_model.encoder.layers[-1], tower.text_model.final_layer_norm
    with seen(block) as last, seen(norm) as normed:
        pooled = tower.text_model(input_ids=tokens).pooler_output
    given = last.given
    # Where the tower is read is told by its own answer: the rule depends on the age of its configuration.
    read_at = int((normed.made[0] - pooled).abs().sum(dim=1).argmin())
    width = tokens.shape[1]
    mask = torch.full((width, width), -torch.inf, device=given.device).triu(1)[None, None]

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        padding = given[:, n_tokens:].expand(len(features), -1, -1)
        made = block(torch.cat([features, padding], dim=1), attention_mask=mask)
        return unit_norm(tower.text_projection(norm(made[:, read_at])))

    return LastLayer(given[0, :n_tokens], read_out, None)


def _clip(model: nn.Module) -> Any:
    tower = cast("Any", model)
    if tower.config.model_type != "clip":
        raise InputError(
            f"the feature maps of {type(model).__name__} are not known here: activation_map and grad_cam "
            "need CLIP; cross_gradient and integrated_jacobian work with SigLIP, too"
        )
    return tower


def _grid(tower: Any) -> tuple[int, int]:
    config = tower.config.vision_config
    side = int(config.image_size) // int(config.patch_size)
    return side, side
