"""Covariance of what three and five segments do together over the rows of a design: kernels of coalitions."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["odd_kernels", "segment_sizes"]

_ORDERS = (3, 5)
_LEAST_SIZE = 0.005
"""Size of a segment without an effect of its own, in means of all sizes: it may still act with others."""


def odd_kernels(
    signs: Float[Tensor, "rows segments"], sizes: Float[Tensor, " segments"]
) -> Float[Tensor, "2 rows rows"]:
    """Covariances of random sums of products of three signs, and of five.

    ``f3(s) = sum_{i<j<k} c_ijk s_i s_j s_k`` with independent coefficients of variance ``r_i r_j r_k`` is a
    Gaussian process over coalitions. Its covariance between two rows is the elementary symmetric polynomial
    ``e3(r_1 s_1 s'_1, ..., r_n s_n s'_n)`` of the products of both rows' signs with the sizes r; that of five
    segments is e5 likewise. They are summed segment by segment, ``e_k += r_i s_i s'_i e_(k-1)``, without a
    sum over triples. (Newton's identities would take three products of matrices, but cancel where one segment
    is far larger than all others.)

    Parameters
    ----------
    signs
        1 where a segment is kept, -1 where not.
    sizes
        r, positive: the scale of each segment's part in what several do.

    Returns
    -------
    Float tensor, 2 x rows x rows
        Third order and fifth, each normalised to a diagonal of 1; zero for fewer segments than the order.
        Neither changes when all signs of a column are changed.
    """
    sums = [torch.ones_like(signs @ signs.mT)]
    sums += [torch.zeros_like(sums[0]) for _ in range(max(_ORDERS))]
    for column, size in zip(signs.mT, sizes / sizes.sum(), strict=True):
        product = torch.outer(size * column, column)
        for order in range(max(_ORDERS), 0, -1):
            sums[order] = sums[order] + product * sums[order - 1]
    kernels = torch.stack([sums[order] for order in _ORDERS])
    level = kernels[:, :1, :1]
    return kernels / torch.where(level > 0, level, 1.0)


def segment_sizes(
    halves: Float[Tensor, "segments dim"], noise: Float[Tensor, " segments"]
) -> Float[Tensor, " segments"]:
    """Sizes of segments for :func:`odd_kernels`: squared effects without their noise.

    By heredity [1]_ several segments do much together where each does much by itself.

    Parameters
    ----------
    halves
        Half the effects, by least squares.
    noise
        Expected square that errors add to each.

    Returns
    -------
    Float tensor, one per segment
        In means of all, at least 0.005; all alike where no effect exceeds its noise.

    References
    ----------
    .. [1] M. Hamada, C. F. J. Wu, "Analysis of designed experiments with complex aliasing", Journal of
       Quality Technology 24(3), 1992, pp. 130-137, doi:10.1080/00224065.1992.11979383.
    """
    squares = (halves.square().sum(dim=1) - noise).clamp(min=0.0)
    mean = squares.mean()
    sizes = torch.where(mean > 0, squares / torch.where(mean > 0, mean, 1.0), 1.0)
    return sizes.clamp(min=_LEAST_SIZE)
