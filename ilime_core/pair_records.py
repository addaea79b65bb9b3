"""Frozen records of single pairs whose score need not be an inner product."""

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["GivenRows", "PairFitOptions", "PairSurrogate", "SideSurrogate"]


@dataclass(frozen=True, slots=True, eq=False)
class GivenRows:
    """Coalitions of one item whose embeddings are already known.

    Attributes
    ----------
    masks
        Rows that keep each segment with the probability of the options.
    enumerated
        Whether ``masks`` are all coalitions.
    held_out
        Fresh rows of the same law, maybe none.
    """

    masks: Bool[Tensor, "rows segments"]
    enumerated: bool
    held_out: Bool[Tensor, "fresh segments"]


@dataclass(frozen=True, slots=True)
class PairFitOptions:
    """Settings of the perturbation and regression of an opaque pair; each estimator documents which it reads.

    Attributes
    ----------
    left_masks, right_masks
        Masks of each side of a grid.
    rows
        Joint rows of a paired regression.
    p
        Probability of keeping a segment.
    penalty, regression
        Strength (scikit-learn's ``alpha``) and kind of shrinkage of a paired regression; ``auto`` is the
        ridge's that leave-one-out chooses.
    kernel
        Weights of joint rows: equal, LIME's cosine kernel on the concatenated mask, or a product of one
        kernel for each side.
    kernel_width
        Of either kernel.
    held_out
        Fresh masks of each side, whose grid of scores tests the fit; 0 omits the test.
    given
        Rows of the left and of the right item that a grid and its test take instead of drawing their own:
        a read-out of embeddings then costs no further encode. None draws.
    """

    left_masks: int = 128
    right_masks: int = 64
    rows: int = 1000
    p: float = 0.5
    penalty: float | Literal["auto"] = "auto"
    regression: Literal["ridge", "lasso"] = "ridge"
    kernel: Literal["none", "lime", "product"] = "none"
    kernel_width: float = 0.25
    held_out: int = 24
    given: tuple[GivenRows, GivenRows] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SideSurrogate:
    """First-order and within-item results for one item of an opaque pair; None where unknown.

    Attributes
    ----------
    effect
        Main effects, the other item perturbed.
    raw
        Coefficients of the surrogate, the other item empty.
    intact
        Effects with the other item whole.
    error, intact_error
        Standard errors of ``effect`` and ``intact``.
    degrees
        Degrees of freedom of both; None also where nothing was drawn.
    within
        Interactions of the item's own segments: symmetric, its diagonal zero.
    """

    n_segments: int
    effect: Float[Tensor, " segments"] | None = None
    raw: Float[Tensor, " segments"] | None = None
    intact: Float[Tensor, " segments"] | None = None
    error: Float[Tensor, " segments"] | None = None
    intact_error: Float[Tensor, " segments"] | None = None
    degrees: Float[Tensor, " segments"] | None = None
    within: Float[Tensor, "segments segments"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PairSurrogate:
    """Result of an estimator for one opaque pair; None where unknown.

    Attributes
    ----------
    weights
        W; None of first-order estimators.
    weight_errors
        Standard errors of W.
    weight_degrees
        Their degrees of freedom, for Student's t; NaN or None where nothing was drawn.
    sum_squared_error
        Unbiased for the expected squared error of W.
    intercept
        The surrogate's value with nothing kept.
    f_full, f_left_empty, f_right_empty, f_empty
        Scores of the four corners.
    penalty
        Strength of the shrinkage, given or chosen; None of estimators that do not shrink.
    r2_total, r2_linear, r2_cross
        On scores that were not fitted, where there are any.
    share_left, share_right, share_cross
        Shares of the variance of those scores: from either item alone and from both together.
    n_scores, n_left_encodes, n_right_encodes
        Distinct joint rows that were scored, and distinct coalitions of each side among them.
    """

    weights: Float[Tensor, "left right"] | None
    weight_errors: Float[Tensor, "left right"] | None
    weight_degrees: Float[Tensor, "left right"] | None
    sum_squared_error: float | None
    left: SideSurrogate
    right: SideSurrogate
    intercept: float
    f_full: float
    f_left_empty: float
    f_right_empty: float
    f_empty: float
    r2_total: float | None
    r2_linear: float | None
    r2_cross: float | None
    share_left: float | None
    share_right: float | None
    share_cross: float | None
    n_scores: int
    n_left_encodes: int
    n_right_encodes: int
    penalty: float | None = None
