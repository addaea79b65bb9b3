"""The network of the scenes model with random weights, made once."""

import json

import pytest
import torch
from open_clip import CLIP
from safetensors.torch import save_file

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.scenes import CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec


@pytest.fixture(scope="session")
def scenes_clip(tmp_path_factory):
    """The network of the scenes model with random weights."""
    torch.set_num_threads(1)
    torch.manual_seed(3)
    network = CLIP(**json.loads(CONFIGURATION.read_text())["model_cfg"])
    path = tmp_path_factory.mktemp("clip") / "random.safetensors"
    save_file({name: weight.clone() for name, weight in network.state_dict().items()}, path)
    return build_encoder(
        EncoderSpec("open_clip", model=str(CONFIGURATION), checkpoint=path), "cpu", "float32"
    )
