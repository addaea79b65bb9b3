"""Source of an open_clip model: configuration, preprocessing and weights, before anything is built."""

import json
import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import open_clip
from open_clip.pretrained import download_pretrained, get_pretrained_cfg
from open_clip.transform import PreprocessCfg, merge_preprocess_dict

from ilime_core.encoders.hub_files import hub_file
from ilime_core.encoders.preprocessing import Preprocessing, three_channels
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoders.weight_files import tensor_shapes
from ilime_core.errors import IlimeWarning, InputError
from ilime_core.regular_file import read_regular

__all__ = ["OpenClipSource", "resolve_source"]

Json = Mapping[str, object]

_HUB = "hf-hub:"
_HUB_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_CHECKPOINTS = (".safetensors", ".pt", ".pth", ".bin")


@dataclass(frozen=True, slots=True)
class OpenClipSource:
    """Everything that decides a model, at hand on this machine.

    Attributes
    ----------
    label
        What the user called it, for messages.
    configuration
        open_clip's model configuration as canonical JSON, quick_gelu applied.
    folder
        Folder of a local configuration, which a tokenizer's path may be relative to.
    """

    label: str
    configuration: str
    preprocessing: Preprocessing
    weights: Path
    folder: Path | None


def resolve_source(spec: EncoderSpec) -> OpenClipSource:
    """Find configuration and weights, downloading the latter where they are not cached yet.

    Raises
    ------
    InputError
        If the model, the tag or the checkpoint does not exist or cannot be had; the message says what to do.
    """
    if spec.pretrained and (spec.checkpoint is not None or spec.model.startswith(_HUB)):
        other = "a checkpoint" if spec.checkpoint is not None else "an hf-hub: id with weights of its own"
        raise InputError(f"model gives pretrained {spec.pretrained!r} and {other}: keep one of them")
    configuration, preprocessing = _configuration(spec.model)
    tag: Json = {}
    if spec.pretrained:
        tag = _tag(spec.model, spec.pretrained)
        preprocessing = merge_preprocess_dict(dict(preprocessing), dict(tag))
    settled = _settled(configuration, spec.force_quick_gelu)
    if tag:
        _warn_of_activation(spec, bool(tag.get("quick_gelu", False)), bool(settled.get("quick_gelu", False)))
    weights = _weights(spec, tag)
    _warn_of_positions(spec.model, settled, weights)
    return OpenClipSource(
        label=" ".join(filter(None, (spec.model, spec.pretrained))),
        configuration=json.dumps(settled, sort_keys=True),
        preprocessing=_preprocessing(preprocessing, settled),
        weights=weights,
        folder=Path(spec.model).parent if spec.model.endswith(".json") else None,
    )


def _warn_of_activation(spec: EncoderSpec, trained: bool, built: bool) -> None:
    """Weights in the wrong activation load without any error, and every embedding is a little off."""
    if trained == built:
        return
    if trained:
        cure = f"set model.force_quick_gelu: true, or model.model: {spec.model}-quickgelu"
    elif spec.force_quick_gelu:
        cure = "take model.force_quick_gelu away"
    else:
        cure = f"set model.model: {spec.model.replace('-quickgelu', '')}"
    words = {True: "QuickGELU", False: "plain GELU"}
    warnings.warn(
        f"the weights {spec.pretrained!r} were trained with {words[trained]} and {spec.model} computes "
        f"{words[built]}, so all embeddings would be off: {cure}",
        IlimeWarning,
        stacklevel=3,
    )


