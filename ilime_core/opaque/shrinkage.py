"""Weighted ridge, lasso and least squares, in double precision."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.degrees import sandwich_degrees
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.opaque.held_out import ROUNDING
from ilime_core.opaque.leave_one_out import chosen_penalty
from ilime_core.pair_records import PairFitOptions

__all__ = ["Regressed", "regress"]

_LEAST_FREEDOM = 8
"""Residual degrees of freedom below which no standard error is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Regressed:
    """Fitted coefficients of a regression.

    Attributes
    ----------
    penalty
        The one that was given, or chosen.
    errors
        Standard errors of the coefficients; None with a penalty, and where there are too few rows.
    degrees
        Their degrees of freedom, for Student's t.
    """

    coefficients: Float[Tensor, " columns"]
    intercept: float
    penalty: float
    errors: Float[Tensor, " columns"] | None = None
    degrees: Float[Tensor, " columns"] | None = None


def regress(
    design: Float[Tensor, "rows columns"],
    scores: Float[Tensor, " rows"],
    weights: Float[Tensor, " rows"],
    options: PairFitOptions,
    *,
    intercept: bool = True,
    n_free: int = 0,
) -> Regressed:
    """Minimise the weighted squared residuals with a penalty on the coefficients; an intercept has none.

    Parameters
    ----------
    design
        Regressors, without a column of ones.
    scores
        Regressed values.
    weights
        Weights of the rows, at least 0.
    options
        ``regression`` and ``penalty``: alpha of scikit-learn's ``Ridge``, which is added to the *sum* of
        the weighted squares, or of its ``Lasso``, added to half their mean. ``auto`` is the ridge's alpha
        that leave-one-out chooses.
    intercept
        False fits no intercept.
    n_free
        First columns on which ``auto`` puts no penalty, where there are at least twice as many rows as such
        columns: a penalty that suits few strong columns is too weak for many weak ones.

    Returns
    -------
    Regressed
        Standard errors are of an unpenalised fit to independent rows: the sandwich that needs no equal
        variances and no true model, with leverages taken out [1]_. Degrees of freedom are Satterthwaite's for
        that sandwich and rows of equal variance.

    Raises
    ------
    InputError
        If the penalty is negative, or to be chosen for a lasso.
    RankDeficientError
        If there is no penalty and the rows cannot identify the coefficients.

    References
    ----------
    .. [1] MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties. Journal of Econometrics 29(3), 305-325.
       https://doi.org/10.1016/0304-4076(85)90158-7
    """
    if options.penalty == "auto" and options.regression == "lasso":
        raise InputError("leave-one-out chooses the penalty of a ridge, not of a lasso: give it a number.")
    if options.penalty != "auto" and options.penalty < 0:
        raise InputError(f"a penalty must not be negative, got {options.penalty}.")
    if options.penalty == "auto":
        few_rows = len(design) < 2 * (n_free + intercept)
        return _automatic(design, scores, weights, intercept=intercept, n_free=0 if few_rows else n_free)
    centre = (weights @ design) / weights.sum() * intercept
    level = (weights @ scores) / weights.sum() * intercept
    root = weights.sqrt()
    rows, answers = root[:, None] * (design - centre), root * (scores - level)
    if options.penalty == 0:
        found = _least_squares(rows, answers, root * intercept / weights.sum().sqrt())
        return replace(found, intercept=float(level - centre @ found.coefficients))
    if options.regression == "lasso":
        coefficients = _lasso(rows, answers, options.penalty * float(weights.sum()) / len(weights))
    else:
        coefficients = _ridge(rows, answers, options.penalty)
    return Regressed(coefficients, float(level - centre @ coefficients), options.penalty)


