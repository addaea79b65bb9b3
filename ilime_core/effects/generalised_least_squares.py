"""Generalised least squares of one item's fold-over rows: what several segments do is noise."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.odd_terms import odd_kernels, segment_sizes

__all__ = ["GeneralisedFit", "generalised_least_squares"]

_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
"""Shares of the noise that may come of several segments; with 1 the covariance could not be inverted."""

_FIFTH = (0.0, 0.1, 0.3, 0.6)
"""Shares of that which may come of five instead of three."""


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedFit:
    """Half the effects of one item, and the covariance of their errors.

    Attributes
    ----------
    halves
        Half the effects.
    scale
        The error of ``halves[i]`` has the covariance ``scale[i] residuals^T residuals``.
    residuals
        Whitened: independent of each other under the model, and divided by the root of the degrees of
        freedom.
    share, fifth
        Share of the noise that is taken to come of several segments, and the part of five in it.
    """

    halves: Float[Tensor, "segments dim"]
    scale: Float[Tensor, " segments"]
    residuals: Float[Tensor, "pairs dim"]
    share: Float[Tensor, ""]
    fifth: Float[Tensor, ""]


@dataclass(frozen=True, slots=True, eq=False)
class _Spectrum:
    """Kernels as seen through the regression, one for each part of five in them.

    ``leaning`` are the kernels between signs and the eigenvectors ``vectors`` of what is seen, ``along``
    those between effects.
    """

    values: Float[Tensor, "fifths pairs"]
    vectors: Float[Tensor, "fifths pairs pairs"]
    leaning: Float[Tensor, "fifths segments pairs"]
    along: Float[Tensor, "fifths segments"]


def generalised_least_squares(
    signs: Float[Tensor, "pairs segments"],
    odd: Float[Tensor, "pairs dim"],
    halves: Float[Tensor, "segments dim"],
    noise: Float[Tensor, " segments"],
) -> GeneralisedFit:
    """Regress odd halves on signs under the covariance ``t ((1 - u) K3 + u K5) + (1 - t) I`` of their noise.

    The odd half of an item's embedding is ``o = S a + f3 + f5 + e``: ``f3`` what three segments do together,
    which least squares takes for white noise, ``f5`` what five do. Here they are Gaussian processes over
    coalitions with the kernels of :func:`~ilime_core.effects.odd_terms.odd_kernels`. The shares t and u are
    those of a grid that restricted maximum likelihood [1]_ prefers: with M the projection on what S does not
    span (the columns of S are orthogonal), K the mixed kernel, kappa_k the eigenvalues of ``M K M`` and q_k
    the squared residuals along its eigenvectors,

        minimise (P - n) log sum_k q_k / (t kappa_k + 1 - t) + sum_k log(t kappa_k + 1 - t)

    over the P - n directions that S leaves. t = 0 gives least squares. Effects are
    ``(S^T C^-1 S)^-1 S^T C^-1 o`` with ``C = t K + (1 - t) I``, computed as least squares minus what the
    residuals tell of the noise along S, so that C is never inverted.

    Parameters
    ----------
    signs
        Of the first rows of complement pairs of whole fold-over blocks: orthogonal columns of 1 and -1.
    odd
        Half the differences within the pairs.
    halves
        Least squares of them, ``signs^T odd / pairs``.
    noise
        Expected square that errors add to each row of ``halves``.

    Returns
    -------
    GeneralisedFit
        In double precision. For fixed sizes and shares the mean over random signs of the columns is the
        truth: the kernels do not depend on these signs, and the bias by any term changes sign with them.

    References
    ----------
    .. [1] D. A. Harville, "Maximum likelihood approaches to variance component estimation and to related
       problems", JASA 72(358), 1977, pp. 320-338, doi:10.1080/01621459.1977.10480998.
    """
    pairs, segments = signs.shape
    freedom = pairs - segments
    third, fifth = odd_kernels(signs, segment_sizes(halves, noise))
    seen = _spectrum(signs, torch.stack([(1.0 - part) * third + part * fifth for part in _FIFTH]))
    shares = seen.values.new_tensor(_SHARES)
    found = seen.vectors.mT @ (odd - signs @ halves)
    variances = shares[:, None] * seen.values[:, None].clamp(min=0.0) + (1.0 - shares[:, None])
    squares = (found.square().sum(dim=2)[:, None] / variances).sum(dim=2)
    # Directions of S have the eigenvalue 0.
    volumes = variances.log().sum(dim=2) - segments * (1.0 - shares).log()
    tiny = torch.finfo(squares.dtype).tiny
    best = (freedom * squares.clamp(min=tiny).log() + volumes).flatten().argmin()
    part, place = best // len(_SHARES), best % len(_SHARES)
    share, variance = _at(shares, place), _at(variances.flatten(0, 1), best)
    leaning, found = share * _at(seen.leaning, part), _at(found, part)
    scale = (share * _at(seen.along, part) + 1.0 - share) / pairs
    return GeneralisedFit(
        halves=halves - (leaning / variance) @ found,
        scale=scale - (leaning.square() / variance).sum(dim=1),
        residuals=found / (variance.sqrt()[:, None] * freedom**0.5),
        share=share,
        fifth=_at(shares.new_tensor(_FIFTH), part),
    )


def _spectrum(
    signs: Float[Tensor, "pairs segments"], kernels: Float[Tensor, "fifths pairs pairs"]
) -> _Spectrum:
    pairs = len(signs)
    along = signs.mT @ kernels / pairs
    crossed = signs @ along
    between = along @ signs
    values, vectors = torch.linalg.eigh(kernels - crossed - crossed.mT + signs @ between @ signs.mT / pairs)
    # Eigenvectors of the eigenvalue 0 may lean into the span of S, where residuals and weights are zero.
    vectors = vectors - signs @ (signs.mT @ vectors / pairs)
    return _Spectrum(values, vectors, along @ vectors, between.diagonal(dim1=1, dim2=2))


def _at(rows: Float[Tensor, "rows *shape"], place: Tensor) -> Float[Tensor, "*shape"]:
    """One row, whose place stays on the device."""
    return rows.index_select(0, place[None])[0]
