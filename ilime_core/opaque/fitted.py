"""Fitted form of a pair and its conversion to a :class:`~ilime_core.pair_records.PairSurrogate`."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.corners import score_corners
from ilime_core.opaque.held_out import HeldOutGrid, held_out_fidelity
from ilime_core.opaque.tally import Tally
from ilime_core.pair_records import PairSurrogate, SideSurrogate

__all__ = ["FittedPair", "pair_surrogate"]


@dataclass(frozen=True, slots=True, eq=False)
class FittedPair:
    """Result of a regression on one pair's scores, before corners, fidelity and cost are added.

    Attributes
    ----------
    form
        The surrogate that predicts scores.
    linear
        The surrogate without W; None where it cannot be separated.
    left, right
        Of each side's segments.
    weight_errors, weight_degrees, sum_squared_error, penalty
        As in PairSurrogate.
    """

    form: AffineForm
    linear: AffineForm | None
    left: SideSurrogate
    right: SideSurrogate
    weight_errors: Float[Tensor, "left right"] | None = None
    weight_degrees: Float[Tensor, "left right"] | None = None
    sum_squared_error: float | None = None
    penalty: float | None = None


def pair_surrogate(tally: Tally, fitted: FittedPair, held_out: HeldOutGrid | None) -> PairSurrogate:
    """Add corner scores, fidelity and cost to a fitted form.

    A form that is its own linear part has no W.

    Parameters
    ----------
    tally
        Counter around the pair's game; the corners are scored through it, so that the cost includes them.
    fitted
        Result of the regression.
    held_out
        Scores that were not fitted; None leaves the fidelity unknown.

    Returns
    -------
    PairSurrogate
        The record that the tables are written from.
    """
    corners = score_corners(tally)
    r2 = held_out_fidelity(held_out, fitted.form, fitted.linear)
    n_scores, n_left, n_right = tally.counts()
    return PairSurrogate(
        weights=None if fitted.form is fitted.linear else fitted.form.weights,
        weight_errors=fitted.weight_errors,
        weight_degrees=fitted.weight_degrees,
        sum_squared_error=fitted.sum_squared_error,
        left=fitted.left,
        right=fitted.right,
        intercept=fitted.form.intercept,
        f_full=corners.full,
        f_left_empty=corners.left_empty,
        f_right_empty=corners.right_empty,
        f_empty=corners.empty,
        r2_total=r2.total,
        r2_linear=r2.linear,
        r2_cross=r2.cross,
        share_left=r2.share_left,
        share_right=r2.share_right,
        share_cross=r2.share_cross,
        n_scores=n_scores,
        n_left_encodes=n_left,
        n_right_encodes=n_right,
        penalty=fitted.penalty,
    )
