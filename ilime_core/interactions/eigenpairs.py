"""Eigenpairs of positive semi-definite matrices, largest first."""

from collections.abc import Callable
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["eigenpairs"]


def eigenpairs(
    matrices: Float[Tensor, "*batch size size"],
) -> tuple[Float[Tensor, "*batch size"], Float[Tensor, "*batch size size"]]:
    """Eigenvalues, cleared of negative rounding, and eigenvectors as columns in the same order."""
    # torch.linalg is written in C and has no types that pyright sees.
    decompose = cast("Callable[[Tensor], tuple[Tensor, Tensor]]", torch.linalg.eigh)  # pyright: ignore[reportUnknownMemberType]
    values, vectors = decompose(matrices)
    return values.flip(-1).clamp_min(0), vectors.flip(-1)
