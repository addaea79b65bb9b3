import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from ilime_core.encoders.cross_encoder import source
from ilime_core.encoders.cross_encoder.source import (
    CHECKPOINT,
    blank_network,
    cross_encoder_fingerprint,
    cross_layout,
    load_network,
)
from ilime_core.encoders.scenes import CHECKPOINTS
from ilime_core.errors import InputError


def test_the_packaged_weights_are_small_and_fit():
    assert CHECKPOINT.stat().st_size < 4e6
    network = load_network(CHECKPOINT)
    stored = load_file(CHECKPOINT)
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.float32}
    assert torch.equal(network.read_out.weight, stored["read_out.weight"].float())
    assert not network.training


@pytest.mark.parametrize("name", ["absent.safetensors", "text.safetensors"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, name):
    (tmp_path / "text.safetensors").write_text("no tensors here")
    with pytest.raises(InputError, match=f"{name} cannot be read") as caught:
        load_network(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_the_weights_of_clip_are_another_network():
    with pytest.raises(InputError, match="does not fit the cross-encoder"):
        load_network(CHECKPOINTS["final"])


@pytest.mark.parametrize("change", ["absent", "foreign", "shape"])
def test_weights_that_do_not_fit_are_named(tmp_path, change):
    weights = load_file(CHECKPOINT)
    if change == "absent":
        del weights["norm.weight"]
    elif change == "foreign":
        weights["norm.other"] = torch.zeros(3)
    else:
        weights["norm.weight"] = torch.zeros(5)
    save_file(weights, tmp_path / "changed.safetensors")
    with pytest.raises(InputError, match=r"1 tensors are .* first norm\.(weight|other):"):
        load_network(tmp_path / "changed.safetensors")


def test_the_fingerprint_follows_the_layout(tmp_path, monkeypatch):
    before = cross_encoder_fingerprint(CHECKPOINT)
    other = {"image_layers": 3, "text_layers": 2, "fusion_layers": 2, "heads": 4}
    (tmp_path / "other.json").write_text(json.dumps(other))
    monkeypatch.setattr(source, "_LAYOUT", tmp_path / "other.json")
    assert cross_encoder_fingerprint(CHECKPOINT) != before
    assert len(blank_network().fusion) == cross_layout().fusion_layers == 2


def test_without_a_checkpoint_there_is_no_fingerprint(tmp_path):
    with pytest.raises(InputError, match=r"none\.safetensors cannot be read"):
        cross_encoder_fingerprint(tmp_path / "none.safetensors")


def test_a_plan_compares_the_shapes_of_a_checkpoint(tmp_path):
    with pytest.raises(InputError, match="does not fit the cross-encoder"):
        cross_encoder_fingerprint(CHECKPOINTS["final"])
    (tmp_path / "weights.pt").write_bytes(b"anything")
    with pytest.raises(InputError, match="cannot be read as safetensors by its name"):
        cross_encoder_fingerprint(tmp_path / "weights.pt")
