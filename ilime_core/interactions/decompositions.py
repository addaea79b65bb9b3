"""Decompositions of torch.linalg in the order and form that factors need."""

from collections.abc import Callable
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["eigenpairs", "singular_triples", "triangle"]

# torch.linalg has no types that pyright sees.
_EIGH = cast("Callable[[Tensor], tuple[Tensor, Tensor]]", torch.linalg.eigh)
_SVD = cast("Callable[[Tensor, bool], tuple[Tensor, Tensor, Tensor]]", torch.linalg.svd)
_QR = cast("Callable[[Tensor, str], tuple[Tensor, Tensor]]", torch.linalg.qr)


def eigenpairs(
    matrices: Float[Tensor, "*batch size size"],
) -> tuple[Float[Tensor, "*batch size"], Float[Tensor, "*batch size size"]]:
    """Eigenvalues of positive semi-definite matrices, largest first, and eigenvectors as columns.

    Negative rounding becomes zero.
    """
    values, vectors = _EIGH(matrices)
    return values.flip(-1).clamp_min(0), vectors.flip(-1)


def singular_triples(
    matrix: Float[Tensor, "rows columns"],
) -> tuple[Float[Tensor, "rows size"], Float[Tensor, " size"], Float[Tensor, "columns size"]]:
    """Left vectors as columns, singular values largest first, right vectors as columns."""
    left, values, right = _SVD(matrix, False)  # noqa: FBT003 - the cast keeps no names: full_matrices
    return left, values, right.mT


def triangle(rows: Float[Tensor, "rows dim"]) -> Float[Tensor, "size dim"]:
    """R with R^T R = rows^T rows and at most ``dim`` rows."""
    return _QR(rows, "r")[1]
