"""The same architecture with weights that mean nothing: what an explanation of the model must not survive."""

from collections.abc import Iterator
from functools import cached_property
from inspect import getattr_static
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["RandomisableEncoder", "check_randomisable", "randomise"]


@runtime_checkable
class RandomisableEncoder(Protocol):
    """A dual encoder that can make a random one of its own kind; needed where towers are no torch modules."""

    def randomised(self, rng: np.random.Generator) -> DualEncoder:
        """An encoder of the same architecture, tokenizer and view whose weights are drawn anew."""
        ...


def randomise(encoder: DualEncoder, rng: np.random.Generator) -> DualEncoder:
    """Permute the entries of every floating-point tensor of both towers, each tensor within itself.

    A permutation needs no knowledge of the architecture and keeps the distribution of each tensor, so that
    activations stay about as large as they were: fresh draws from a layer's own initialisation do not exist
    for all tensors (class tokens, positions, fused normalisations), and a Gaussian would give scales of
    normalisations a sign. Tensors that no checkpoint holds (masks of attention) stay.

    Parameters
    ----------
    encoder
        Freshly built and not used elsewhere: its modules are changed in place. An encoder with a method
        ``randomised`` is asked for another one instead.
    rng
        Draws one permutation per tensor, in the order of the towers' modules.

    Returns
    -------
    DualEncoder
        ``encoder`` itself, or the one that its method ``randomised`` made.

    Raises
    ------
    InputError
        If a tower has no torch module among its attributes and the encoder no method ``randomised``.

    References
    ----------
    .. [1] Adebayo, J. et al. (2018). Sanity checks for saliency maps. NeurIPS.
       https://arxiv.org/abs/1810.03292
    """
    if isinstance(encoder, RandomisableEncoder):
        return encoder.randomised(rng)
    check_randomisable(encoder)
    permuted: set[int] = set()
    for tower in (encoder.image, encoder.text):
        for tensor in (tensor for module in _modules(tower) for tensor in module.state_dict().values()):
            if tensor.is_floating_point() and tensor.data_ptr() not in permuted:
                permuted.add(tensor.data_ptr())  # towers share modules, and modules share tensors
                _permute(tensor, rng)
        _forget(tower)
    return encoder


def check_randomisable(encoder: DualEncoder) -> None:
    """Refuse a model whose weights cannot be found, before anything is encoded.

    Raises
    ------
    InputError
        If a tower has no torch module among its attributes and the encoder no method ``randomised``.
    """
    if isinstance(encoder, RandomisableEncoder):
        return
    for side, tower in (("image", encoder.image), ("text", encoder.text)):
        if not any(True for _ in _modules(tower)):
            raise InputError(
                f"randomised_weights: the {side} tower {type(tower).__name__} holds no torch.nn.Module, and "
                f"{type(encoder).__name__} has no method randomised(rng): give the model one or the other"
            )


def _modules(tower: object) -> Iterator[nn.Module]:
    if isinstance(tower, nn.Module):
        yield tower
        return
    yield from (value for value in vars(tower).values() if isinstance(value, nn.Module))


def _permute(tensor: Tensor, rng: np.random.Generator) -> None:
    order = torch.from_numpy(rng.permutation(tensor.numel())).to(tensor.device)
    tensor.copy_(tensor.flatten()[order].view_as(tensor))


def _forget(tower: object) -> None:
    """Drop what a tower has kept of its old weights."""
    for name in list(vars(tower)):
        if isinstance(getattr_static(type(tower), name, None), cached_property):
            del vars(tower)[name]
