"""Shapley design: complement pairs that include the very small and very large coalitions."""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.errors import InputError
from ilime_core.perturbation.binomial import binomial_law
from ilime_core.perturbation.stratified import subsets_of_sizes, systematic_sample

__all__ = ["SizeBudget", "paired_sizes", "shapley_kernel", "size_law", "size_mixture"]


@dataclass(frozen=True, slots=True)
class SizeBudget:
    """Numbers of Banzhaf and Shapley rows of a design."""

    n_banzhaf: int
    """Rows whose sizes follow Binomial(n, p)."""
    n_shapley: int
    """Rows in complement pairs; an odd number is rounded up."""
    p: float = 0.5


def shapley_kernel(n_segments: int) -> Float[np.ndarray, " sizes"]:
    """Law of sizes 1 ... n - 1 proportional to ``1 / (s (n - s))``."""
    sizes = np.arange(1, n_segments)
    kernel = 1.0 / (sizes * (n_segments - sizes))
    return kernel / kernel.sum()


def size_law(n_segments: int, budget: SizeBudget) -> Float[np.ndarray, " sizes"]:
    """Law of the sizes 1 ... n - 1 of the Shapley rows; symmetric.

    Alone they follow the square root of the Shapley kernel; with Banzhaf rows they complement the sizes of
    those towards the kernel.

    Parameters
    ----------
    n_segments
        Segments of the item, n, at least 2.
    budget
        Numbers of rows of the design.

    Returns
    -------
    Float array, sizes
        Probabilities of the sizes 1 ... n - 1.
    """
    kernel = shapley_kernel(n_segments)
    if budget.n_banzhaf == 0:
        law = np.sqrt(kernel)
    else:
        present = budget.n_banzhaf * binomial_law(n_segments, budget.p)[1:-1]
        law = np.maximum((budget.n_banzhaf + budget.n_shapley) * kernel - present, 0.0)
        law = law + law[::-1]
    return law / law.sum()


def size_mixture(n_segments: int, budget: SizeBudget) -> Float[np.ndarray, " sizes"]:
    """Expected number of rows of each size 1 ... n - 1 over all rows of the design.

    Parameters
    ----------
    n_segments
        Segments of the item, n, at least 2.
    budget
        Numbers of rows of the design.

    Returns
    -------
    Float array, sizes
        Expected numbers of rows of the sizes 1 ... n - 1.
    """
    mixture = budget.n_banzhaf * binomial_law(n_segments, budget.p)[1:-1]
    if budget.n_shapley:
        mixture = mixture + budget.n_shapley * size_law(n_segments, budget)
    return mixture


def paired_sizes(
    n_segments: int, budget: SizeBudget, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw the Shapley rows: sizes by systematic sampling, uniform within a size, complements after all rows.

    Within one size subsets do not repeat before all of them have been drawn.

    Parameters
    ----------
    n_segments
        Segments of the item.
    budget
        Numbers of rows; ``n_shapley`` rows are drawn.
    rng
        Source of the rows.

    Returns
    -------
    Bool array, samples x segments
        First half in ascending size (at most n / 2), second half their complements in the same order.

    Raises
    ------
    InputError
        If there are fewer than two segments: then no size lies between 0 and n.
    """
    if n_segments < 2:
        raise InputError(
            f"the Shapley design needs at least two segments, got {n_segments}: enumerate instead."
        )
    law = size_law(n_segments, budget)
    folded = (law + law[::-1])[: n_segments // 2]
    if n_segments % 2 == 0:
        folded[-1] /= 2.0
    n_pairs = (budget.n_shapley + 1) // 2
    if n_pairs == 0:
        return np.zeros((0, n_segments), dtype=bool)
    counts = np.bincount(systematic_sample(folded, n_pairs, rng), minlength=len(folded))
    drawn = [
        _subsets(n_segments, size, int(count), rng) for size, count in enumerate(counts, start=1) if count
    ]
    rows = np.concatenate(drawn)
    return np.concatenate([rows, ~rows])


def _subsets(
    n_segments: int, size: int, count: int, rng: np.random.Generator
) -> Bool[np.ndarray, "count segments"]:
    # Of the middle size one subset represents itself and its complement: the one without the first segment.
    is_middle = 2 * size == n_segments
    free = n_segments - 1 if is_middle else n_segments
    total = comb(free, size)
    drawn = (
        _few_subsets(free, size, count, rng) if 2 * count < total else _many_subsets(free, size, count, rng)
    )
    if is_middle:
        drawn = np.concatenate([np.zeros((count, 1), dtype=bool), drawn], axis=1)
    return drawn


def _few_subsets(
    free: int, size: int, count: int, rng: np.random.Generator
) -> Bool[np.ndarray, "count free"]:
    # Under half of all subsets are wanted: a fresh draw is new more often than not.
    distinct: dict[bytes, np.ndarray] = {}
    while len(distinct) < count:
        for row in subsets_of_sizes(np.full(count, size), free, rng):
            distinct.setdefault(row.tobytes(), row)
    return np.stack(list(distinct.values())[:count])


def _many_subsets(
    free: int, size: int, count: int, rng: np.random.Generator
) -> Bool[np.ndarray, "count free"]:
    members = np.array(list(combinations(range(free), size)))
    every = np.zeros((len(members), free), dtype=bool)
    np.put_along_axis(every, members, values=True, axis=1)
    rounds = [rng.permutation(len(every)) for _ in range(-(-count // len(every)))]
    return every[np.concatenate(rounds)[:count]]
