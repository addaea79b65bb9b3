"""Check that a text tower gives the same embedding when the padding behind a text is omitted."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["can_be_trimmed"]

# Float32 rounding of unit vectors between two shapes is about 1e-7; attention to padding is seen at once.
_TOLERANCE = 2e-6


def can_be_trimmed(
    whole: Float[Tensor, "batch dim"],
    embed: Callable[[Tensor], Tensor],
    tokens: Int[Tensor, "batch context"],
    lengths: list[int],
) -> bool:
    """Encode texts with and without their padding and compare.

    Causal towers that are read at the end of the text pass: positions behind it cannot reach it. So do towers
    with an attention mask. Towers that read the last position or attend to padding fail, and those that
    cannot take fewer positions.

    Parameters
    ----------
    whole
        Unit-norm embeddings of ``tokens`` by the tower itself, in float32.
    embed
        The way from shorter rows to unit-norm embeddings that is on trial, in float32.
    tokens
        Rows padded behind the text to the whole context.
    lengths
        Tokens of each row before the padding.

    Returns
    -------
    bool
        True if all embeddings agree within 2e-6.
    """
    for row, length in enumerate(lengths):
        try:
            cut = embed(tokens[row : row + 1, :length])
        except (RuntimeError, IndexError):
            return False
        if not torch.allclose(cut[0], whole[row], rtol=0, atol=_TOLERANCE):
            return False
    return True
