"""Token rows of different lengths, cut and padded into one rectangle."""

from collections.abc import Sequence
from itertools import chain

import torch
from jaxtyping import Int
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["cut_rows", "pad_rows"]


def cut_rows(rows: Sequence[Sequence[int]], length: int, *, n_last: int) -> list[Sequence[int]]:
    """Cut rows of tokens to a tower's context.

    Parameters
    ----------
    rows
        Token ids of each text, special tokens included.
    length
        Most tokens of a row.
    n_last
        Last tokens that a cut row keeps: they end a text for the tower.

    Returns
    -------
    list
        Rows of at most ``length`` tokens; those that fit are the same objects.
    """
    head = length - n_last
    return [row if len(row) <= length else [*row[:head], *row[len(row) - n_last :]] for row in rows]


def pad_rows(
    rows: Sequence[Sequence[int]], width: int | None, *, pad: int, device: str, left: bool = False
) -> Int[Tensor, "batch width"]:
    """Pad rows of tokens into one rectangle.

    Parameters
    ----------
    rows
        Token ids of each text.
    width
        Columns of the rectangle; the longest row where that is longer or this is None.
    pad
        Id of the padding token.
    device
        Device of the result.
    left
        Whether padding is put before the tokens instead of behind them.

    Returns
    -------
    Tensor, batch x width
        Token ids in int64.

    Raises
    ------
    InputError
        If there are no rows, or an empty one.
    """
    if not rows or not all(rows):
        raise InputError("token rows must be one or more and not empty (every row has special tokens)")
    lengths = [len(row) for row in rows]
    width = max(width or 0, *lengths)
    # One copy of the flat tokens instead of a tensor per row.
    flat = torch.tensor(list(chain.from_iterable(rows)))
    places = torch.arange(width)
    counts = torch.tensor(lengths)[:, None]
    inside = places >= width - counts if left else places < counts
    tokens = torch.full((len(rows), width), pad)
    tokens[inside] = flat
    return tokens.to(device)
