"""Order of axes inside torch's attention layers: what makes bfloat16 fast on a processor."""

from typing import Any

from torch import Tensor, nn

__all__ = ["lay_out_attention", "lay_places_first"]

_READ = ("query", "key", "value")


def lay_out_attention(model: nn.Module, device: str, precision: str) -> nn.Module:
    """Lay the attention layers of a model out for the arithmetic that it runs in.

    Parameters
    ----------
    model
        Its layers are changed in place where `lay_places_first` helps.
    device, precision
        As resolved by :mod:`ilime_core.encoders.precision`.

    Returns
    -------
    nn.Module
        The same model.
    """
    return lay_places_first(model) if device == "cpu" and precision == "bfloat16" else model


def lay_places_first(model: nn.Module) -> nn.Module:
    """Give attention layers their tokens as places x batch x width, contiguous; their results stay the same.

    Layers with the batch first swap both axes without copying. The projection behind that sees rows that
    are not contiguous, which in bfloat16 is computed by a product for each place, and the weights are copied
    for each: on a ViT-B/32 that takes longer than all else together.

    Parameters
    ----------
    model
        Its layers are changed in place.

    Returns
    -------
    nn.Module
        The same model.
    """
    for layer in model.modules():
        if isinstance(layer, nn.MultiheadAttention) and layer.batch_first:
            layer.batch_first = False
            layer.register_forward_pre_hook(_places_first, with_kwargs=True)
            layer.register_forward_hook(_batch_first)
    return model


def _places_first(
    _layer: nn.Module, given: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Swap the axes of query, key and value; equal ones stay one tensor, and are then projected at once."""
    turned: dict[int, Tensor] = {}
    for one in (*given[:3], *(named[name] for name in _READ if name in named)):
        turned.setdefault(id(one), one.transpose(0, 1).contiguous())
    named = named | {name: turned[id(named[name])] for name in _READ if name in named}
    return (*(turned[id(one)] for one in given[:3]), *given[3:]), named


def _batch_first(_layer: nn.Module, _given: Any, made: tuple[Tensor, Any]) -> tuple[Tensor, Any]:
    return made[0].transpose(0, 1), made[1]
