import pytest
import torch

from ilime_core.encoders.precision import (
    arithmetic,
    processor_has_bfloat16,
    resolve_device,
    resolve_precision,
    unit_norm,
)
from ilime_core.errors import InputError


def test_auto_is_float32_on_the_cpu_and_bfloat16_where_cuda_has_it(monkeypatch):
    assert resolve_precision("auto", "cpu") == "float32"
    for has, wanted in [(True, "bfloat16"), (False, "float32")]:
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, has=has: has)
        assert resolve_precision("auto", "cuda:0") == wanted


def test_what_is_asked_for_is_taken():
    assert resolve_precision("bfloat16", "cpu") == "bfloat16"
    with pytest.raises(InputError, match="got 'float16'"):
        resolve_precision("float16", "cpu")


def test_auto_takes_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve_device("auto") == "cuda:0"
    assert resolve_device("cuda:1") == "cuda:1"
    with pytest.raises(InputError, match="'cuda:2' was asked for, but torch sees 2"):
        resolve_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "meta", ""])
def test_unknown_devices_are_named(name):
    with pytest.raises(InputError, match=f"got {name!r}"):
        resolve_device(name)


def test_arithmetic_leaves_settings_as_they_were():
    weights = torch.rand(4, 4, requires_grad=True)
    before = torch.backends.cudnn.deterministic
    with arithmetic("cpu", "bfloat16"):
        product = weights @ weights
        assert torch.backends.cudnn.deterministic
    assert product.dtype == torch.bfloat16
    assert not product.requires_grad
    assert torch.backends.cudnn.deterministic == before
    assert (weights @ weights).dtype == torch.float32


def test_unit_norm_is_float32():
    rows = unit_norm(torch.tensor([[3.0, 4.0]], dtype=torch.bfloat16))
    assert rows.dtype == torch.float32
    assert torch.allclose(rows, torch.tensor([[0.6, 0.8]]))


@pytest.mark.parametrize(
    ("told", "has"),
    [
        ({"avx512_f": True, "avx512_bf16": True}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({}, False),
    ],
)
def test_a_processor_has_bfloat16_if_one_of_its_instruction_sets_has(monkeypatch, told, has):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert processor_has_bfloat16() is has


def test_a_torch_that_cannot_tell_has_none(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not processor_has_bfloat16()
