"""Any open_clip model as a dual encoder."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pickle import UnpicklingError
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from open_clip import CLIP, CoCa, CustomTextCLIP
from open_clip.factory import load_checkpoint
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor, nn

from ilime_core.encoders.differentiation import (
    differentiable,
    differentiable_layer,
    gated_tokens,
    pad_gates,
)
from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.open_clip_maps import image_last_layer, image_parts
from ilime_core.encoders.open_clip_source import OpenClipSource, resolve_source
from ilime_core.encoders.open_clip_text import (
    text_last_layer,
    text_parts,
    token_embedding,
    trimmed_features,
)
from ilime_core.encoders.open_clip_tokens import Tokeniser, build_tokeniser, fill_rows
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoders.preprocessing import Preprocessing, channel_scale, cut_view, normalise
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoders.trimming import can_be_trimmed
from ilime_core.errors import InputError
from ilime_core.records import ImageView
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = [
    "OpenClipEncoder",
    "OpenClipImageEncoder",
    "OpenClipTextEncoder",
    "load_model",
    "open_clip_fingerprint",
]

_PROBES = ("", "cat", "a photo of a tabby cat", "two men and a dog wait at the door of a small white house")


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
    except (TypeError, ValueError, KeyError, OSError, RuntimeError) as error:
        raise InputError(
            f"the configuration of {source.label} does not make a model: {_line(error)}"
        ) from error
    try:
        load_checkpoint(cast("Any", model), str(source.weights), strict=True, weights_only=True)
    except UnpicklingError as error:
        message = (
            f"the checkpoint {source.weights} holds more than tensors and is not loaded: save its state_dict"
        )
        raise InputError(message) from error
    except (
        RuntimeError,
        KeyError,
        AttributeError,
        TypeError,
        ValueError,
        AssertionError,
        OSError,
        SafetensorError,
    ) as error:
        raise InputError(
            f"the checkpoint {source.weights} does not fit {source.label}: {_line(error)}"
        ) from error
    return model.eval().requires_grad_(requires_grad=False)


class OpenClipImageEncoder:
    """Image tower of an open_clip model."""

    def __init__(self, model: nn.Module, preprocessing: Preprocessing, device: str, precision: str) -> None:
        self._model = cast("Any", model)
        self._preprocessing = preprocessing
        self._device = device
        self._precision = precision
        self._mean = channel_scale(preprocessing.mean, device)
        self._std = channel_scale(preprocessing.std, device)
        self.patch_size = _patch_size(model)
        black = torch.zeros((1, 3, preprocessing.height, preprocessing.width), device=device)
        self.dim = int(self.encode(black).shape[1])

    def view(self, image: Image.Image) -> ImageView:
        """The model's own resize and crop of an upright RGB picture."""
        return cut_view(image, self._preprocessing)

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views with values in [0, 1]; float32 unit-norm rows."""
        with arithmetic(self._device, self._precision):
            return unit_norm(self._model.encode_image(normalise(pixels, self._mean, self._std)))

    def encode_gated(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """As ``encode``, in float32, and derivatives of ``pixels`` flow."""
        with differentiable(self._device):
            return unit_norm(self._model.encode_image(normalise(pixels, self._mean, self._std)))

    def local_parts(self, pixels: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """What each cell gives to the embedding; see :mod:`ilime_core.encoders.open_clip_maps`."""
        with differentiable(self._device):
            return image_parts(self._model.visual, normalise(pixels, self._mean, self._std))

    def last_layer(self, pixels: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """Cut the tower in two at its last feature map."""
        with differentiable(self._device):
            layer = image_last_layer(self._model.visual, normalise(pixels, self._mean, self._std))
        return differentiable_layer(layer, self._device)


class OpenClipTextEncoder:
    """Text tower of an open_clip model.

    Attributes
    ----------
    is_trimmed
        Whether rows are padded only to the longest of their batch; proved when the model was loaded.
    """

    def __init__(self, model: nn.Module, tokeniser: Tokeniser, device: str, precision: str) -> None:
        self._model = cast("Any", model)
        self._tokeniser = tokeniser
        self._device = device
        self._precision = precision
        self.context_length = tokeniser.context_length
        self.mask_word = tokeniser.mask_word
        rows = tokeniser.rows(_PROBES)
        tokens = fill_rows(tokeniser, rows, self.context_length, device)
        lengths = [min(len(row), self.context_length) for row in rows]
        whole = self._embed(tokens, self._model.encode_text, "float32")
        cut = partial(self._embed, features=partial(trimmed_features, self._model), precision="float32")
        self.is_trimmed = not tokeniser.pads_left and can_be_trimmed(whole, cut, tokens, lengths)
        self.dim = int(whole.shape[1])

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, not cut to the context length."""
        return self._tokeniser.rows(texts)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order."""
        return self._tokeniser.spans(text)

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        """Embed token rows, cut to the context length.

        They are padded to ``width`` or the longest; to the whole context where the tower cannot be trimmed.
        """
        filled = fill_rows(
            self._tokeniser, rows, width if self.is_trimmed else self.context_length, self._device
        )
        own = self._model.encode_text
        return self._embed(
            filled, partial(trimmed_features, self._model) if self.is_trimmed else own, self._precision
        )

    def encode_gated(
        self, row: Sequence[int], gates: Float[Tensor, "batch tokens"], substitute: Sequence[int]
    ) -> Float[Tensor, "batch dim"]:
        """Embed one row under several gates on its tokens, in float32; derivatives of ``gates`` flow."""
        tokens = self._filled(row).expand(len(gates), -1)
        gates = pad_gates(gates, tokens.shape[1], left=self._tokeniser.pads_left)
        features = partial(trimmed_features, self._model) if self.is_trimmed else self._model.encode_text
        with differentiable(self._device), gated_tokens(token_embedding(self._model), gates, substitute):
            return unit_norm(features(tokens))

    def local_parts(self, row: Sequence[int]) -> LocalParts:
        """What each token gives to the embedding; see :mod:`ilime_core.encoders.open_clip_text`."""
        with differentiable(self._device):
            return text_parts(self._model, self._filled(row), len(row))

    def last_layer(self, row: Sequence[int]) -> LastLayer:
        """Cut the tower in two before its last block."""
        with differentiable(self._device):
            layer = text_last_layer(self._model, self._filled(row), len(row))
        return differentiable_layer(layer, self._device)

    def _filled(self, row: Sequence[int]) -> Int[Tensor, "1 width"]:
        width = None if self.is_trimmed else self.context_length
        return fill_rows(self._tokeniser, [row], width, self._device)

    def _embed(
        self,
        tokens: Int[Tensor, "batch width"],
        features: Callable[[Tensor], Tensor],
        precision: str,
    ) -> Float[Tensor, "batch dim"]:
        with arithmetic(self._device, precision):
            return unit_norm(features(tokens))


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
        model = load_model(source).to(device)
        self.device = device
        self.image = OpenClipImageEncoder(model, source.preprocessing, device, precision)
        self.text = OpenClipTextEncoder(model, tokeniser, device, precision)
        self._fingerprint = _fingerprint(source, tokeniser)

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        return self._fingerprint


def _fingerprint(source: OpenClipSource, tokeniser: Tokeniser) -> str:
    return model_fingerprint(
        [source.weights],
        architecture=json.loads(source.configuration),
        tokenizer=tokeniser.identity(),
        preprocessing=source.preprocessing,
    )


def _patch_size(model: nn.Module) -> int | None:
    """Side of a ViT's patches, of open_clip's own towers and of timm's."""
    visual = getattr(model, "visual", None)
    embedding = getattr(getattr(visual, "trunk", None), "patch_embed", None)
    size = getattr(visual, "patch_size", None) or getattr(embedding, "patch_size", None)
    if isinstance(size, tuple | list):
        return int(size[0]) if len(set(size)) == 1 else None
    return int(size) if isinstance(size, int) else None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
