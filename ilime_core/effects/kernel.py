"""Weights of coalitions that are near the full item."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["product_kernel_weights"]


def product_kernel_weights(masks: Bool[Tensor, "*batch segments"], width: float) -> Float[Tensor, "*batch"]:
    """Weigh masks of one side by ``exp(-(1 - cos)^2 / width^2)``, cos the cosine to the full mask.

    The product of the weights of both sides is a kernel on pairs of masks that factors, as the regression
    needs; LIME's own kernel takes the cosine of the concatenated mask, which does not. LIME's square root of
    the exponential is the same family with ``width * sqrt(2)``.

    Parameters
    ----------
    masks
        True keeps the segment.
    width
        Of the kernel, in units of 1 - cos, which runs from 0 (whole) to 1 (empty).

    Returns
    -------
    Float tensor, one per mask
        In (0, 1], 1 for the whole item; double precision.

    Raises
    ------
    InputError
        If ``width`` is not positive.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
       predictions of any classifier. KDD, 1135-1144. https://doi.org/10.1145/2939672.2939778
    """
    if not width > 0:
        raise InputError(f"the width of a kernel must be positive, got {width}.")
    cosine = masks.double().mean(dim=-1).sqrt()
    return torch.exp(-(((1.0 - cosine) / width) ** 2))
