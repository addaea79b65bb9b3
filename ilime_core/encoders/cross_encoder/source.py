"""The files of the cross-encoder, and how a network is made from them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from open_clip import CLIP
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from ilime_core.encoders.cross_encoder.network import CrossEncoder, CrossLayout
from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.open_clip.tokens import build_tokeniser
from ilime_core.encoders.preprocessing import Preprocessing, three_channels
from ilime_core.encoders.row_tokeniser import RowTokeniser
from ilime_core.encoders.scenes import CONFIGURATION as TOWERS
from ilime_core.encoders.weight_files import tensor_shapes
from ilime_core.errors import InputError
from ilime_core.regular_file import open_regular

__all__ = [
    "CHECKPOINT",
    "blank_network",
    "build_preprocessing",
    "build_scene_tokeniser",
    "cross_encoder_fingerprint",
    "cross_layout",
    "load_network",
]

CHECKPOINT = Path(__file__).parent / "cross_encoder.safetensors"
"""Trained weights, in half precision."""

_LAYOUT = Path(__file__).parent / "cross_encoder.json"


def cross_layout() -> CrossLayout:
    """The depths that the packaged weights were trained with."""
    return CrossLayout(**json.loads(_LAYOUT.read_text(encoding="utf-8")))


def blank_network() -> CrossEncoder:
    """The network of the packaged weights, not trained."""
    layout = cast("dict[str, Any]", _towers()["model_cfg"])
    return CrossEncoder(cast("nn.Module", CLIP(**layout)), cross_layout())


def load_network(checkpoint: Path) -> CrossEncoder:
    """Build the network and fill it from a file of tensors.

    Raises
    ------
    InputError
        If the file is absent, is no safetensors file, or holds the weights of another network.
    """
    network = blank_network()
    _check_fit(checkpoint, network)
    try:
        open_regular(checkpoint).close()
        weights = load_file(checkpoint)
    except (OSError, SafetensorError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(
            f"the cross-encoder's checkpoint {checkpoint} cannot be read as safetensors ({why}): "
            "give a file that training.train_cross_encoder wrote"
        ) from error
    network.load_state_dict(weights)
    return network.eval().requires_grad_(requires_grad=False)


def _check_fit(checkpoint: Path, network: CrossEncoder) -> None:
    """Compare names and shapes; no weights are read for it."""
    if checkpoint.suffix != ".safetensors":
        raise InputError(
            f"the cross-encoder's checkpoint {checkpoint} cannot be read as safetensors by its name: give a"
            " file that training.train_cross_encoder wrote"
        )
    found = tensor_shapes(checkpoint)
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    wrong = sorted(name for name in wanted.keys() | found.keys() if found.get(name) != wanted.get(name))
    if wrong:
        raise InputError(
            f"the checkpoint {checkpoint} does not fit the cross-encoder: {len(wrong)} tensors are absent, "
            f"foreign or of another shape, first {wrong[0]}: give a file that training.train_cross_encoder "
            "wrote"
        )


def build_scene_tokeniser() -> RowTokeniser:
    """The tokenizer of the towers, which reads the captions of generated scenes word by word."""
    return build_tokeniser(json.dumps(_towers()["model_cfg"]), TOWERS.parent)


def build_preprocessing() -> Preprocessing:
    """From an upright picture to the view, as the towers were trained."""
    layout = _towers()
    side = cast("dict[str, int]", layout["model_cfg"]["vision_cfg"])["image_size"]
    scaling = layout["preprocess_cfg"]
    mean, std = three_channels(scaling["mean"]), three_channels(scaling["std"])
    return Preprocessing(side, side, "shortest", "bicubic", 0, mean, std)


def cross_encoder_fingerprint(checkpoint: Path) -> str:
    """Digest weights, layout, tokenizer and preprocessing; the network is not built.

    Raises
    ------
    InputError
        If the checkpoint cannot be read, or holds the weights of another network.
    """
    if checkpoint != CHECKPOINT:
        _check_fit(checkpoint, blank_network())
    return model_fingerprint(
        [checkpoint],
        architecture={"towers": _towers()["model_cfg"], **asdict(cross_layout())},
        tokenizer=build_scene_tokeniser().identity(),
        preprocessing=build_preprocessing(),
    )


def _towers() -> dict[str, dict[str, object]]:
    return json.loads(TOWERS.read_text(encoding="utf-8"))
