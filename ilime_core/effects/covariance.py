"""Covariances of embeddings, kept as a few leading factors and the mean of the rest."""

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.records import LowRankCovariance

__all__ = ["low_rank_covariance", "quadratic_form", "trace_product"]


def low_rank_covariance(rows: Float[Tensor, "... samples dim"], rank: int) -> LowRankCovariance:
    """Compress ``rows^T rows`` to its leading eigenvectors; its trace stays exact.

    Parameters
    ----------
    rows
        Scaled so that ``rows^T rows`` is the covariance.
    rank
        Rows of the returned factors; rows of zeros pad where the covariance has fewer.

    Returns
    -------
    LowRankCovariance
        Factors ``rank x dim``, each an eigenvector times the root of its eigenvalue, the largest first;
        ``rest`` is the mean of the eigenvalues left over.

    Raises
    ------
    InputError
        If ``rank`` is not positive.
    """
    if rank < 1:
        raise InputError(f"the rank of a covariance must be at least 1, got {rank}.")
    samples, dim = rows.shape[-2:]
    wide = samples < dim
    values, vectors = torch.linalg.eigh(rows @ rows.mT if wide else rows.mT @ rows)
    kept = min(rank, samples, dim)
    # Rounding makes zero eigenvalues slightly negative.
    values = values[..., -kept:].flip(-1).clamp(min=0.0)
    vectors = vectors[..., -kept:].flip(-1)
    # The eigenvectors of the small Gram matrix carry rows to sqrt(eigenvalue) times those of the large one.
    leading = vectors.mT @ rows if wide else values.sqrt()[..., None] * vectors.mT
    padding = leading.new_zeros(*leading.shape[:-2], rank - kept, dim)
    trace = rows.square().sum(dim=(-2, -1))
    rest = (trace - leading.square().sum(dim=(-2, -1))).clamp(min=0.0) / max(dim - kept, 1)
    return LowRankCovariance(
        torch.cat([leading, padding], dim=-2), rest if kept < dim else torch.zeros_like(rest)
    )


def quadratic_form(
    covariance: LowRankCovariance, vectors: Float[Tensor, "... vectors dim"]
) -> Float[Tensor, "... vectors"]:
    """``b^T V b`` of every row b of ``vectors``; leading axes broadcast.

    Parameters
    ----------
    covariance
        V, ``dim x dim``.
    vectors
        Rows b.

    Returns
    -------
    Float tensor
        Variance of the inner product with each row b.
    """
    weights, _ = _excess(covariance)
    along = vectors @ covariance.factors.mT
    return (weights[..., None, :] * along.square()).sum(-1) + covariance.rest[
        ..., None
    ] * vectors.square().sum(-1)


def trace_product(left: LowRankCovariance, right: LowRankCovariance) -> Float[Tensor, "..."]:
    """``tr(V_left V_right)``; leading axes broadcast.

    Parameters
    ----------
    left, right
        Covariances of one ``dim``, of ranks that may differ.

    Returns
    -------
    Float tensor
        One number for each entry of the leading axes.
    """
    left_weights, left_values = _excess(left)
    right_weights, right_values = _excess(right)
    overlap = (left.factors @ right.factors.mT).square()
    shared = (left_weights[..., :, None] * overlap * right_weights[..., None, :]).sum(dim=(-2, -1))
    return (
        shared
        + left.rest * (right_weights * right_values).sum(-1)
        + right.rest * (left_weights * left_values).sum(-1)
        + left.rest * right.rest * left.factors.shape[-1]
    )


def _excess(
    covariance: LowRankCovariance,
) -> tuple[Float[Tensor, "... rank"], Float[Tensor, "... rank"]]:
    # V = rest I + sum_r w_r l_r l_r^T with w_r = 1 - rest / |l_r|^2: the identity counts once along every
    # factor.
    values = covariance.factors.square().sum(-1)
    present = values > 0
    weights = torch.where(
        present, 1.0 - covariance.rest[..., None] / values.where(present, values.new_ones(())), 0.0
    )
    return weights, values
