"""Device and arithmetic of the towers, resolved once and kept."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from ilime_core.errors import InputError

__all__ = [
    "PRECISIONS",
    "arithmetic",
    "processor_has_bfloat16",
    "resolve_device",
    "resolve_precision",
    "unit_norm",
]

PRECISIONS = ("float32", "bfloat16")

_NATIVE = ("avx512_bf16", "amx_bf16")
"""Instructions that multiply in bfloat16; without them libraries emulate it, slower than float32."""


def resolve_device(requested: str) -> str:
    """Name the device that ``requested`` stands for.

    Parameters
    ----------
    requested
        ``auto`` (CUDA where there is one, else the CPU), ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.

    Returns
    -------
    str
        ``cpu``, ``cuda:N`` or ``mps``.

    Raises
    ------
    InputError
        If the name is unknown or there is no such device.
    """
    if requested == "auto":
        requested = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(requested)
    except RuntimeError as error:
        raise InputError(f"device must be auto, cpu, cuda, cuda:N or mps, got {requested!r}") from error
    if device.type == "cuda":
        index = device.index or 0
        if index >= torch.cuda.device_count():
            count = torch.cuda.device_count()
            raise InputError(f"device {requested!r} was asked for, but torch sees {count} CUDA devices")
        return f"cuda:{index}"
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise InputError("device 'mps' was asked for, but torch sees none; use device: cpu")
    if device.type not in {"cpu", "mps"}:
        raise InputError(f"device must be auto, cpu, cuda, cuda:N or mps, got {requested!r}")
    return device.type


def resolve_precision(requested: str, device: str) -> str:
    """Name the arithmetic that ``requested`` stands for on a resolved device.

    Parameters
    ----------
    requested
        ``float32``, ``bfloat16``, or ``auto``: float32 on the CPU, so that laptops agree (a run may try
        bfloat16 there before its plan is frozen), and bfloat16 on CUDA devices that have it.
    device
        As :func:`resolve_device` returns it.

    Returns
    -------
    str
        ``float32`` or ``bfloat16``.

    Raises
    ------
    InputError
        If the name is unknown.
    """
    if requested == "auto":
        has_bfloat16 = device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
        return "bfloat16" if has_bfloat16 else "float32"
    if requested not in PRECISIONS:
        raise InputError(f"precision must be auto, {' or '.join(PRECISIONS)}, got {requested!r}")
    return requested


def processor_has_bfloat16() -> bool:
    """True if the CPU multiplies in bfloat16 itself; False too where torch cannot tell."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)
    return capabilities is not None and any(capabilities().get(name, False) for name in _NATIVE)


@contextmanager
def arithmetic(device: str, precision: str) -> Generator[None]:
    """Run a tower without gradients and repeatably, and leave torch's settings as they were.

    Parameters
    ----------
    device
        Device of the tower.
    precision
        ``float32``, also for convolutions on CUDA, or ``bfloat16`` where torch's autocast takes it.

    Yields
    ------
    None
        The tower runs inside the context.
    """
    kind = torch.device(device).type
    lower = torch.autocast(kind, torch.bfloat16, enabled=precision == "bfloat16")
    # cuDNN computes float32 convolutions in TF32 by default: off, so that float32 means float32.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    with torch.no_grad(), lower, exact:
        yield


def unit_norm(rows: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch dim"]:
    """Scale rows to length one in float32, whatever arithmetic they come from."""
    return functional.normalize(rows.float(), dim=-1)
