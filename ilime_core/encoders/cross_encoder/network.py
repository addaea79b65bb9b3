"""The network: the lower layers of a CLIP's towers, and layers that fuse what they give."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ilime_core.encoders.cross_encoder.fusion import FusionLayer

__all__ = ["CrossEncoder", "CrossLayout"]


@dataclass(frozen=True, slots=True)
class CrossLayout:
    """Depths of the parts of the network.

    Attributes
    ----------
    image_layers, text_layers
        Layers kept of the towers. Without the last one of each: it makes only the place that CLIP reads out,
        what it does to the other places was never trained.
    fusion_layers
        Layers that read both sides.
    heads
        Of their attentions.
    """

    image_layers: int
    text_layers: int
    fusion_layers: int
    heads: int


class CrossEncoder(nn.Module):
    """One logit for a picture and a caption: high where they match.

    Parameters
    ----------
    clip
        open_clip model whose lower layers are taken, weights included; it is not usable afterwards.
    layout
        How much of it, and how many layers follow.

    References
    ----------
    .. [1] Li et al.: Align before Fuse: Vision and Language Representation Learning with Momentum
       Distillation, NeurIPS 2021, arXiv 2107.07651.
    """

    def __init__(self, clip: nn.Module, layout: CrossLayout) -> None:
        super().__init__()
        self.image = _ImageTower(cast("Any", clip).visual, layout.image_layers)
        self.text = _TextTower(cast("Any", clip), layout.text_layers)
        width, patch_width = self.text.norm.normalized_shape[0], self.image.norm.normalized_shape[0]
        self.fusion = nn.ModuleList(
            FusionLayer(width, patch_width, layout.heads) for _ in range(layout.fusion_layers)
        )
        self.norm = nn.LayerNorm(width)
        self.read_out = nn.Linear(width, 1)

    def forward(
        self,
        pixels: Float[Tensor, "rows 3 height width"],
        tokens: Int[Tensor, "rows places"],
        lengths: Int[Tensor, " rows"],
    ) -> Float[Tensor, " rows"]:
        """Match picture k with caption k.

        Parameters
        ----------
        pixels
            Normalised views.
        tokens
            Captions, padded behind their last token.
        lengths
            Tokens of each caption before its padding.

        Returns
        -------
        Tensor, rows
            Logits in float32, as of :meth:`match`.
        """
        patches, words = self.image(pixels), self.text(tokens)
        return self.match(patches, words[:, None], lengths[:, None])[:, 0]

    def match(
        self,
        patches: Float[Tensor, "images patches patch_width"],
        words: Float[Tensor, "images captions places width"],
        lengths: Int[Tensor, "images captions"],
    ) -> Float[Tensor, "images captions"]:
        """Match each picture with several captions, from states of the towers.

        Parameters
        ----------
        patches
            States of the pictures' patches.
        words
            States of the captions' tokens.
        lengths
            Tokens of each caption before its padding.

        Returns
        -------
        Tensor, images x captions
            Logits in float32; above 0 a pair is taken for a match.
        """
        inside = torch.arange(words.shape[2], device=words.device) < lengths[..., None]
        for layer in self.fusion:
            words = layer(words, patches, inside)
        # The token that ends a text is the only one whose tower has read all of it.
        last = (lengths - 1)[..., None, None].expand(-1, -1, 1, words.shape[3])
        return self.read_out(self.norm(words.gather(2, last)[:, :, 0]))[..., 0].float()

    def lower_weights(self) -> list[nn.Parameter]:
        """Weights of the towers' embeddings and first layers: what training leaves as CLIP made it."""
        return [*self.image.lower_weights(), *self.text.lower_weights()]


class _ImageTower(nn.Module):
    """Patches of a picture in the context of all of them."""

    def __init__(self, visual: Any, n_layers: int) -> None:
        super().__init__()
        self.patchify = visual.conv1
        self.class_embedding = visual.class_embedding
        self.positions = visual.positional_embedding
        self.entry_norm = visual.ln_pre
        self.layers = nn.ModuleList(visual.transformer.resblocks[:n_layers])
        self.norm = nn.LayerNorm(int(visual.conv1.out_channels))

    def forward(
        self, pixels: Float[Tensor, "images 3 height width"]
    ) -> Float[Tensor, "images patches patch_width"]:
        patches = self.patchify(pixels).flatten(2).transpose(1, 2)
        first = self.class_embedding.to(patches.dtype).expand(len(patches), 1, -1)
        states = self.entry_norm(torch.cat([first, patches], dim=1) + self.positions.to(patches.dtype))
        for layer in self.layers:
            states = layer(states)
        return self.norm(states)

    def lower_weights(self) -> list[nn.Parameter]:
        entry = [self.patchify, self.entry_norm, *self.layers[:1]]
        return [self.class_embedding, self.positions, *(one for part in entry for one in part.parameters())]


class _TextTower(nn.Module):
    """Words of a caption in the context of those before them."""

    def __init__(self, clip: Any, n_layers: int) -> None:
        super().__init__()
        self.embedding = clip.token_embedding
        self.positions = clip.positional_embedding
        self.layers = nn.ModuleList(clip.transformer.resblocks[:n_layers])
        self.norm = nn.LayerNorm(int(clip.token_embedding.embedding_dim))
        self.register_buffer("mask", clip.attn_mask, persistent=False)

    def forward(self, tokens: Int[Tensor, "texts places"]) -> Float[Tensor, "texts places width"]:
        width = tokens.shape[1]
        states = self.embedding(tokens) + self.positions[:width]
        mask = cast("Tensor", self.mask)[:width, :width]
        for layer in self.layers:
            states = layer(states, attn_mask=mask)
        return self.norm(states)

    def lower_weights(self) -> list[nn.Parameter]:
        first = [weights for layer in self.layers[:1] for weights in layer.parameters()]
        return [*self.embedding.parameters(), self.positions, *first]
