"""CLIP and SigLIP as the transformers library has them, as dual encoders."""

import json
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ilime_core.encoders.attention_layout import lay_out_attention
from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.image_tower import ImageTower
from ilime_core.encoders.preprocessing import Preprocessing
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoders.text_tower import PROBES, TextTower
from ilime_core.encoders.token_stack import TokenStack
from ilime_core.encoders.transformers.files import TransformersSource, quiet_transformers, resolve_folder
from ilime_core.encoders.transformers.maps import (
    image_last_layer,
    image_parts,
    text_last_layer,
    text_parts,
)
from ilime_core.encoders.transformers.tokens import TransformersTokeniser, build_tokeniser
from ilime_core.encoders.transformers.view import read_preprocessing
from ilime_core.encoders.weight_files import LOADING_ERRORS
from ilime_core.encoders.weight_memory import align_weights
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = [
    "TransformersEncoder",
    "TransformersImageEncoder",
    "TransformersTextEncoder",
    "transformers_fingerprint",
]

# A configuration that calls token 2 the end of a text is an old one: the tower then reads the row's largest
# token instead, which is CLIP's end of text.
_LEGACY_END = 2


def transformers_fingerprint(spec: EncoderSpec) -> str:
    """Digest a model from its files; its network is not built.

    Raises
    ------
    InputError
        If configuration, weights, tokenizer or image processor cannot be had.
    """
    source = resolve_folder(spec.model)
    return _fingerprint(source, build_tokeniser(source), read_preprocessing(source))


class TransformersImageEncoder(ImageTower):
    """Image tower of CLIP or SigLIP; its parts are those of :mod:`ilime_core.encoders.transformers.maps`."""

    def _patch_size(self) -> int:
        return int(self._model.config.vision_config.patch_size)

    def _token_stack(self) -> TokenStack:
        """CLIP reads a class token; SigLIP has none and pools by attention."""
        config = self._model.config
        side = int(config.vision_config.image_size) // int(config.vision_config.patch_size)
        n_prefix = int(config.model_type == "clip")
        return TokenStack(self._model.vision_model.encoder, n_prefix, (side, side))

    def _features(self, given: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "rows dim"]:
        pooled = self._model.vision_model(pixel_values=given).pooler_output
        return _projected(self._model, "visual_projection", pooled)

    def _parts(self, given: Float[Tensor, "1 3 height width"]) -> LocalParts:
        return image_parts(self._model, given)

    def _last_layer(self, given: Float[Tensor, "1 3 height width"]) -> LastLayer:
        return image_last_layer(self._model, given)


class TransformersTextEncoder(TextTower):
    """Text tower of CLIP or SigLIP; its parts are those of :mod:`ilime_core.encoders.transformers.maps`."""

    def _features(self, tokens: Int[Tensor, "batch width"], *, trimmed: bool) -> Float[Tensor, "batch dim"]:
        # No attention mask: SigLIP was trained to read its padding, and in CLIP none of it comes before the
        # end of the text, where the tower is read.
        del trimmed  # rows of any width go the same way
        pooled = self._model.text_model(input_ids=tokens).pooler_output
        return _projected(self._model, "text_projection", pooled)

    def _token_table(self) -> nn.Module:
        return self._model.text_model.get_input_embeddings()

    def _parts(self, tokens: Int[Tensor, "1 width"], length: int) -> LocalParts:
        return text_parts(self._model, tokens, length)

    def _last_layer(self, tokens: Int[Tensor, "1 width"], length: int) -> LastLayer:
        return text_last_layer(self._model, tokens, length)


class TransformersEncoder:
    """A CLIP or SigLIP model of the transformers library as a dual encoder.

    Raises
    ------
    InputError
        If configuration, weights, tokenizer or image processor cannot be had or do not fit each other.
    """

    def __init__(self, spec: EncoderSpec, device: str, precision: str) -> None:
        source = resolve_folder(spec.model)
        tokeniser = build_tokeniser(source)
        preprocessing = read_preprocessing(source)
        model = _load_model(source)
        _check_fit(source, cast("Any", model).config, tokeniser, preprocessing)
        model = lay_out_attention(model.to(device), device, precision)
        self.device = device
        self.image = TransformersImageEncoder(model, preprocessing, device, precision)
        self.text = TransformersTextEncoder(model, tokeniser, device, precision)
        self._fingerprint = _fingerprint(source, tokeniser, preprocessing)

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        return self._fingerprint


def _load_model(source: TransformersSource) -> nn.Module:
    """Build the network and fill it with tensors; nothing else is read from a pickle."""
    from transformers import CLIPModel, SiglipModel  # noqa: PLC0415 - seconds to import: only for who uses it

    kind = cast("Any", CLIPModel if source.model_type == "clip" else SiglipModel)
    try:
        with quiet_transformers():
            model, found = kind.from_pretrained(
                str(source.folder),
                local_files_only=True,
                use_safetensors=source.weights[0].suffix == ".safetensors",
                weights_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are named below, in one line
            )
    except LOADING_ERRORS as error:
        why = " ".join(str(error).split())[:300]
        raise InputError(f"the model {source.label} cannot be loaded: {why}") from error
    missing = sorted(map(str, (*found["missing_keys"], *found["mismatched_keys"])))
    if missing:
        raise InputError(
            f"the weights of {source.label} do not fit its configuration: {len(missing)} tensors are absent "
            f"or of another shape, the first {missing[0]}"
        )
    # What from_pretrained has not converted lies as in the file: shards, one file and a pickle all differ.
    model = model.float().to(memory_format=torch.contiguous_format).eval()
    return align_weights(cast("nn.Module", model.requires_grad_(requires_grad=False)))


def _check_fit(
    source: TransformersSource, config: Any, tokeniser: TransformersTokeniser, preprocessing: Preprocessing
) -> None:
    side = int(config.vision_config.image_size)
    if (preprocessing.height, preprocessing.width) != (side, side):
        raise InputError(
            f"the image processor of {source.label} makes views of {preprocessing.width} x "
            f"{preprocessing.height}, its tower takes {side} x {side}"
        )
    if source.model_type != "clip":
        return
    end = int(config.text_config.eos_token_id)
    ends = [max(row) if end == _LEGACY_END else end for row in tokeniser.rows(PROBES)]
    if any(token != tokeniser.end_token for token in ends):
        raise InputError(
            f"the text tower of {source.label} is read at token {ends[0]}, but its tokenizer ends texts with "
            f"{tokeniser.end_token}: correct text_config.eos_token_id"
        )


def _projected(model: Any, name: str, pooled: Float[Tensor, "batch width"]) -> Float[Tensor, "batch dim"]:
    """SigLIP's towers end in the common space; CLIP's have a projection each."""
    projection = getattr(model, name, None)
    return pooled if projection is None else cast("Tensor", projection(pooled))


def _fingerprint(
    source: TransformersSource, tokeniser: TransformersTokeniser, preprocessing: Preprocessing
) -> str:
    return model_fingerprint(
        source.weights,
        architecture=json.loads(source.configuration),
        tokenizer=tokeniser.identity(),
        preprocessing=preprocessing,
    )
