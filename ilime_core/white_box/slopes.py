"""Directional derivatives in forward mode: one pass gives the derivative of the whole vector."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import forward_ad

from ilime_core.encoding.micro_batches import MicroBatches

__all__ = ["slopes"]


def slopes(
    function: Callable[[Tensor], Tensor],
    points: Float[Tensor, "rows *point"],
    directions: Float[Tensor, "rows *point"],
    batch_rows: int,
) -> tuple[Float[Tensor, "rows dim"], Float[Tensor, "rows dim"]]:
    """Values and directional derivatives of a function at many points.

    Parameters
    ----------
    function
        From rows of points to rows of values, each row by itself.
    points, directions
        Points, and the direction of each derivative.
    batch_rows
        Most rows at once; halved where the device runs out of memory.

    Returns
    -------
    values, slopes
        One row each, in the order of ``points``.
    """
    micro = MicroBatches()

    def part(start: int, stop: int) -> Float[Tensor, "part both"]:
        with forward_ad.dual_level():
            # Tangents are written to: rows that share memory would not do.
            dual = forward_ad.make_dual(points[start:stop].contiguous(), directions[start:stop].contiguous())
            value = forward_ad.unpack_dual(function(dual))
        # A function that does not depend on its argument has no tangent at all.
        slope = torch.zeros_like(value.primal) if value.tangent is None else value.tangent
        return torch.cat([value.primal.detach(), slope.detach()], dim=1)

    parts = [
        micro.encode(
            min(batch_rows, len(points) - at), lambda start, stop, at=at: part(at + start, at + stop)
        )
        for at in range(0, len(points), batch_rows)
    ]
    values, derivatives = torch.cat(parts).chunk(2, dim=1)
    return values, derivatives
