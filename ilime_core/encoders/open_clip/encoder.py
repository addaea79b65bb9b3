"""Any open_clip model as a dual encoder."""

import json
from typing import Any, cast

from jaxtyping import Float, Int
from open_clip import CLIP, CoCa, CustomTextCLIP
from open_clip.factory import load_checkpoint
from torch import Tensor, nn

from ilime_core.encoders.attention_layout import lay_out_attention
from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.image_tower import ImageTower
from ilime_core.encoders.open_clip.kept_tokens import open_clip_stack
from ilime_core.encoders.open_clip.maps import image_last_layer, image_parts
from ilime_core.encoders.open_clip.source import OpenClipSource, resolve_source
from ilime_core.encoders.open_clip.text import (
    text_last_layer,
    text_parts,
    token_embedding,
    trimmed_features,
)
from ilime_core.encoders.open_clip.tokens import build_tokeniser
from ilime_core.encoders.row_tokeniser import RowTokeniser
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoders.text_tower import TextTower
from ilime_core.encoders.token_stack import TokenStack
from ilime_core.encoders.weight_files import LOADING_ERRORS
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = [
    "OpenClipEncoder",
    "OpenClipImageEncoder",
    "OpenClipTextEncoder",
    "load_model",
    "open_clip_fingerprint",
]


def open_clip_fingerprint(spec: EncoderSpec) -> str:
    """Digest a model from its files; its network is not built.

    Raises
    ------
    InputError
        If configuration, weights or tokenizer cannot be had.
    """
    source = resolve_source(spec)
    return _fingerprint(source, build_tokeniser(source.configuration, source.folder))


def load_model(source: OpenClipSource) -> nn.Module:
    """Build the network and fill it from its weight file, of which only tensors are read.

    Raises
    ------
    InputError
        If the file holds anything else, or does not fit the configuration.
    """
    configuration = json.loads(source.configuration)
    custom = configuration.pop("custom_text", False) or "hf_model_name" in configuration["text_cfg"]
    kind = (CoCa if "multimodal_cfg" in configuration else CustomTextCLIP) if custom else CLIP
    try:
        model = kind(**configuration)
    except LOADING_ERRORS as error:
        raise InputError(
            f"the configuration of {source.label} does not make a model: {_line(error)}"
        ) from error
    try:
        load_checkpoint(cast("Any", model), str(source.weights), strict=True, weights_only=True)
    except LOADING_ERRORS as error:
        raise InputError(
            f"the checkpoint {source.weights} does not fit {source.label}: {_line(error)}"
        ) from error
    return model.eval().requires_grad_(requires_grad=False)


class OpenClipImageEncoder(ImageTower):
    """Image tower of an open_clip model; its parts are those of :mod:`ilime_core.encoders.open_clip.maps`."""

    def _patch_size(self) -> int | None:
        """Side of a ViT's patches, of open_clip's own towers and of timm's."""
        visual = getattr(self._model, "visual", None)
        embedding = getattr(getattr(visual, "trunk", None), "patch_embed", None)
        size = getattr(visual, "patch_size", None) or getattr(embedding, "patch_size", None)
        if isinstance(size, tuple | list):
            return int(size[0]) if len(set(size)) == 1 else None
        return int(size) if isinstance(size, int) else None

    def _token_stack(self) -> TokenStack:
        return open_clip_stack(self._model.visual)

    def _features(self, given: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "rows dim"]:
        return self._model.encode_image(given)

    def _parts(self, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
        return image_parts(self._model.visual, given)

    def _last_layer(self, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
        return image_last_layer(self._model.visual, given)


class OpenClipTextEncoder(TextTower):
    """Text tower of an open_clip model; its parts are those of :mod:`ilime_core.encoders.open_clip.text`."""

    def _features(self, tokens: Int[Tensor, "batch width"], *, trimmed: bool) -> Float[Tensor, "batch dim"]:
        return trimmed_features(self._model, tokens) if trimmed else self._model.encode_text(tokens)

    def _token_table(self) -> nn.Module:
        return token_embedding(self._model)

    def _parts(self, tokens: Int[Tensor, "1 width"], length: int) -> LocalParts:
        return text_parts(self._model, tokens, length)

    def _last_layer(self, tokens: Int[Tensor, "1 width"], length: int) -> LastLayer:
        return text_last_layer(self._model, tokens, length)


class OpenClipEncoder:
    """An open_clip model as a dual encoder.

    Raises
    ------
    InputError
        If configuration, weights or tokenizer cannot be had or do not fit each other.
    """

    def __init__(self, spec: EncoderSpec, device: str, precision: str) -> None:
        source = resolve_source(spec)
        tokeniser = build_tokeniser(source.configuration, source.folder)
        model = lay_out_attention(load_model(source).to(device), device, precision)
        self.device = device
        self.image = OpenClipImageEncoder(model, source.preprocessing, device, precision)
        self.text = OpenClipTextEncoder(model, tokeniser, device, precision)
        self._fingerprint = _fingerprint(source, tokeniser)

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        return self._fingerprint


def _fingerprint(source: OpenClipSource, tokeniser: RowTokeniser) -> str:
    return model_fingerprint(
        [source.weights],
        architecture=json.loads(source.configuration),
        tokenizer=tokeniser.identity(),
        preprocessing=source.preprocessing,
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
