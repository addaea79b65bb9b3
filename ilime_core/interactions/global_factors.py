"""Factors of a whole benchmark: SVD of all left against all right segments, without forming that matrix."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.decompositions import eigenpairs, singular_triples
from ilime_core.interactions.factors import SIGN_TIE

__all__ = ["GlobalFactors", "SecondMoment", "global_factors", "second_moment"]

NEGLIGIBLE = 1e-12
"""Eigenvalues of a second moment below this share of the first are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class SecondMoment:
    """Sums over the effects of items, in float64; those of several blocks add up.

    Attributes
    ----------
    matrix
        sum of a a^T.
    total
        sum of a.
    n_segments
        Number of effects a.
    """

    matrix: Float[Tensor, "dim dim"]
    total: Float[Tensor, " dim"]
    n_segments: int

    def __add__(self, other: "SecondMoment") -> "SecondMoment":
        """Sums over the effects of both."""
        return SecondMoment(
            self.matrix + other.matrix, self.total + other.total, self.n_segments + other.n_segments
        )


@dataclass(frozen=True, slots=True, eq=False)
class GlobalFactors:
    """Leading factors of a benchmark, strongest first.

    Attributes
    ----------
    strengths
        Singular values of the matrix of all left by all right segments.
    energy
        Share of the squared strengths, of all and not only of the kept ones.
    left_directions, right_directions
        ``effects @ direction`` are the entries of the singular vectors that belong to an item's segments.
    """

    strengths: Float[Tensor, " factors"]
    energy: Float[Tensor, " factors"]
    left_directions: Float[Tensor, "factors dim"]
    right_directions: Float[Tensor, "factors dim"]

    def left_scores(self, effects: Float[Tensor, "*items dim"]) -> Float[Tensor, "*items factors"]:
        """Entries of the left singular vectors for effects of left segments."""
        return effects.to(self.left_directions.dtype) @ self.left_directions.mT

    def right_scores(self, effects: Float[Tensor, "*items dim"]) -> Float[Tensor, "*items factors"]:
        """Entries of the right singular vectors for effects of right segments."""
        return effects.to(self.right_directions.dtype) @ self.right_directions.mT


def second_moment(effects: Float[Tensor, "segments dim"]) -> SecondMoment:
    """Sum the outer products of the segments' effects over many items."""
    rows = effects.double()
    return SecondMoment(rows.mT @ rows, rows.sum(0), len(rows))


def global_factors(left: SecondMoment, right: SecondMoment, n_factors: int) -> GlobalFactors:
    """SVD of the interactions of all left with all right segments, from their second moments.

    Parameters
    ----------
    left, right
        Second moments of all segments of either side.
    n_factors
        Factors to keep; fewer come back where the interactions have a lower rank.

    Returns
    -------
    GlobalFactors
        Leading factors, float64.

    Raises
    ------
    InputError
        If ``n_factors`` is below 1 or the widths differ.

    Notes
    -----
    With C = E diag(l) E^T of either side, the columns of A E l^(-1/2) are orthonormal, so the singular values
    are those of l_a^(1/2) E_a^T E_b l_b^(1/2), which is ``dim`` square at most. Eigenvalues that are only
    rounding are omitted, so C may be singular. Signs follow the convention of single pairs, with sums over
    all segments; where those do not decide, the largest entry of the left direction becomes positive.
    """
    if n_factors < 1:
        raise InputError(f"got n_factors = {n_factors}, at least 1 is needed")
    if left.matrix.shape != right.matrix.shape:
        raise InputError(
            f"got embeddings of widths {len(left.matrix)} and {len(right.matrix)}, one width is needed"
        )
    left_values, left_vectors = _leading(left.matrix)
    right_values, right_vectors = _leading(right.matrix)
    middle = left_values.sqrt()[:, None] * (left_vectors.mT @ right_vectors) * right_values.sqrt()
    u, strengths, v = singular_triples(middle)
    kept = min(n_factors, int((strengths > NEGLIGIBLE**0.5 * strengths[:1].sum()).sum()))
    left_directions = (left_vectors / left_values.sqrt() @ u[:, :kept]).mT
    right_directions = (right_vectors / right_values.sqrt() @ v[:, :kept]).mT
    t = left_directions @ left.total / left.n_segments**0.5
    t = t + right_directions @ right.total / right.n_segments**0.5
    largest = left_directions.abs().argmax(1, keepdim=True)
    decisive = torch.where(t.abs() < SIGN_TIE, left_directions.gather(1, largest)[:, 0], t)
    sign = torch.where(decisive < 0, -1.0, 1.0).to(t.dtype)[:, None]
    return GlobalFactors(
        strengths=strengths[:kept],
        energy=strengths[:kept].square() / strengths.square().sum(),
        left_directions=left_directions * sign,
        right_directions=right_directions * sign,
    )


def _leading(
    moment: Float[Tensor, "dim dim"],
) -> tuple[Float[Tensor, " rank"], Float[Tensor, "dim rank"]]:
    values, vectors = eigenpairs(moment)
    kept = values > NEGLIGIBLE * values[:1]
    return values[kept], vectors[:, kept]
