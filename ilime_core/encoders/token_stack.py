"""Transformers that are shown some of their tokens; those of other patches end behind the embedding."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor, nn

from ilime_core.errors import InputError

__all__ = ["TokenStack", "keep_tokens", "no_tokens"]


@dataclass(frozen=True, slots=True, eq=False)
class TokenStack:
    """The blocks of a vision transformer, behind patch embedding and positions.

    Attributes
    ----------
    blocks
        Module whose only tensor input is the tokens, batch x tokens x width, those of patches last and in
        rows.
    n_prefix
        Tokens before those of the patches, like the class token; they are always kept.
    grid
        Rows and columns of patches.
    """

    blocks: nn.Module
    n_prefix: int
    grid: tuple[int, int]


@contextmanager
def keep_tokens(
    stack: TokenStack, images: Int[Tensor, " rows"], patches: Int[Tensor, "rows kept"]
) -> Generator[None]:
    """Show the blocks rows of tokens that are picked from those of a few images.

    Parameters
    ----------
    stack
        The blocks.
    images
        Image of each row, by its place in the batch that the tower is called with.
    patches
        Kept patches of each row, by number in the grid.

    Yields
    ------
    None
        The tower, called inside the context, returns one output a row.
    """
    prefix = torch.arange(stack.n_prefix, device=patches.device).expand(len(patches), -1)
    kept = torch.cat([prefix, patches + stack.n_prefix], dim=1)
    is_nothing = kept.shape[1] == 0
    # Attention cannot run on no token: the blocks get one, and what they make of it is thrown away.
    shown = kept.new_zeros((len(kept), 1)) if is_nothing else kept

    def pick(
        _module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if given:
            return (given[0][images[:, None], shown], *given[1:]), named
        [name] = [one for one, value in named.items() if isinstance(value, Tensor)]
        return given, named | {name: named[name][images[:, None], shown]}

    handles = [stack.blocks.register_forward_pre_hook(pick, with_kwargs=True)]
    if is_nothing:
        handles.append(stack.blocks.register_forward_hook(_emptied))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _emptied(_module: nn.Module, _given: Any, made: Any) -> Any:
    """The blocks' output without any token; transformers wraps it in a record."""
    if isinstance(made, Tensor):
        return made[:, :0]
    made.last_hidden_state = made.last_hidden_state[:, :0]
    return made


def no_tokens(tower: str, why: str) -> InputError:
    """Make the error of a tower that cannot leave patches out.

    Parameters
    ----------
    tower
        Name of the network.
    why
        What it does instead.

    Returns
    -------
    InputError
        One line that ends with what works.
    """
    return InputError(
        f"the image tower {tower} {why}: image_baseline drop_tokens needs a vision transformer that reads a "
        "class token or pools by attention; take segment_mean"
    )
