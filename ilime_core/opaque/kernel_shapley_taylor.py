"""Pair estimator kernel_shapley_taylor: interactions of all segments of a pair by a quadratic regression."""

from dataclasses import dataclass
from math import comb

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.coefficients import check_coefficients
from ilime_core.opaque.corners import ends
from ilime_core.opaque.fitted import FittedPair, pair_surrogate
from ilime_core.opaque.held_out import held_out_grid
from ilime_core.opaque.tally import Tally
from ilime_core.pair_records import PairFitOptions, PairSurrogate, SideSurrogate
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all
from ilime_core.perturbation.stratified import subsets_of_sizes, systematic_sample
from ilime_core.protocols.pairs import PairGame

__all__ = ["kernel_shapley_taylor", "shapley_taylor_kernel"]


@dataclass(frozen=True, slots=True, eq=False)
class _Larger:
    """Coalitions of three to all but one of the players, and what each weighs."""

    masks: Bool[Tensor, "rows players"]
    weights: Float[Tensor, " rows"]


def shapley_taylor_kernel(n_players: int, size: int) -> float:
    """Weight of one coalition of 2 <= ``size`` < n players: (n-1) / (C(n, s) C(s, 2) (n - s)) [1]_.

    The kernel of KernelSHAP has s in the place of C(s, 2); its quadratic regression gives Faith-Shap.

    Parameters
    ----------
    n_players
        Segments of both items together, n.
    size
        Players in the coalition, 2 to n - 1.

    Returns
    -------
    float
        Weight of each coalition of this size.

    References
    ----------
    .. [1] Hamilton, M., Lundberg, S., Zhang, L., Fu, S. and Freeman, W. T. (2022). Axiomatic explanations for
       visual search, retrieval, and similarity learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    return (n_players - 1) / (comb(n_players, size) * comb(size, 2) * (n_players - size))


def kernel_shapley_taylor(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> PairSurrogate:
    """Explain a pair by the Shapley-Taylor indices of order two of all its segments.

    The segments of both items are the players of one game. All coalitions of at most two players and of all
    of them are scored, and the regression is exact at none, one and all. Further coalitions show how pairs
    act within larger coalitions.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        Reads ``rows``, the coalitions of more than two players (all coalitions are scored where those cost no
        more), and ``held_out`` with ``p``.
    rng
        Draws the coalitions of three and more players, then the test.

    Returns
    -------
    PairSurrogate
        ``weights`` are the pairs across, ``within`` the pairs of one item, ``raw`` the scores of lone
        segments: f_full - f_empty is the sum of them all. There is no standard error and no linear part.

    Raises
    ------
    InputError
        If the number of rows is negative.

    References
    ----------
    .. [1] Sundararajan, M., Dhamdhere, K. and Agarwal, A. (2020). The Shapley Taylor interaction index. ICML,
       9259-9268. https://arxiv.org/abs/1902.05622
    .. [2] Hamilton, M., Lundberg, S., Zhang, L., Fu, S. and Freeman, W. T. (2022). Axiomatic explanations for
       visual search, retrieval, and similarity learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    if options.rows < 0:
        raise InputError(f"the number of rows must not be negative, got {options.rows}.")
    check_coefficients("kernel_shapley_taylor", game.n_left, game.n_right)
    tally = Tally(game)
    n, players = game.n_left, game.n_left + game.n_right
    first, second = torch.triu_indices(players, players, offset=1)
    alone = torch.eye(players, dtype=torch.bool)
    larger = _draw_larger(players, options.rows, rng)
    masks = torch.cat([ends(players), alone, alone[first] | alone[second], larger.masks])
    scores = tally.score(masks[:, :n], masks[:, n:]).double()
    empty, single = scores[0], scores[2 : 2 + players] - scores[0]
    beyond = scores - empty - masks.to(scores) @ single
    indices = _regress(beyond[1], beyond[2 + players :], larger, torch.stack([first, second]))
    matrix = torch.zeros(players, players, dtype=scores.dtype, device=scores.device)
    matrix[first, second] = indices
    matrix = matrix + matrix.mT
    form = AffineForm(float(empty), single[:n], single[n:], matrix[:n, n:], matrix[:n, :n], matrix[n:, n:])
    found = FittedPair(
        form,
        None,
        SideSurrogate(n, raw=form.left, within=form.left_within),
        SideSurrogate(players - n, raw=form.right, within=form.right_within),
    )
    return pair_surrogate(tally, found, held_out_grid(tally, options, rng))


def _draw_larger(players: int, rows: int, rng: np.random.Generator) -> _Larger:
    sizes = np.arange(3, players)
    known = 2 + players + comb(players, 2)
    if players <= MOST_SEGMENTS and 2**players <= known + rows:
        every = enumerate_all(players)
        every = every[(every.sum(axis=1) >= 3) & (every.sum(axis=1) < players)]
        weights = [shapley_taylor_kernel(players, size) for size in every.sum(axis=1).tolist()]
        return _Larger(torch.from_numpy(every), torch.tensor(weights, dtype=torch.float64))
    mass = np.array([comb(players, size) * shapley_taylor_kernel(players, size) for size in sizes.tolist()])
    # Sizes are drawn in proportion to their mass, so that all rows have equal weights.
    drawn = rng.permutation(sizes[systematic_sample(mass / mass.sum(), rows, rng)])
    weights = torch.full((rows,), mass.sum() / max(rows, 1), dtype=torch.float64)
    return _Larger(torch.from_numpy(subsets_of_sizes(drawn, players, rng)), weights)


def _regress(
    whole: Float[Tensor, ""],
    scores: Float[Tensor, " rows"],
    larger: _Larger,
    pairs: Int[Tensor, "2 pairs"],
) -> Float[Tensor, " pairs"]:
    """Indices of pairs that add up to ``whole``; ``scores`` are of the pairs themselves, then of larger ones.

    A coalition of two reads one index, so their block of the normal equations is a multiple of the identity.
    """
    count, players = pairs.shape[1], larger.masks.shape[1]
    if players == 2:
        return whole[None]
    own = shapley_taylor_kernel(players, 2)
    kept = larger.masks.to(scores)
    design = kept[:, pairs[0]] * kept[:, pairs[1]]
    weighted = larger.weights.to(scores)[:, None] * design
    gram = design.mT @ weighted
    gram.diagonal().add_(own)
    targets = own * scores[:count] + weighted.mT @ scores[count:]
    solved = torch.cholesky_solve(
        torch.stack([targets, torch.ones_like(targets)], dim=1), torch.linalg.cholesky(gram)
    )
    free, pull = solved.unbind(dim=1)
    return free + pull * (whole - free.sum()) / pull.sum()
