"""Pair estimators paired and paired_pure: W from joint rows in which both items are perturbed at once."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.coefficients import check_coefficients
from ilime_core.opaque.fitted import FittedPair, pair_surrogate
from ilime_core.opaque.held_out import held_out_grid
from ilime_core.opaque.joint_rows import JointRows, draw_joint_rows, kernel_weights, merged_rows
from ilime_core.opaque.shrinkage import Regressed, regress
from ilime_core.opaque.tally import Tally
from ilime_core.pair_records import PairFitOptions, PairSurrogate, SideSurrogate
from ilime_core.protocols.pairs import PairGame

__all__ = ["paired", "paired_pure"]


def paired(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> PairSurrogate:
    """Regress joint rows on ``[1, z_x, z_y, z_x (x) z_y]``.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        Reads ``rows`` (all joint coalitions, weighted by their probability, where they are no more), ``p``,
        ``regression``, ``penalty``, ``kernel``, ``kernel_width`` and ``held_out``. A penalty that is given
        is on main effects and W alike, one that ``auto`` chooses on W alone; the intercept has none.
        ``auto`` minimises leave-one-out errors; where all joint coalitions are scored with equal weights,
        there is nothing to predict and no penalty.
    rng
        Draws the rows, then the test.

    Returns
    -------
    PairSurrogate
        ``effect`` and ``intact`` are the surrogate's own: a_i + p sum_j W_ij and a_i + sum_j W_ij. Standard
        errors only without penalty and kernel; zero where all joint coalitions were scored.

    Raises
    ------
    InputError
        If an option is out of its range.
    RankDeficientError
        If there is no penalty and too few rows.

    References
    ----------
    .. [1] Joukovsky, B., Sammani, F. and Deligiannis, N. (2023). Model-agnostic visual explanations via
       approximate bilinear models. ICIP, 1770-1774. https://doi.org/10.1109/ICIP49359.2023.10222440
    """
    check_coefficients("paired", game.n_left, game.n_right)
    tally = Tally(game)
    n, m = game.n_left, game.n_right
    rows, settled = _settled(draw_joint_rows(n, m, options, rng), options)
    scores = tally.score(rows.left, rows.right).double()
    z, w = rows.left.to(scores), rows.right.to(scores)
    weights = kernel_weights(rows, options).to(scores)
    fit = regress(torch.cat([z, w, _products(z, w)], dim=1), scores, weights, settled, n_free=n + m)
    form = AffineForm(
        fit.intercept,
        fit.coefficients[:n],
        fit.coefficients[n : n + m],
        fit.coefficients[n + m :].reshape(n, m),
    )
    linear = form.linear_part(options.p)
    whole = form.linear_part(1.0)
    found = FittedPair(
        form,
        linear,
        SideSurrogate(n, effect=linear.left, raw=form.left, intact=whole.left),
        SideSurrogate(m, effect=linear.right, raw=form.right, intact=whole.right),
        weight_errors=_cell_errors(fit, rows, form, options),
        weight_degrees=None if rows.enumerated or options.kernel != "none" else _cells(fit.degrees, form),
        penalty=fit.penalty,
    )
    return pair_surrogate(tally, found, held_out_grid(tally, options, rng))


def paired_pure(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> PairSurrogate:
    """Regress joint rows on ``z_x (x) z_y`` alone, as the paper writes its bilinear form.

    Without an intercept and main effects, W has to represent them: for an additive score it is not zero. Use
    it to reproduce the published form, and :func:`paired` for explanations.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        As of :func:`paired`.
    rng
        Draws the rows, then the test.

    Returns
    -------
    PairSurrogate
        Main effects are None: the form has none.

    Raises
    ------
    InputError
        If an option is out of its range.
    RankDeficientError
        If there is no penalty and too few rows.

    References
    ----------
    .. [1] Joukovsky, B., Sammani, F. and Deligiannis, N. (2023). Model-agnostic visual explanations via
       approximate bilinear models. ICIP, 1770-1774. https://doi.org/10.1109/ICIP49359.2023.10222440
    """
    check_coefficients("paired_pure", game.n_left, game.n_right)
    tally = Tally(game)
    n, m = game.n_left, game.n_right
    rows, settled = _settled(draw_joint_rows(n, m, options, rng), options)
    scores = tally.score(rows.left, rows.right).double()
    z, w = rows.left.to(scores), rows.right.to(scores)
    weights = kernel_weights(rows, options).to(scores)
    fit = regress(_products(z, w), scores, weights, settled, intercept=False)
    form = AffineForm(0.0, z.new_zeros(n), z.new_zeros(m), fit.coefficients.reshape(n, m))
    found = FittedPair(
        form,
        None,
        SideSurrogate(n),
        SideSurrogate(m),
        weight_errors=_cell_errors(fit, rows, form, options),
        weight_degrees=None if rows.enumerated or options.kernel != "none" else _cells(fit.degrees, form),
        penalty=fit.penalty,
    )
    return pair_surrogate(tally, found, held_out_grid(tally, options, rng))


def _products(z: Float[Tensor, "rows left"], w: Float[Tensor, "rows right"]) -> Float[Tensor, "rows cells"]:
    return (z[:, :, None] * w[:, None, :]).flatten(1)


def _settled(rows: JointRows, options: PairFitOptions) -> tuple[JointRows, PairFitOptions]:
    """Merge repeated coalitions for an automatic penalty: in two rows one would predict itself."""
    if options.penalty != "auto":
        return rows, options
    if rows.enumerated and options.kernel == "none":
        return rows, replace(options, penalty=0.0)
    return merged_rows(rows), options


def _cell_errors(
    fit: Regressed, rows: JointRows, form: AffineForm, options: PairFitOptions
) -> Float[Tensor, "left right"] | None:
    if fit.penalty > 0 or options.kernel != "none":
        return None
    if rows.enumerated:
        return torch.zeros_like(form.weights)
    return _cells(fit.errors, form)


def _cells(values: Float[Tensor, " columns"] | None, form: AffineForm) -> Float[Tensor, "left right"] | None:
    """Values of the products of segments, which are the last columns."""
    return None if values is None else values[-form.weights.numel() :].reshape(form.weights.shape)
