"""Inspection of weight files: names and shapes of their tensors, before anything is built."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open

from ilime_core.errors import InputError
from ilime_core.git_lfs import is_pointer
from ilime_core.regular_file import open_regular

__all__ = ["LOADING_ERRORS", "check_weight_file", "tensor_shapes"]

_HEAD = 512
_SAVED = (b"PK", b"\x80")
"""How files of torch.save begin: zip archives, or before 2020 pickles."""
LOADING_ERRORS = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    EOFError,
    SafetensorError,
    UnpicklingError,
)
"""Exceptions of the libraries' loaders at files that are broken or of another network."""


def check_weight_file(path: Path) -> None:
    """Say what lies in the place of weights, where the loader's own words would mislead.

    Raises
    ------
    InputError
        If the file is empty, a Git LFS pointer, a web page, a TorchScript archive, or begins as none of its
        kind; the message says what to do.
    """
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise InputError(f"the model file {path} cannot be read: {error.strerror or error}") from error
    what = ""
    if not head:
        what = "is empty: copy or download it again"
    elif is_pointer(head):
        what = "is a Git LFS pointer, not the weights themselves: run `git lfs pull` where it was cloned"
    elif head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        what = "is a web page, not weights: download it again, from the link of the raw file"
    elif _is_torchscript(path):
        what = (
            "is a TorchScript archive, which holds code and is not run: save its tensors with "
            "torch.save(torch.jit.load(FILE).state_dict(), 'weights.pt')"
        )
    elif path.suffix != ".safetensors" and not head.startswith(_SAVED):
        what = "cannot be read (it is no file of torch.save): copy or download it again"
    if what:
        raise InputError(f"the checkpoint {path} {what}")


def tensor_shapes(path: Path) -> Mapping[str, tuple[int, ...]]:
    """Shapes of the tensors of a weight file by name; of most formats the header alone is read.

    Raises
    ------
    InputError
        As `check_weight_file`, or if the file holds more than tensors or is broken.
    """
    check_weight_file(path)
    try:
        if path.suffix == ".safetensors":
            with safe_open(str(path), framework="pt") as file:
                names = list(file.keys())
                return {name: tuple(file.get_slice(name).get_shape()) for name in names}
        content: Any = torch.load(path, map_location="meta", weights_only=True)
    except UnpicklingError as error:
        raise InputError(
            f"the checkpoint {path} holds more than tensors and is not loaded: save its state_dict"
        ) from error
    except LOADING_ERRORS as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"the checkpoint {path} cannot be read ({why}): copy it again") from error
    return _shapes(content, path)


def _shapes(content: object, path: Path) -> Mapping[str, tuple[int, ...]]:
    inner = content
    if isinstance(content, dict):
        inner = cast("dict[str, object]", content).get("state_dict", content)
    if not isinstance(inner, dict):
        raise InputError(
            f"the checkpoint {path} holds a {type(content).__name__}, no tensors by name: save a state_dict"
        )
    tensors = cast("dict[str, object]", inner)
    return {
        str(name).removeprefix("module."): tuple(value.shape)
        for name, value in tensors.items()
        if isinstance(value, torch.Tensor)
    }


def _is_torchscript(path: Path) -> bool:
    """Whether a zip file has code beside its tensors."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return any(name.endswith("/constants.pkl") or "/code/" in name for name in names)
