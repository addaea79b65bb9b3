"""Pair estimator linear_lime: LIME on the joined masks of a pair, main effects only."""

import numpy as np
import torch

from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.fitted import FittedPair, pair_surrogate
from ilime_core.opaque.held_out import held_out_grid
from ilime_core.opaque.joint_rows import JointRows, lime_weights
from ilime_core.opaque.shrinkage import regress
from ilime_core.opaque.tally import Tally
from ilime_core.pair_records import PairFitOptions, PairSurrogate, SideSurrogate
from ilime_core.perturbation.iid import bernoulli_masks, check_probability
from ilime_core.protocols.pairs import PairGame

__all__ = ["linear_lime"]

_PENALTY = 1.0
"""LIME's own."""


def linear_lime(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> PairSurrogate:
    """Regress joint rows on the segments of both items, weighted by LIME's cosine kernel.

    The first row keeps everything, as LIME's does, and stays in the regression.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        Reads ``rows``, ``p``, ``penalty`` (of the ridge; ``auto`` is LIME's, 1), ``kernel_width`` (LIME's is
        0.25 for images) and ``held_out``. The kernel is always LIME's and the regression always a ridge.
    rng
        Draws the rows, then the test.

    Returns
    -------
    PairSurrogate
        ``weights`` is None. ``effect`` and ``raw`` are both the coefficients.

    Raises
    ------
    InputError
        If an option is out of its range.
    RankDeficientError
        If there is no penalty and too few rows.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
       predictions of any classifier. KDD, 1135-1144. https://doi.org/10.1145/2939672.2939778
    """
    check_probability(options.p)
    tally = Tally(game)
    n, m = game.n_left, game.n_right
    masks = torch.from_numpy(bernoulli_masks(n + m, max(options.rows, 1), options.p, rng))
    masks[0] = True
    rows = JointRows(
        masks[:, :n], masks[:, n:], torch.ones(len(masks), dtype=torch.float64), enumerated=False
    )
    scores = tally.score(rows.left, rows.right).double()
    weights = lime_weights(rows, options.kernel_width).to(scores)
    penalty = _PENALTY if options.penalty == "auto" else options.penalty
    ridge = PairFitOptions(penalty=penalty, regression="ridge")
    fit = regress(masks.to(scores), scores, weights, ridge)
    left, right = fit.coefficients[:n], fit.coefficients[n:]
    form = AffineForm(fit.intercept, left, right, left.new_zeros(n, m))
    found = FittedPair(
        form,
        form,
        SideSurrogate(n, effect=left, raw=left),
        SideSurrogate(m, effect=right, raw=right),
        penalty=fit.penalty,
    )
    return pair_surrogate(tally, found, held_out_grid(tally, options, rng))
