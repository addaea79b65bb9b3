"""Noise of each effect under whole fold-over blocks: what three segments do together spares their own."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["BlockNoise", "block_noise", "own_shares", "spread_factor"]

_POWERS = (0.5, 1.0, 2.0)
"""Of the norms of effects, to which triples may be in proportion."""

_MOST_OWN = 0.75
"""Largest share that is taken off: no error is less than half of the common one."""

_MANY_PAIRS = 1024
"""Complement pairs of which all products are formed; of more the first of them are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockNoise:
    """How the noise of one batch of regressions falls on its effects.

    Attributes
    ----------
    scales
        Factors of the common variance.
    explained
        Share of the residuals' variance that goes with the segments' own effects.
    """

    scales: Float[Tensor, "items segments"]
    explained: Float[Tensor, " items"]


def block_noise(
    signs: Float[Tensor, "items pairs segments"],
    halves: Float[Tensor, "items segments dim"],
    residuals: Float[Tensor, "items pairs dim"],
    order: int,
) -> BlockNoise:
    """Factors of the common variance of effects on whole fold-over blocks, one for each segment.

    The odd half of an item's embedding is ``sum_j a_j s_j + sum_T c_T s_T + ...``: T three segments, s_T the
    product of their signs. The second sum is what the regression on single signs takes for noise. In a block
    of order o the product of three columns is orthogonal to each of the three, and spreads over the o - 3
    others; signs of columns are random, so that different triples do not meet. With S the sum of all
    ``|c_T|^2``, S_j that of the triples with segment j, and P = B o complement pairs in B blocks

        E |error of a_j|^2 = (S - S_j) / (B (o - 3)),
        E RSS / P = S (1 - (n - 3) / (B (o - 3)))

    (each triple meets n - 3 effects of others, whose squares the residuals lack). One variance for all,
    ``RSS / (P (P - n))``, is therefore to be multiplied by ``K (1 - S_j / S)`` with
    ``K = (P - n) / (B (o - 3) - (n - 3))``: 1 in a single block. A segment that is in most of what three do
    together has far smaller errors than one that is in none of it. Terms of fifth order fall on all effects
    alike.

    Parameters
    ----------
    signs
        1 where a segment is kept, -1 where not, of the first rows of the pairs.
    halves
        a_j: half the effects, without a ridge.
    residuals
        Of half the differences within the pairs.
    order
        Of the blocks.

    Returns
    -------
    BlockNoise
        ``scales`` are relative to ``RSS / (P (P - n))``.
    """
    pairs, segments = signs.shape[1:]
    parts = zip(signs, halves, residuals, strict=True)
    owned, explained = zip(*(own_shares(*one) for one in parts), strict=True)
    kept = 1.0 - torch.stack(owned).clamp(max=_MOST_OWN)
    return BlockNoise(spread_factor(pairs, segments, order) * kept, kept.new_tensor(explained))


def spread_factor(pairs: int, segments: int, order: int) -> float:
    """K of :func:`block_noise`; 1 where too few columns are left to spread over.

    Parameters
    ----------
    pairs
        P, complement pairs in all blocks together.
    segments
        n.
    order
        o, pairs in a block.

    Returns
    -------
    float
        At least 1.
    """
    left = pairs // order * (order - 3) - (segments - 3)
    return (pairs - segments) / left if segments > 3 and left > 0 else 1.0


