"""Ridge penalty chosen by leave-one-out prediction, from one decomposition."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["PENALTIES", "chosen_penalty", "prediction_errors"]

PENALTIES = tuple(10.0 ** (step / 4) for step in range(-28, 13))
"""Candidate penalties per unit of the rows' total weight, from almost none to almost complete shrinkage."""

_TIE = 1e-9
"""Relative difference of two sums of squares that is rounding."""


def prediction_errors(
    rows: Float[Tensor, "rows columns"],
    answers: Float[Tensor, " rows"],
    free: Float[Tensor, " rows"],
    penalties: Float[Tensor, " penalties"],
) -> Float[Tensor, " penalties"]:
    """Sum of the squared errors with which a ridge predicts each row from all the others.

    Leaving a row out divides its residual by one minus its leverage [1]_: exact for a ridge with a fixed
    penalty, with an intercept and further columns without one, so no regression is done again.

    Parameters
    ----------
    rows, answers
        Multiplied by the square roots of the rows' weights, and without what intercept and free columns
        explain of them.
    free
        Leverage of intercept and free columns: for an intercept alone each row's share of the total weight,
        zeros where there is neither.
    penalties
        Beside the sum of the squares; positive.

    Returns
    -------
    Tensor, penalties
        One sum of squared errors per penalty.

    References
    ----------
    .. [1] Allen, D. M. (1974). The relationship between variable selection and data augmentation and a
       method for prediction. Technometrics 16(1), 125-127. https://doi.org/10.1080/00401706.1974.10489157
    """
    values, parts = _decomposed(rows)
    shrunk = 1.0 / (values[:, None] + penalties[None, :])
    fitted = parts @ ((parts.mT @ answers)[:, None] * shrunk)
    leverage = parts.square() @ shrunk + free[:, None]
    return ((answers[:, None] - fitted) / (1.0 - leverage).clamp(min=1e-9)).square().sum(dim=0)


def chosen_penalty(
    rows: Float[Tensor, "rows columns"],
    answers: Float[Tensor, " rows"],
    free: Float[Tensor, " rows"],
    weight: float,
    rounding: float,
) -> float:
    """Choose among `PENALTIES` by leave-one-out [1]_; of equals the largest.

    Parameters
    ----------
    rows, answers, free
        As of :func:`prediction_errors`. No coalition may be in two rows: it would predict itself.
    weight
        Total weight of the rows, in which the penalties are counted.
    rounding
        Sum of squares below which answers do not vary; sums that differ by less are equal.

    Returns
    -------
    float
        Alpha of scikit-learn's ``Ridge``.

    References
    ----------
    .. [1] Golub, G. H., Heath, M. and Wahba, G. (1979). Generalized cross-validation as a method for choosing
       a good ridge parameter. Technometrics 21(2), 215-223. https://doi.org/10.1080/00401706.1979.10489751
    """
    penalties = weight * torch.tensor(PENALTIES, dtype=rows.dtype, device=rows.device)
    if float(answers.square().sum()) <= rounding:
        return float(penalties[-1])
    errors = prediction_errors(rows, answers, free, penalties)
    best = float(errors.min()) * (1.0 + _TIE) + rounding
    return float(penalties[(errors <= best).nonzero()[-1]])


def _decomposed(
    rows: Float[Tensor, "rows columns"],
) -> tuple[Float[Tensor, " rank"], Float[Tensor, "rows rank"]]:
    """Squared singular values with the left singular vectors times them, from the smaller of both Grams."""
    samples, columns = rows.shape
    if samples <= columns:
        values, vectors = torch.linalg.eigh(rows @ rows.mT)
        values = values.clamp(min=0.0)
        return values, vectors * values.sqrt()
    values, vectors = torch.linalg.eigh(rows.mT @ rows)
    return values.clamp(min=0.0), rows @ vectors
