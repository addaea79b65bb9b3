"""Pair estimator grid: W from the scores of every masked left with every masked right item."""

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.errors import InputError
from ilime_core.opaque.corners import ends
from ilime_core.opaque.fitted import pair_surrogate
from ilime_core.opaque.grid_regression import GridSide, regress_grid
from ilime_core.opaque.held_out import HeldOutGrid, all_rows, held_out_grid
from ilime_core.opaque.tally import Tally
from ilime_core.pair_records import PairFitOptions, PairSurrogate
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.protocols.pairs import PairGame

__all__ = ["draw_side", "grid"]


def grid(game: PairGame, options: PairFitOptions, rng: np.random.Generator) -> PairSurrogate:
    """Fit the affine bilinear surrogate to a grid of scores.

    Of a dual encoder with its cosine this is A B^T of the items' Banzhaf effects on the same masks.

    Parameters
    ----------
    game
        Scores of the pair.
    options
        Reads ``left_masks`` and ``right_masks`` (fold-over blocks at p = 1/2, else stratified rows; all
        coalitions where they are no more), ``p``, ``kernel`` with ``kernel_width``, and ``held_out``; or
        the rows in ``given``.
    rng
        Draws the masks of the left side, of the right side and of the test, in this order.

    Returns
    -------
    PairSurrogate
        Standard errors are None with a kernel and where too few masks were drawn. The test is on the grid
        itself where it holds all joint coalitions.

    Raises
    ------
    InputError
        If the kernel is LIME's, which does not factor over the two sides.
    RankDeficientError
        If stratified masks cannot identify the effects.

    References
    ----------
    .. [1] Joukovsky, B., Sammani, F. and Deligiannis, N. (2023). Model-agnostic visual explanations via
       approximate bilinear models. ICIP, 1770-1774. https://doi.org/10.1109/ICIP49359.2023.10222440
    """
    if options.kernel == "lime":
        raise InputError(
            "LIME's kernel weighs joint rows and does not factor over a grid: use the kernel product here, "
            "or LIME's with the estimator paired."
        )
    tally = Tally(game)
    if options.given is None:
        left = draw_side(game.n_left, options.left_masks, options, rng)
        right = draw_side(game.n_right, options.right_masks, options, rng)
    else:
        left, right = (_side(rows.masks, options, enumerated=rows.enumerated) for rows in options.given)
    scores = tally.grid(*(torch.cat([side.masks, ends(side.masks.shape[1])]) for side in (left, right)))
    scores = scores.double()
    found = regress_grid(left, right, scores)
    if left.enumerated and right.enumerated and options.held_out:
        every = all_rows(game.n_left, options.p), all_rows(game.n_right, options.p)
        held_out = HeldOutGrid(*every, scores[:-2, :-2])
    else:
        held_out = held_out_grid(tally, options, rng)
    return pair_surrogate(tally, found, held_out)


def draw_side(n_segments: int, n_masks: int, options: PairFitOptions, rng: np.random.Generator) -> GridSide:
    """Draw the masks of one side of a grid, with the weights of its kernel.

    Parameters
    ----------
    n_segments
        Segments of the item.
    n_masks
        Masks wanted; the design may round the number up.
    options
        Reads ``p``, ``kernel`` and ``kernel_width``.
    rng
        Source of the masks.

    Returns
    -------
    GridSide
        Masks of the side; its weights are None unless the kernel is ``product``.
    """
    design = "foldover" if options.p == 0.5 else "stratified"
    plan = draw_masks(n_segments, request=MaskRequest(design, n_masks, options.p), rng_of=lambda _: rng)
    return _side(torch.from_numpy(plan.masks), options, enumerated=plan.sets.enumerated)


def _side(masks: Bool[Tensor, "rows segments"], options: PairFitOptions, *, enumerated: bool) -> GridSide:
    weights = product_kernel_weights(masks, options.kernel_width) if options.kernel == "product" else None
    return GridSide(masks, weights, enumerated, options.p)
