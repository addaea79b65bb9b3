"""Differentiation of towers: settings of torch, gates on tokens, and activations of a layer."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from ilime_core.encoders.precision import unit_norm
from ilime_core.errors import InputError
from ilime_core.white_box_records import LastLayer

__all__ = [
    "Seen",
    "differentiable",
    "differentiable_layer",
    "frozen_layer_norm",
    "gated_tokens",
    "map_layer",
    "pad_gates",
    "seen",
]


@contextmanager
def differentiable(device: str) -> Generator[None]:
    """Run a tower in float32 with operations that have forward derivatives, and restore torch's settings.

    Fused attention has none, and ``nn.MultiheadAttention`` takes such a path by itself in evaluation.
    """
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    plain = torch.autocast(torch.device(device).type, enabled=False)
    fast_path = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH), plain, exact:
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)


def differentiable_layer(layer: LastLayer, device: str) -> LastLayer:
    """Run the second half of a cut tower under :func:`differentiable`.

    Parameters
    ----------
    layer
        The tower, cut in two.
    device
        Device of the tower.

    Returns
    -------
    LastLayer
        The same features; every call of ``read_out`` sets torch's settings and restores them.
    """

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        with differentiable(device):
            return layer.read_out(features)

    return replace(layer, read_out=read_out)


def pad_gates(
    gates: Float[Tensor, "batch tokens"], width: int, *, left: bool = False
) -> Float[Tensor, "batch width"]:
    """Pad rows of gates with 1, which leaves the padding of a token row as it is.

    Parameters
    ----------
    gates
        Gates in [0, 1], one per token.
    width
        Places of the padded token row.
    left
        Whether the padding is before the tokens instead of behind them.

    Returns
    -------
    Tensor, batch x width
        One gate per place.
    """
    missing = width - gates.shape[1]
    return functional.pad(gates, (missing, 0) if left else (0, missing), value=1.0)


@contextmanager
def gated_tokens(
    embedding: nn.Module, gates: Float[Tensor, "batch width"], substitute: Sequence[int]
) -> Generator[None]:
    """Mix the output of a token embedding with the mean embedding of some tokens, while the context lasts.

    Parameters
    ----------
    embedding
        Layer of the tower that embeds tokens.
    gates
        Gates in [0, 1], one per place: 1 leaves the token's own embedding.
    substitute
        Tokens whose mean embedding is mixed in.

    Yields
    ------
    None
        The tower runs inside the context.

    Raises
    ------
    InputError
        If ``substitute`` is empty.
    """
    if not substitute:
        raise InputError("the mask word has no token of its own, so no word can be replaced")
    weight = embedding.get_parameter("weight")
    other = weight[torch.tensor(list(substitute), device=weight.device)].detach().mean(dim=0)

    def mix(_module: nn.Module, _given: Any, own: Tensor) -> Tensor:
        gate = gates[:, :, None].to(own.dtype)
        return gate * own + (1 - gate) * other

    handle = embedding.register_forward_hook(mix)
    try:
        yield
    finally:
        handle.remove()


class Seen:
    """Input and output of the last run of a module."""

    def __init__(self) -> None:
        self._given: Tensor | None = None
        self._made: Tensor | None = None

    def note(self, given: Tensor, made: Tensor) -> None:
        """Keep input and output, without their gradients.

        Parameters
        ----------
        given, made
            First argument of the module, and its first or only result.
        """
        self._given, self._made = given.detach(), made.detach()

    @property
    def given(self) -> Tensor:
        """Input of the module.

        Raises
        ------
        InputError
            If the tower did not run it.
        """
        return _ran(self._given)

    @property
    def made(self) -> Tensor:
        """Output of the module.

        Raises
        ------
        InputError
            If the tower did not run it.
        """
        return _ran(self._made)


@contextmanager
def seen(module: nn.Module) -> Generator[Seen]:
    """Look at a module while the tower around it runs."""
    noted = Seen()

    def note(_module: nn.Module, given: tuple[Any, ...], made: Any) -> None:
        noted.note(given[0], made[0] if isinstance(made, tuple) else made)

    handle = module.register_forward_hook(note)
    try:
        yield noted
    finally:
        handle.remove()


def frozen_layer_norm(
    norm: nn.LayerNorm, rows: Float[Tensor, "rows width"], scale_of: Float[Tensor, "1 width"]
) -> Float[Tensor, "rows width"]:
    """Layer norm without its constant, every row divided by the deviation of ``scale_of``.

    Linear in ``rows``: if they add up to ``scale_of``, the results and the constant add up to its norm.

    Parameters
    ----------
    norm
        Layer whose weight and epsilon are used.
    rows
        Summands of ``scale_of``.
    scale_of
        Row that the layer itself normalises.

    Returns
    -------
    Tensor, rows x width
        Rows without their mean, scaled; the bias of ``norm`` is not added.
    """
    deviation = (scale_of.var(dim=1, correction=0, keepdim=True) + norm.eps).sqrt()
    scaled = (rows - rows.mean(dim=1, keepdim=True)) / deviation
    return scaled * norm.weight if norm.elementwise_affine else scaled


def map_layer(cells: Float[Tensor, "1 width rows columns"], head: Callable[[Tensor], Tensor]) -> LastLayer:
    """Cut a convolutional network before its head.

    Parameters
    ----------
    cells
        Its last map for one view.
    head
        The rest of the network: from maps to embeddings of any norm.

    Returns
    -------
    LastLayer
        One row of features per cell.
    """
    shape = cells.shape[1:]

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        return unit_norm(head(features.mT.reshape(-1, *shape)))

    return LastLayer(cells[0].flatten(1).mT.contiguous(), read_out, (shape[1], shape[2]))


def _ran(value: Tensor | None) -> Tensor:
    if value is None:
        raise InputError("the tower does not run its last layer in the known way: its map cannot be shown")
    return value
