"""Fidelity of a pair's surrogate on scores that it was not fitted on."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.opaque.affine import AffineForm
from ilime_core.pair_records import GivenRows, PairFitOptions
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all, product_law
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.protocols.pairs import PairGame

__all__ = [
    "Fidelity",
    "HeldOutGrid",
    "SideRows",
    "all_rows",
    "held_out_fidelity",
    "held_out_grid",
    "variance_components",
]

ROUNDING = 16
"""Scores whose deviation is below this many units in the last place do not vary."""


@dataclass(frozen=True, slots=True, eq=False)
class SideRows:
    """Coalitions of one side, with the share of the law that each represents."""

    masks: Bool[Tensor, "rows segments"]
    shares: Float[Tensor, " rows"]
    sampled: bool
    """False where the rows are all coalitions."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutGrid:
    """Scores of every left with every right coalition of a test."""

    left: SideRows
    right: SideRows
    scores: Float[Tensor, "left_rows right_rows"]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Shares of the variance that a surrogate predicts; None where it is unknown or rounding.

    Attributes
    ----------
    total, linear
        Of the scores, that a surrogate and its linear part predict.
    cross
        Of the scores' cross part, that W predicts.
    share_left, share_right, share_cross
        Parts of the scores' variance: from either item alone and from both together.
    """

    total: float | None = None
    linear: float | None = None
    cross: float | None = None
    share_left: float | None = None
    share_right: float | None = None
    share_cross: float | None = None


def all_rows(n_segments: int, p: float) -> SideRows:
    """Enumerate the coalitions of one side with their probabilities.

    Parameters
    ----------
    n_segments
        Segments of the item, 1 to 20.
    p
        Probability of keeping a segment.

    Returns
    -------
    SideRows
        All coalitions; not sampled.
    """
    masks = enumerate_all(n_segments)
    return SideRows(torch.from_numpy(masks), torch.from_numpy(product_law(masks, p)), sampled=False)


def held_out_grid(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> HeldOutGrid | None:
    """Score a grid of fresh coalitions; all coalitions of a side where there are at most ``held_out``.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        Reads ``held_out``, ``p`` and ``given``, whose fresh rows replace the draw.
    rng
        Source of the fresh coalitions.

    Returns
    -------
    HeldOutGrid or None
        None where no fresh rows are wanted or fewer than two are given.

    Raises
    ------
    InputError
        If ``held_out`` is 1: one coalition has no variance.
    """
    if options.given is not None:
        left, right = (_given(rows, options.p) for rows in options.given)
        if min(len(left.masks), len(right.masks)) < 2:
            return None
        return HeldOutGrid(left, right, game.grid(left.masks, right.masks).double())
    if options.held_out == 0:
        return None
    if options.held_out < 2:
        raise InputError(f"held_out must be 0 or at least 2, got {options.held_out}.")
    left, right = (_fresh(count, options, rng) for count in (game.n_left, game.n_right))
    return HeldOutGrid(left, right, game.grid(left.masks, right.masks).double())


def held_out_fidelity(held_out: HeldOutGrid | None, form: AffineForm, linear: AffineForm | None) -> Fidelity:
    """Test a surrogate on held-out scores.

    Parameters
    ----------
    held_out
        None where nothing was scored; every share is then None.
    form
        The surrogate.
    linear
        The surrogate without W; None where it cannot be separated.

    Returns
    -------
    Fidelity
        ``total`` and ``linear`` are of the surrogate's own predictions. ``cross`` is of z_x^T W z_y for the
        cross part of the scores, both centred on the fresh rows; None where there is no cross part, and of a
        surrogate without W. Negative where the surrogate is worse than the mean.
    """
    if held_out is None:
        return Fidelity()
    left, right, scores = held_out.left, held_out.right, held_out.scores
    x, y = left.shares.to(scores), right.shares.to(scores)
    shares = x[:, None] * y[None, :]
    rounding = (ROUNDING * torch.finfo(scores.dtype).eps) ** 2 * float((shares * scores.square()).sum())

    def r2(answers: Tensor, predictions: Tensor) -> float | None:
        variance = float((shares * answers.square()).sum())
        if variance <= rounding:
            return None
        return 1.0 - float((shares * (answers - predictions).square()).sum()) / variance

    mean, _, _, cross = _decomposed(held_out)
    masks = left.masks.to(scores.device), right.masks.to(scores.device)
    z, w = (rows.to(scores) for rows in masks)
    product = (z - x @ z) @ form.weights @ (w - y @ w).mT
    parts = variance_components(held_out)
    whole = sum(parts)
    return Fidelity(
        r2(scores - mean, form.grid(*masks) - mean),
        None if linear is None else r2(scores - mean, linear.grid(*masks) - mean),
        r2(cross, product) if bool(form.weights.any()) else None,
        *(part / whole if whole > rounding else None for part in parts),
    )


def variance_components(held_out: HeldOutGrid) -> tuple[float, float, float]:
    """Variance of the scores from the left item alone, from the right alone, and from both together.

    Components of a two-way layout whose rows, columns or both are drawn [1]_, none below zero.

    References
    ----------
    .. [1] Searle, S. R., Casella, G. and McCulloch, C. E. (1992). Variance components.
       https://doi.org/10.1002/9780470316856
    """
    _, of_left, of_right, cross = _decomposed(held_out)
    left, right = (side.shares.to(cross) for side in (held_out.left, held_out.right))
    # Share of one coalition: a mean over drawn coalitions keeps that share of their variance.
    x, y = (
        float(side.shares.square().sum()) if side.sampled else 0.0 for side in (held_out.left, held_out.right)
    )
    both = float(left @ cross.square() @ right) / (1.0 - x) / (1.0 - y)
    alone = float(left @ of_left.square()) / (1.0 - x), float(right @ of_right.square()) / (1.0 - y)
    return max(alone[0] - y * both, 0.0), max(alone[1] - x * both, 0.0), both


def _decomposed(
    held_out: HeldOutGrid,
) -> tuple[
    Float[Tensor, ""],
    Float[Tensor, " left_rows"],
    Float[Tensor, " right_rows"],
    Float[Tensor, "left_rows right_rows"],
]:
    """Mean of the scores, what each row and each column adds to it, and the rest."""
    scores = held_out.scores
    x, y = held_out.left.shares.to(scores), held_out.right.shares.to(scores)
    mean = x @ scores @ y
    of_left, of_right = scores @ y - mean, x @ scores - mean
    return mean, of_left, of_right, scores - mean - of_left[:, None] - of_right[None, :]


def _fresh(n_segments: int, options: PairFitOptions, rng: np.random.Generator) -> SideRows:
    if n_segments <= MOST_SEGMENTS and 2**n_segments <= options.held_out:
        return all_rows(n_segments, options.p)
    masks = bernoulli_masks(n_segments, options.held_out, options.p, rng)
    return _drawn(torch.from_numpy(masks))


def _given(rows: GivenRows, p: float) -> SideRows:
    """Rows that are all coalitions are not a sample; at p = 1/2 a draw never has 2^n rows."""
    n_rows, n_segments = rows.held_out.shape
    if p == 0.5 and n_segments <= MOST_SEGMENTS and n_rows == 2**n_segments:
        return all_rows(n_segments, p)
    return _drawn(rows.held_out)


def _drawn(masks: Bool[Tensor, "rows segments"]) -> SideRows:
    shares = torch.full((len(masks),), 1.0 / max(len(masks), 1), dtype=torch.float64)
    return SideRows(masks, shares, sampled=True)