def _warn_of_positions(model: str, configuration: Json, weights: Path) -> None:
    """open_clip resamples positions of another number without a word, and every embedding is a little off."""
    shapes = tensor_shapes(weights)
    text = cast("Json", configuration["text_cfg"])
    vision = cast("Json", configuration["vision_cfg"])
    length = cast("int", text.get("context_length", 77))
    found = [
        shapes[name][0] for name in ("positional_embedding", "text.positional_embedding") if name in shapes
    ]
    if found and found[0] != length:
        _warn_of_other(f"texts of {found[0]} tokens", f"{model} reads {length}", weights)
    patches = shapes.get("visual.positional_embedding")
    if patches and isinstance(vision.get("layers"), int) and isinstance(vision.get("patch_size"), int):
        size = vision.get("image_size", 224)
        sides = cast("list[int]", size) if isinstance(size, list) else [cast("int", size)] * 2
        wanted = math.prod(side // cast("int", vision["patch_size"]) for side in sides)
        if patches[0] - 1 != wanted:
            _warn_of_other(f"images of {patches[0] - 1} patches", f"{model} cuts them into {wanted}", weights)


def _warn_of_other(trained: str, built: str, weights: Path) -> None:
    warnings.warn(
        f"the weights {weights} were trained on {trained} and {built}: positions are resampled, so all"
        " embeddings would be off; set model.model to the architecture that was trained",
        IlimeWarning,
        stacklevel=4,
    )


def _configuration(model: str) -> tuple[Json, Json]:
    base = asdict(PreprocessCfg())
    if model.startswith(_HUB):
        layout = _read_json(hub_file(model.removeprefix(_HUB), ("open_clip_config.json",)))
    elif model.endswith(".json"):
        layout = _read_json(Path(model))
    else:
        known = cast("Json | None", open_clip.get_model_config(model))
        if known is None:
            raise InputError(f"open_clip knows no architecture {model!r}; see open_clip.list_models()")
        return known, base
    inner = layout.get("model_cfg", layout)
    if not isinstance(inner, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= inner.keys():
        raise InputError(f"the configuration of {model} needs embed_dim, vision_cfg and text_cfg")
    overlay = layout.get("preprocess_cfg", {})
    return cast("Json", inner), merge_preprocess_dict(base, dict(cast("Json", overlay)))


def _read_json(path: Path) -> Json:
    try:
        content = json.loads(read_regular(path).decode())
    except (OSError, ValueError) as error:
        raise InputError(f"the model configuration {path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise InputError(
            f"the model configuration {path} must be a JSON object, got {type(content).__name__}"
        )
    return cast("Json", content)


def _tag(model: str, pretrained: str) -> Json:
    tag = cast("Json", get_pretrained_cfg(model, pretrained))
    if not tag:
        known = cast("list[str]", open_clip.list_pretrained_tags_by_model(model))
        near = get_close_matches(pretrained, known, n=5, cutoff=0) or ["none; give a checkpoint"]
        raise InputError(f"model {model!r} has no pretrained tag {pretrained!r}. Nearest: {', '.join(near)}.")
    return tag


def _weights(spec: EncoderSpec, tag: Json) -> Path:
    if spec.checkpoint is not None:
        if spec.checkpoint.suffix not in _CHECKPOINTS:
            raise InputError(f"a checkpoint ends in {', '.join(_CHECKPOINTS)}, got {spec.checkpoint}")
        if not spec.checkpoint.is_file():
            raise InputError(f"there is no checkpoint {spec.checkpoint}")
        return spec.checkpoint
    if spec.model.startswith(_HUB):
        return hub_file(spec.model.removeprefix(_HUB), _HUB_WEIGHTS)
    if not tag:
        raise InputError(f"model {spec.model!r} needs weights: a pretrained tag or a checkpoint")
    if tag.get("hf_hub"):
        repository, _, name = str(tag["hf_hub"]).rpartition("/")
        return hub_file(
            repository, (str(Path(name).with_suffix(".safetensors")), name) if name else _HUB_WEIGHTS
        )
    try:
        return Path(download_pretrained(dict(tag)))
    except (OSError, RuntimeError) as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(
            f"the weights of {spec.model} {spec.pretrained} are not on this machine and could not be "
            f"downloaded ({why}); connect once, or give a local checkpoint"
        ) from error


def _settled(configuration: Json, force_quick_gelu: bool) -> Json:
    """Copy, with quick_gelu as wanted, and no tower started from weights of its own."""
    settled = cast("dict[str, dict[str, object]]", json.loads(json.dumps(configuration)))
    if force_quick_gelu:
        settled["quick_gelu"] = True  # pyright: ignore[reportArgumentType] - JSON: values are not all objects
    if settled["vision_cfg"].get("timm_model_name"):
        settled["vision_cfg"]["timm_model_pretrained"] = False
    if settled["text_cfg"].get("hf_model_name"):
        settled["text_cfg"]["hf_model_pretrained"] = False
    return settled


def _preprocessing(given: Json, configuration: Json) -> Preprocessing:
    size = cast("Json", configuration["vision_cfg"]).get("image_size", 224)
    height, width = cast("list[int]", size) if isinstance(size, list) else (cast("int", size),) * 2
    resize = str(given["resize_mode"])
    # open_clip resizes to views that are not square with its default filter, whatever the configuration says.
    own_filter = resize != "shortest" or height == width
    bilinear = own_filter and given["interpolation"] == "bilinear"
    return Preprocessing(
        height=height,
        width=width,
        resize=resize,  # pyright: ignore[reportArgumentType] - checked by the record
        interpolation="bilinear" if bilinear else "bicubic",
        fill=cast("int", given["fill_color"]) if resize == "longest" else 0,
        mean=three_channels(given["mean"]),
        std=three_channels(given["std"]),
    )
