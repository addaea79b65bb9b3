"""Joint coalitions of both items and their regression weights."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.errors import InputError
from ilime_core.pair_records import PairFitOptions
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all, product_law
from ilime_core.perturbation.iid import bernoulli_masks, check_probability

__all__ = ["JointRows", "draw_joint_rows", "kernel_weights", "lime_weights", "merged_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class JointRows:
    """Joint coalitions, one row of the left and one of the right item each.

    Attributes
    ----------
    weights
        Of the rows, before any kernel: ones, or the law's probabilities times their number where the rows
        are all joint coalitions.
    """

    left: Bool[Tensor, "rows left"]
    right: Bool[Tensor, "rows right"]
    weights: Float[Tensor, " rows"]
    enumerated: bool


def draw_joint_rows(
    n_left: int, n_right: int, options: PairFitOptions, rng: np.random.Generator
) -> JointRows:
    """Draw ``options.rows`` joint coalitions independently; all joint coalitions where there are no more.

    Parameters
    ----------
    n_left, n_right
        Segments of either item.
    options
        Reads ``rows`` and ``p``.
    rng
        Source of the rows.

    Returns
    -------
    JointRows
        The rows, with the law's weights where they are enumerated.

    Raises
    ------
    InputError
        If ``rows`` is below 2, or ``p`` is not strictly between 0 and 1.
    """
    check_probability(options.p)
    if options.rows < 2:
        raise InputError(f"a paired regression needs at least 2 rows, got {options.rows}.")
    players = n_left + n_right
    enumerated = players <= MOST_SEGMENTS and 2**players <= options.rows
    drawn = enumerate_all(players) if enumerated else bernoulli_masks(players, options.rows, options.p, rng)
    law = len(drawn) * product_law(drawn, options.p) if enumerated else np.ones(len(drawn))
    masks = torch.from_numpy(drawn)
    return JointRows(masks[:, :n_left], masks[:, n_left:], torch.from_numpy(law), enumerated)


def merged_rows(rows: JointRows) -> JointRows:
    """Each joint coalition once, in the order of first draws, with the weight of all its rows."""
    joint = torch.cat([rows.left, rows.right], dim=1).numpy()
    _, first, places = np.unique(np.packbits(joint, axis=1), axis=0, return_index=True, return_inverse=True)
    weights = np.bincount(places.reshape(-1), weights=rows.weights.numpy())
    order = np.argsort(first)
    kept = first[order]
    return JointRows(rows.left[kept], rows.right[kept], torch.from_numpy(weights[order]), rows.enumerated)


def kernel_weights(rows: JointRows, options: PairFitOptions) -> Float[Tensor, " rows"]:
    """Multiply the rows' weights by the kernel that the options name.

    Parameters
    ----------
    rows
        Joint coalitions with their weights.
    options
        Reads ``kernel`` and ``kernel_width``.

    Returns
    -------
    Tensor, rows
        Weights for the regression, not normalised.

    Raises
    ------
    InputError
        If the width of a kernel is not positive.
    """
    width = options.kernel_width
    if options.kernel == "lime":
        return rows.weights * lime_weights(rows, width)
    if options.kernel == "product":
        left, right = (product_kernel_weights(side, width) for side in (rows.left, rows.right))
        return rows.weights * left * right
    return rows.weights


def lime_weights(rows: JointRows, width: float) -> Float[Tensor, " rows"]:
    """LIME's kernel ``sqrt(exp(-D^2 / width^2))``, D the cosine distance of the joined mask to the full one.

    Parameters
    ----------
    rows
        Joint coalitions; their own weights are not read.
    width
        Width of the kernel, above 0.

    Returns
    -------
    Tensor, rows
        Kernel values in (0, 1].

    Raises
    ------
    InputError
        If ``width`` is not positive.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
       predictions of any classifier. KDD, 1135-1144. https://doi.org/10.1145/2939672.2939778
    """
    # The square root of the exponential is the same kernel at another width.
    return product_kernel_weights(torch.cat([rows.left, rows.right], dim=1), width * 2**0.5)
