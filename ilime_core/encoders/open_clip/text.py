"""The inside of open_clip's own text towers: shorter rows, and hidden states as local parts.

The towers are read at one token (the end of the text), so local parts are a reading: the last hidden state of
every token takes the way of the token that is read, as if the tower averaged them.
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from open_clip import CLIP
from open_clip.transformer import TextTransformer, text_global_pool
from torch import Tensor, nn

from ilime_core.encoders.differentiation import seen
from ilime_core.encoders.precision import unit_norm
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = [
    "OpenClipTextTower",
    "text_last_layer",
    "text_parts",
    "text_tower",
    "token_embedding",
    "trimmed_features",
]


@dataclass(frozen=True, slots=True, eq=False)
class OpenClipTextTower:
    """One of open_clip's own text towers, and how it is read."""

    network: Any
    pool: str
    end_token: int | None

    def hidden(self, tokens: Int[Tensor, "batch width"]) -> Float[Tensor, "batch width hidden"]:
        """Last hidden states of the first positions only; the towers themselves take whole contexts alone."""
        width = tokens.shape[1]
        hidden = self.network.token_embedding(tokens).to(self.network.transformer.get_cast_dtype())
        hidden = hidden + self.network.positional_embedding[:width].to(hidden.dtype)
        return self.network.ln_final(self.network.transformer(hidden, attn_mask=self.mask(width)))

    def mask(self, width: int) -> Tensor | None:
        """The mask of attention for shorter rows."""
        whole = self.network.attn_mask
        return None if whole is None else whole[:width, :width]

    def pooled(
        self, hidden: Float[Tensor, "batch width hidden"], tokens: Int[Tensor, "batch width"]
    ) -> Float[Tensor, "batch dim"]:
        """Embeddings read from hidden states.

        Parameters
        ----------
        hidden
            Last hidden states.
        tokens
            The rows that they are of: the end of the text is found in them.

        Returns
        -------
        Tensor, batch x dim
            Embeddings of any norm.
        """
        end = cast("int", self.end_token)
        return self.projected(text_global_pool(hidden, tokens, self.pool, eos_token_id=end))

    def projected(self, rows: Float[Tensor, "rows hidden"]) -> Float[Tensor, "rows dim"]:
        """Rows in the common space."""
        projection = self.network.text_projection
        if projection is None:
            return rows
        return projection(rows) if isinstance(projection, nn.Linear) else rows @ projection


def text_tower(model: nn.Module) -> OpenClipTextTower | None:
    """The text tower of a model where it is one of open_clip's own; one with a class token is not known."""
    inner = getattr(model, "text", None)
    if isinstance(model, CLIP):
        return OpenClipTextTower(
            model, cast("str", model.text_pool_type), cast("int | None", model.text_eos_id)
        )
    if isinstance(inner, TextTransformer) and inner.cls_emb is None:
        return OpenClipTextTower(inner, inner.pool_type, cast("int | None", inner.eos_id))
    return None


def trimmed_features(model: nn.Module, tokens: Int[Tensor, "batch width"]) -> Float[Tensor, "batch dim"]:
    """Text features from the first positions only; right where `can_be_trimmed` returned True.

    Parameters
    ----------
    model
        open_clip model.
    tokens
        Rows that may be shorter than the context.

    Returns
    -------
    Tensor, batch x dim
        Embeddings of any norm.
    """
    tower = text_tower(model)
    if tower is None:
        return cast("Any", model).encode_text(tokens)
    return tower.pooled(tower.hidden(tokens), tokens)


def token_embedding(model: nn.Module) -> nn.Module:
    """Find the table of token embeddings.

    Raises
    ------
    InputError
        If the text tower has none that is known.
    """
    inner = cast("Any", getattr(model, "text", model))
    table = getattr(inner, "token_embedding", None)
    if table is None and hasattr(inner, "transformer"):  # a tower of the transformers library
        table = inner.transformer.get_input_embeddings()
    if not isinstance(table, nn.Embedding):
        raise InputError(f"the text tower {type(inner).__name__} has no known table of token embeddings")
    return table


def text_parts(model: nn.Module, tokens: Int[Tensor, "1 width"], n_tokens: int) -> LocalParts:
    """Local parts of one token row.

    Parameters
    ----------
    model
        open_clip model.
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
        If the tower is not one of open_clip's own.
    """
    tower = _known(model)
    hidden = tower.hidden(tokens)
    parts = tower.projected(hidden[0, :n_tokens]) / n_tokens
    return LocalParts(parts.detach(), tower.pooled(hidden, tokens)[0].detach(), None)


def text_last_layer(model: nn.Module, tokens: Int[Tensor, "1 width"], n_tokens: int) -> LastLayer:
    """Cut the tower before its last block.

    Parameters
    ----------
    model
        open_clip model.
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
        If the tower is not one of open_clip's own.
    """
    tower = _known(model)
    transformer = tower.network.transformer
    block, width = transformer.resblocks[-1], tokens.shape[1]
    with seen(block) as last:
        tower.hidden(tokens)
    given = last.given if transformer.batch_first else last.given.transpose(0, 1)
    padding = given[:, n_tokens:]

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        rows = torch.cat([features, padding.expand(len(features), -1, -1)], dim=1)
        rows = rows if transformer.batch_first else rows.transpose(0, 1)
        made = block(rows, attn_mask=tower.mask(width))
        made = made if transformer.batch_first else made.transpose(0, 1)
        hidden = tower.network.ln_final(made)
        return unit_norm(tower.pooled(hidden, tokens.expand(len(features), -1)))

    return LastLayer(given[0, :n_tokens], read_out, None)


def _known(model: nn.Module) -> OpenClipTextTower:
    tower = text_tower(model)
    if tower is None or not tower.pool or tower.pool == "none":
        raise InputError(
            "the hidden states of this text tower are not known here: activation_map and grad_cam need one "
            "of open_clip's own without a class token"
        )
    return tower
