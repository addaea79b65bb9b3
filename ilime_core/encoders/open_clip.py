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
from open_clip.transformer import TextTransformer, text_global_pool
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor, nn

from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.open_clip_source import OpenClipSource, resolve_source
from ilime_core.encoders.open_clip_tokens import Tokeniser, build_tokeniser, fill_rows
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoders.preprocessing import Preprocessing, channel_scale, cut_view, normalise
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoders.trimming import can_be_trimmed
from ilime_core.errors import InputError
from ilime_core.records import ImageView

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
        cut = partial(self._embed, features=partial(_trimmed_features, self._model), precision="float32")
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
            filled, partial(_trimmed_features, self._model) if self.is_trimmed else own, self._precision
        )

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
        tokenizer=tokeniser.identity,
        preprocessing=source.preprocessing,
    )


def _trimmed_features(model: Any, tokens: Int[Tensor, "batch width"]) -> Float[Tensor, "batch dim"]:
    """Text features from the first positions only; right where :func:`can_be_trimmed` says so."""
    inner = getattr(model, "text", None)
    if isinstance(model, CLIP):
        tower, pool, last = cast("Any", model), model.text_pool_type, model.text_eos_id
    elif isinstance(inner, TextTransformer) and inner.cls_emb is None:
        tower, pool, last = cast("Any", inner), inner.pool_type, inner.eos_id
    else:
        return model.encode_text(tokens)
    # open_clip's own towers add the mask of the whole context, so they take no shorter rows: these are their
    # steps on the first positions.
    width = tokens.shape[1]
    hidden = tower.token_embedding(tokens).to(tower.transformer.get_cast_dtype())
    hidden = hidden + tower.positional_embedding[:width].to(hidden.dtype)
    mask = None if tower.attn_mask is None else tower.attn_mask[:width, :width]
    hidden = tower.ln_final(tower.transformer(hidden, attn_mask=mask))
    pooled = text_global_pool(hidden, tokens, cast("str", pool), eos_token_id=cast("int", last))
    if tower.text_projection is None:
        return pooled
    if isinstance(tower.text_projection, nn.Linear):
        return tower.text_projection(pooled)
    return pooled @ tower.text_projection


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
