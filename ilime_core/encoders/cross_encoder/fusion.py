"""Layers in which the words of a caption look at each other and at the patches of a picture."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["FusionLayer"]

_WIDENING = 4


class FusionLayer(nn.Module):
    """Self-attention among words, attention of words to patches, and two dense layers.

    Parameters
    ----------
    width
        Of a word's state.
    patch_width
        Of a patch's state.
    heads
        Of both attentions; must divide ``width``.

    References
    ----------
    .. [1] Li et al.: Align before Fuse: Vision and Language Representation Learning with Momentum
       Distillation, NeurIPS 2021, arXiv 2107.07651.
    """

    def __init__(self, width: int, patch_width: int, heads: int) -> None:
        super().__init__()
        self.words_norm = nn.LayerNorm(width)
        self.words = Attention(width, width, heads)
        self.patches_norm = nn.LayerNorm(width)
        self.patches = Attention(width, patch_width, heads)
        self.dense_norm = nn.LayerNorm(width)
        self.dense = nn.Sequential(
            nn.Linear(width, _WIDENING * width), nn.GELU(), nn.Linear(_WIDENING * width, width)
        )

    def forward(
        self,
        words: Float[Tensor, "images captions places width"],
        patches: Float[Tensor, "images patches patch_width"],
        inside: Bool[Tensor, "images captions places"],
    ) -> Float[Tensor, "images captions places width"]:
        """Fuse every caption with the picture that it stands beside.

        Parameters
        ----------
        words
            States of the captions' places; several captions may ask one picture.
        patches
            States of the pictures' patches.
        inside
            False for padding, which no word sees.

        Returns
        -------
        Tensor, images x captions x places x width
            New states of the places; those of padding mean nothing.
        """
        shape = words.shape
        rows = words.flatten(0, 1)
        seen = inside.flatten(0, 1)[:, None, None, :]
        normed = self.words_norm(rows)
        rows = rows + self.words(normed, normed, seen)
        # Words only ask here, so the captions of one picture can ask as if they were one long caption.
        asking = rows.view(shape[0], shape[1] * shape[2], shape[3])
        asking = asking + self.patches(self.patches_norm(asking), patches, None)
        asking = asking + self.dense(self.dense_norm(asking))
        return asking.view(shape)


class Attention(nn.Module):
    """Attention of one sequence to another."""

    def __init__(self, width: int, key_width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(key_width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self,
        asking: Float[Tensor, "rows asking width"],
        asked: Float[Tensor, "rows asked key_width"],
        seen: Bool[Tensor, "rows 1 1 asked"] | None,
    ) -> Float[Tensor, "rows asking width"]:
        query = self._split(self.query(asking))
        key, value = (self._split(part) for part in self.key_value(asked).chunk(2, dim=-1))
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.out(found.transpose(1, 2).flatten(2))

    def _split(self, states: Float[Tensor, "rows places width"]) -> Float[Tensor, "rows heads places head"]:
        return torch.unflatten(states, -1, (self._heads, -1)).transpose(1, 2)
