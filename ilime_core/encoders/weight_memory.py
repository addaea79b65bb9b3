"""Alignment of a network's weights in memory, which decides the last bits of some kernels."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

__all__ = ["ALIGNMENT", "align_weights"]

ALIGNMENT = 64
"""Bytes. Addresses from torch's own allocator are multiples of it, those of tensors mapped from a file need
not be; MKL, for one, sums in another order where the address of an operand is no multiple of 16.
"""


def align_weights(network: nn.Module) -> nn.Module:
    """Copy weights that lie otherwise than torch would have laid them to memory of torch's own.

    The same weights then give the same bits, whichever file of whichever format they were loaded from.
    Parameters and buffers stay the objects that they are, tied ones stay tied, and dense layouts such as
    channels last stay. Weights that lie well, on another device or in a tensor type of another library are
    left alone: most networks cost nothing.

    Parameters
    ----------
    network
        Changed in place and returned.
    """
    for tensor in _weights(network):
        if not _is_dense(tensor):
            tensor.data = tensor.detach().clone(memory_format=torch.contiguous_format)
        elif tensor.data_ptr() % ALIGNMENT:
            tensor.data = tensor.detach().clone()
    return network


def _weights(network: nn.Module) -> Iterator[Tensor]:
    for tensor in (*network.parameters(), *network.buffers()):
        plain = type(tensor) in {Tensor, nn.Parameter}
        if plain and tensor.layout == torch.strided and tensor.device.type == "cpu":
            yield tensor


def _is_dense(tensor: Tensor) -> bool:
    last = {4: torch.channels_last, 5: torch.channels_last_3d}.get(tensor.dim())
    return tensor.is_contiguous() or (last is not None and tensor.is_contiguous(memory_format=last))
