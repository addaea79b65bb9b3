"""What lies in the place of weights is said in its own words, before a network is built."""

import warnings

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ilime_core.encoders.weight_files import tensor_shapes
from ilime_core.errors import InputError

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 605157884\n"
WEIGHTS = {"a": torch.zeros(2, 3), "b.c": torch.zeros(())}


def test_shapes_are_those_of_the_tensors_in_every_format(tmp_path):
    save_file(WEIGHTS, tmp_path / "w.safetensors")
    torch.save(WEIGHTS, tmp_path / "w.pt")
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in WEIGHTS.items()}, "epoch": 3},
        tmp_path / "w.bin",
    )
    for name in ("w.safetensors", "w.pt", "w.bin"):
        assert tensor_shapes(tmp_path / name) == {"a": (2, 3), "b.c": ()}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty: copy or download it again"),
        (POINTER, "is a Git LFS pointer, not the weights themselves: run `git lfs pull`"),
        (b"\n<!DOCTYPE html><html>sign in</html>", "is a web page, not weights: download it again"),
        (b"no tensors at all", r"cannot be read \("),
    ],
)
@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_other_things_are_named(tmp_path, data, message, suffix):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        tensor_shapes(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_torchscript_is_named_with_its_cure(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch would rather export
        torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)).save(str(tmp_path / "w.pt"))
    with pytest.raises(InputError, match=r"TorchScript archive.*state_dict\(\), 'weights\.pt'"):
        tensor_shapes(tmp_path / "w.pt")


def test_a_module_is_more_than_tensors(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "w.pt")
    with pytest.raises(InputError, match="holds more than tensors and is not loaded: save its state_dict"):
        tensor_shapes(tmp_path / "w.pt")
    torch.save(torch.zeros(3), tmp_path / "w.pt")
    with pytest.raises(InputError, match="holds a Tensor, no tensors by name"):
        tensor_shapes(tmp_path / "w.pt")