def _automatic(
    design: Float[Tensor, "rows columns"],
    scores: Float[Tensor, " rows"],
    weights: Float[Tensor, " rows"],
    *,
    intercept: bool,
    n_free: int,
) -> Regressed:
    """Take intercept and free columns out of the others and of the scores, and shrink what is left."""
    root = weights.sqrt()
    ones = design.new_ones(len(design), int(intercept))
    free = root[:, None] * torch.cat([ones, design[:, :n_free]], dim=1)
    rows, answers = root[:, None] * design[:, n_free:], root * scores
    vectors, sizes, turned = torch.linalg.svd(free, full_matrices=False)
    kept = sizes > sizes[:1] * len(design) * torch.finfo(sizes.dtype).eps
    basis = vectors[:, kept]
    rest, left = rows - basis @ (basis.mT @ rows), answers - basis @ (basis.mT @ answers)
    rounding = (ROUNDING * torch.finfo(rows.dtype).eps) ** 2 * float(answers.square().sum())
    penalty = chosen_penalty(rest, left, basis.square().sum(dim=1), float(weights.sum()), rounding)
    shrunk = _ridge(rest, left, penalty)
    found = turned[kept].mT @ ((basis.mT @ (answers - rows @ shrunk)) / sizes[kept])
    constant = float(found[0]) if intercept else 0.0
    return Regressed(torch.cat([found[int(intercept) :], shrunk]), constant, penalty)


def _ridge(
    rows: Float[Tensor, "rows columns"], answers: Float[Tensor, " rows"], penalty: float
) -> Float[Tensor, " columns"]:
    """Solve in the smaller of the two spaces."""
    samples, columns = rows.shape
    gram = rows.mT @ rows if columns < samples else rows @ rows.mT
    gram.diagonal().add_(penalty)
    factor = torch.linalg.cholesky(gram)
    if columns < samples:
        return torch.cholesky_solve((rows.mT @ answers)[:, None], factor)[:, 0]
    return rows.mT @ torch.cholesky_solve(answers[:, None], factor)[:, 0]


def _least_squares(
    rows: Float[Tensor, "rows columns"], answers: Float[Tensor, " rows"], constant: Float[Tensor, " rows"]
) -> Regressed:
    """Without its intercept."""
    samples, columns = rows.shape
    gram = rows.mT @ rows
    values = torch.linalg.eigvalsh(gram)
    if samples < columns or float(values[0]) <= float(values[-1]) * samples * torch.finfo(rows.dtype).eps:
        raise RankDeficientError(
            f"{samples} rows cannot identify {columns} coefficients: more than {columns} distinct ones are "
            f"needed, and {2 * columns} make it likely that they suffice; or set a penalty."
        )
    shares = rows @ torch.linalg.inv(gram)
    triangle = torch.linalg.cholesky(gram)
    coefficients = torch.cholesky_solve((rows.mT @ answers)[:, None], triangle)[:, 0]
    if samples - columns - 1 < _LEAST_FREEDOM:
        return Regressed(coefficients, 0.0, 0.0)
    left = 1.0 - (shares * rows).sum(dim=1) - constant.square()
    spread = (shares / left.clamp(min=1e-9)[:, None]).square()
    squares = (answers - rows @ coefficients).square()
    basis = torch.linalg.solve_triangular(triangle, rows.mT, upper=False).mT
    degrees = sandwich_degrees(spread, torch.cat([basis, constant[:, None]], dim=1))
    return Regressed(coefficients, 0.0, 0.0, (spread * squares[:, None]).sum(dim=0).sqrt(), degrees)


def _lasso(
    rows: Float[Tensor, "rows columns"], answers: Float[Tensor, " rows"], alpha: float
) -> Float[Tensor, " columns"]:
    from sklearn.linear_model import Lasso  # noqa: PLC0415 - importing it takes a second

    model = Lasso(alpha=alpha, fit_intercept=False, precompute=True, max_iter=10_000, tol=1e-8)
    model.fit(rows.cpu().numpy(), answers.cpu().numpy())
    return torch.from_numpy(model.coef_).to(rows)