def own_shares(
    signs: Float[Tensor, "pairs segments"],
    halves: Float[Tensor, "segments dim"],
    residuals: Float[Tensor, "pairs dim"],
) -> tuple[Float[Tensor, " segments"], float]:
    """Share of the noise that comes of triples with each segment, and t, as heredity and the residuals tell.

    There are too many triples to estimate each ``|c_T|^2``. By heredity [1]_ they go with the effects of
    their segments: ``|c_T|^2 = v r_i r_j r_k / e3(r)``, r_i a power of the norm of a_i without its noise, e_k
    the elementary symmetric polynomials. Then ``S_j / S = t r_j e2(r without j) / e3(r)``, t the share of the
    noise that is made so. Neither t nor the power is taken on trust: inner products of residuals are
    regressed on what the law says of them (``e3`` of the products of both rows' signs, seen through the
    regression) beside white noise, and of the powers 1/2, 1 and 2 the one that explains most is kept. A
    segment that is large by itself and in no triple, or triples of segments without effects, give a t near
    0, and the common variance stays.

    Parameters
    ----------
    signs, halves, residuals
        Of one item, as in :func:`block_noise`.

    Returns
    -------
    tuple of a Float tensor and float
        ``S_j / S`` of each segment j, and t, both 0 to 1; all 0 where fewer than three segments have effects
        beyond their noise.

    References
    ----------
    .. [1] M. Hamada, C. F. J. Wu, "Analysis of designed experiments with complex aliasing", Journal of
       Quality Technology 24(3), 1992, pp. 130-137, doi:10.1080/00224065.1992.11979383.
    """
    pairs, segments = signs.shape
    noise = residuals.square().sum() / (pairs * (pairs - segments))
    squares = (halves.square().sum(dim=1) - noise).clamp(min=0.0)
    found = torch.zeros_like(squares)
    if int((squares > 0).sum()) < 3:
        return found, 0.0
    rows = signs[:_MANY_PAIRS]
    seen = residuals[:_MANY_PAIRS] @ residuals[:_MANY_PAIRS].mT
    most, explained = 0.0, 0.0
    for power in _POWERS:
        sizes = torch.where(squares > 0, squares ** (power / 2.0), 0.0)
        sizes = sizes / sizes.sum()
        share, gain = _explained(seen, _seen_triples(rows, sizes, pairs), rows, pairs)
        if gain > most:
            most, explained, found = gain, share, share * _in_triples(sizes)
    return found, explained


def _in_triples(sizes: Float[Tensor, " segments"]) -> Float[Tensor, " segments"]:
    """r_j e2(r without j) / e3(r) of sizes whose sum is 1."""
    two, three = sizes.square().sum(), (sizes**3).sum()
    others = ((1.0 - sizes).square() - (two - sizes.square())) / 2.0
    return sizes * others / ((1.0 - 3.0 * two + 2.0 * three) / 6.0)


def _seen_triples(
    rows: Float[Tensor, "rows segments"], sizes: Float[Tensor, " segments"], pairs: int
) -> Float[Tensor, "rows rows"]:
    """Covariance of residuals that triples by heredity give, up to a factor: 1 before the regression."""
    first = (rows * sizes) @ rows.mT
    kernel = first**3 - 3.0 * sizes.square().sum() * first + 2.0 * (rows * sizes**3) @ rows.mT
    kernel = kernel / kernel[0, 0]
    fitted = rows.mT @ kernel / pairs
    crossed = rows @ fitted
    return kernel - crossed - crossed.mT + rows @ (fitted @ rows / pairs) @ rows.mT


def _explained(
    seen: Float[Tensor, "rows rows"],
    kernel: Float[Tensor, "rows rows"],
    rows: Float[Tensor, "rows segments"],
    pairs: int,
) -> tuple[float, float]:
    """Share t, between 0 and 1, and the squares that the kernel explains of what white noise leaves; or 0."""
    white = -rows @ rows.mT / pairs
    white.diagonal().add_(1.0)
    by_white = float((white * white).sum())
    slope_on_white = float((kernel * white).sum()) / by_white
    level = float((seen * white).sum()) / by_white
    spread = float((kernel * kernel).sum()) - slope_on_white**2 * by_white
    along = float((seen * kernel).sum()) - level * slope_on_white * by_white
    if along <= 0 or spread <= 0:
        return 0.0, 0.0
    by_triples = along / spread
    rest = level - slope_on_white * by_triples
    return by_triples / (by_triples + max(rest, 0.0)), along**2 / spread
