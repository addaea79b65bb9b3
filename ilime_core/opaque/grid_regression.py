"""Least squares on a grid of scores: first on the masks of the left side, then on those of the right."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.degrees import error_degrees
from ilime_core.interactions.standard_errors import CellVariances, InteractionErrors, interaction_errors
from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.fitted import FittedPair
from ilime_core.pair_records import SideSurrogate
from ilime_core.records import Effects

__all__ = ["GridSide", "regress_grid"]


@dataclass(frozen=True, slots=True, eq=False)
class GridSide:
    """Design of one side of a grid.

    Attributes
    ----------
    weights
        Weights of a kernel that factors over the sides; None gives equal weights.
    enumerated
        Whether the masks are all coalitions; they are then weighted by their probability.
    """

    masks: Bool[Tensor, "rows segments"]
    weights: Float[Tensor, " rows"] | None
    enumerated: bool
    p: float


def regress_grid(
    left: GridSide, right: GridSide, scores: Float[Tensor, "left_rows right_rows"]
) -> FittedPair:
    """Fit ``f ~ c + a.z_x + b.z_y + z_x^T W z_y`` on the whole grid.

    Parameters
    ----------
    left, right
        Designs of the two sides.
    scores
        Rows of the left masks, then of the empty and of the whole left item; columns likewise. The ends stay
        outside the regression, where they would shift every effect.

    Returns
    -------
    FittedPair
        Errors are None with weights or below 8 residual degrees of freedom on a sampled side.

    Raises
    ------
    RankDeficientError
        If a side's masks cannot identify its effects.

    Notes
    -----
    Any score is an inner product: that of the row (f(S, T) for all T) with the T-th unit vector. Regressing
    rows on left masks and the result on right masks is therefore least squares on the grid, and the variance
    of a cell is what it is for a dual encoder: b^T V_a b + a^T V_b a - tr(V_a V_b) in the estimates, with V_a
    the covariance of the rows' effects over draws of the left design. Here it is not compressed.
    """
    rows = _regress(left, torch.cat([scores[:-2, :-2], scores[:-2, -1:]], dim=1))
    n = len(rows.effects)
    spread = _factors(rows)
    # The columns of the second regression: effects, their mean and intercept, the whole left item, errors.
    parts = [rows.effects[:, :-1], rows.mean[None, :-1], rows.intercept[None, :-1], scores[-1:, :-2]]
    columns = _regress(right, torch.cat([*parts, spread[:, :-1]]).mT)
    weights, residual = columns.effects[:, :n].mT, _factors(columns)
    form = AffineForm(
        float(columns.intercept[n + 1]), columns.intercept[:n], columns.effects[:, n + 1], weights
    )
    errors = _errors(rows, columns, weights)
    return FittedPair(
        form,
        form.linear_part(left.p),
        SideSurrogate(
            n_segments=n,
            effect=columns.mean[:n],
            raw=form.left,
            intact=rows.effects[:, -1],
            error=_deviation(rows, columns.mean[n + 3 :]),
            intact_error=_deviation(rows, spread[:, -1]),
            degrees=rows.degrees,
        ),
        SideSurrogate(
            n_segments=len(columns.effects),
            effect=columns.effects[:, n],
            raw=form.right,
            intact=columns.effects[:, n + 2],
            error=_deviation(columns, residual[:, n]),
            intact_error=_deviation(columns, residual[:, n + 2]),
            degrees=columns.degrees,
        ),
        None if errors is None else errors.standard_errors[0],
        None if errors is None else errors.degrees[0],
        None if errors is None else float(errors.sum_squared_error),
    )


def _regress(side: GridSide, answers: Float[Tensor, "rows width"]) -> Effects:
    # As many factors as the residuals can have directions, so that no covariance is compressed.
    options = BanzhafOptions(
        p=side.p,
        enumerated=side.enumerated,
        error_rank=1 if side.enumerated else min(answers.shape),
        spread_rank=1,
    )
    unused = answers.new_zeros(answers.shape[1])
    masks = side.masks.to(answers.device)
    weights = None if side.weights is None else side.weights.to(answers.device)
    return fit_banzhaf(masks, answers, unused, unused, options=options, weights=weights)


def _factors(fit: Effects) -> Float[Tensor, "rank width"]:
    return fit.effects.new_zeros(0, fit.effects.shape[1]) if fit.error is None else fit.error.factors


def _deviation(fit: Effects, along: Float[Tensor, " rank"]) -> Float[Tensor, " segments"] | None:
    """Standard errors of the effects in one direction, of which the error's factors are given."""
    return None if fit.error is None else (fit.error_scale * along.square().sum()).sqrt()


def _errors(
    rows: Effects, columns: Effects, weights: Float[Tensor, "left right"]
) -> InteractionErrors | None:
    if rows.error is None or columns.error is None:
        return None
    n, rank = len(rows.effects), len(rows.error.factors)
    of_left = columns.effects[:, -rank:].square().sum(dim=1)
    of_right = columns.error.factors[:, :n].square().sum(dim=0)
    both = columns.error.factors[:, -rank:].square().sum()
    return interaction_errors(
        weights[None],
        CellVariances(
            left=(rows.error_scale[:, None] * of_left)[None],
            right=(of_right[:, None] * columns.error_scale)[None],
            product=(both * rows.error_scale[:, None] * columns.error_scale)[None],
            left_degrees=error_degrees(rows)[None],
            right_degrees=error_degrees(columns)[None],
        ),
        torch.ones(1, dtype=torch.bool, device=weights.device),
    )
