"""In which order the segments of both items of a pair are inserted or deleted."""

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.draws import named_rng

__all__ = [
    "deletion_order",
    "insertion_order",
    "interaction_deletion_order",
    "interaction_insertion_order",
    "interaction_retention_order",
    "main_effects_order",
    "order_times",
    "random_orders",
    "retention_order",
]

# An order lists elements: i < n is segment i of the left item, n + j is segment j of the right one, so that
# the lowest index among equals is also "left first".


def insertion_order(
    interactions: Float[np.ndarray, "*pairs left right"],
    left: Float[np.ndarray, "*pairs left"],
    right: Float[np.ndarray, "*pairs right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy insertion from empty under ``f(z) = left.z_left + right.z_right + z_left^T W z_right``.

    Each step adds the element of largest gain: its own coefficient and its interactions with the present
    elements of the other side.

    Parameters
    ----------
    interactions
        W, one matrix or a batch of one shape.
    left, right
        Coefficients of the single segments: those of the surrogate with the other item *empty*.

    Returns
    -------
    order
        Elements, first inserted first; ``n_left + j`` stands for segment j of the right item. Equal gains go
        by lower index, left first. Sums are in float64, where equal sums of float32 weights stay equal.
    """
    return _greedy(_couplings(interactions), _joined(left, right), sign=1)


def deletion_order(
    interactions: Float[np.ndarray, "*pairs left right"],
    left: Float[np.ndarray, "*pairs left"],
    right: Float[np.ndarray, "*pairs right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy deletion from the full pair: each step removes the element whose loss is largest.

    Parameters
    ----------
    interactions, left, right
        As in `insertion_order`.

    Returns
    -------
    order
        As of `insertion_order`, first deleted first.
    """
    couplings = _couplings(interactions)
    return _greedy(couplings, _joined(left, right) + couplings.sum(axis=-1), sign=-1)


def retention_order(
    interactions: Float[np.ndarray, "*pairs left right"],
    left: Float[np.ndarray, "*pairs left"],
    right: Float[np.ndarray, "*pairs right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy deletion that keeps what matters: each step removes the element whose loss is smallest.

    Parameters
    ----------
    interactions, left, right
        As in `insertion_order`.

    Returns
    -------
    order
        As of `insertion_order`, first deleted first.
    """
    couplings = _couplings(interactions)
    return _greedy(couplings, -(_joined(left, right) + couplings.sum(axis=-1)), sign=1)


def interaction_insertion_order(
    interactions: Float[np.ndarray, "*pairs left right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy insertion by W alone, started with the pair of the largest weight (its left segment first).

    From empty no single element has a gain, hence the start.
    """
    n_left, n_right = interactions.shape[-2:]
    flat = interactions.reshape(*interactions.shape[:-2], n_left * n_right)
    start_left, start_right = np.divmod(flat.argmax(axis=-1), n_right)
    couplings = _couplings(interactions)
    gains = np.zeros(couplings.shape[:-1])
    # The start outweighs every sum of weights; both marks leave with the elements that carry them.
    mark = 1.0 + np.abs(couplings).sum(axis=(-2, -1))
    np.put_along_axis(gains, start_left[..., None], 2 * mark[..., None], axis=-1)
    np.put_along_axis(gains, n_left + start_right[..., None], mark[..., None], axis=-1)
    return _greedy(couplings, gains, sign=1)


def interaction_deletion_order(
    interactions: Float[np.ndarray, "*pairs left right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy deletion by W alone; at the full pair every element has a loss, so that no start is needed."""
    couplings = _couplings(interactions)
    return _greedy(couplings, couplings.sum(axis=-1), sign=-1)


def interaction_retention_order(
    interactions: Float[np.ndarray, "*pairs left right"],
) -> Int64[np.ndarray, "*pairs elements"]:
    """Greedy deletion by W alone of what is missed least."""
    couplings = _couplings(interactions)
    return _greedy(couplings, -couplings.sum(axis=-1), sign=1)


def main_effects_order(
    left: Float[np.ndarray, "*pairs left"], right: Float[np.ndarray, "*pairs right"]
) -> Int64[np.ndarray, "*pairs elements"]:
    """Segments by falling main effect: the linear surrogate's order, for insertion and deletion alike.

    Parameters
    ----------
    left, right
        Main effects of each item's segments.

    Returns
    -------
    order
        Numbered as by `insertion_order`; equal effects go by lower index, left first.
    """
    return np.argsort(-_joined(left, right), axis=-1, kind="stable").astype(np.int64)


def order_times(
    seed: int, item_id: str, n_segments: int, n_orders: int
) -> Float[np.ndarray, "orders segments"]:
    """When each segment of an item enters each random order: uniform in [0, 1), from the item alone.

    Any pair orders the elements of both its items by these times. The sets that an item runs through are then
    the same in every pair, and are encoded once. The first orders do not depend on how many are drawn.

    Parameters
    ----------
    seed
        Of the measurement.
    item_id
        Part of the seed.
    n_segments
        Segments of the item.
    n_orders
        Rows of the result.

    Returns
    -------
    Float array, orders x segments
        Earlier times enter first.
    """
    return named_rng(seed, "random_order", item_id).random((n_orders, n_segments))


def random_orders(
    left_times: Float[np.ndarray, "orders left"], right_times: Float[np.ndarray, "orders right"]
) -> Int64[np.ndarray, "orders elements"]:
    """Uniformly random orders of the elements of a pair, from the `order_times` of both items.

    Parameters
    ----------
    left_times, right_times
        Of the same orders of both items; of one side alone the other has no columns.

    Returns
    -------
    Int64 array, orders x elements
        Numbered as by `insertion_order`, first inserted first.
    """
    times = np.concatenate([left_times, right_times], axis=1)
    return np.argsort(times, axis=1, kind="stable").astype(np.int64)


def _couplings(
    interactions: Float[np.ndarray, "*pairs left right"],
) -> Float[np.ndarray, "*pairs elements elements"]:
    n_left, n_right = interactions.shape[-2:]
    couplings = np.zeros((*interactions.shape[:-2], n_left + n_right, n_left + n_right))
    couplings[..., :n_left, n_left:] = interactions
    couplings[..., n_left:, :n_left] = np.swapaxes(interactions, -1, -2)
    return couplings


def _joined(
    left: Float[np.ndarray, "*pairs left"], right: Float[np.ndarray, "*pairs right"]
) -> Float[np.ndarray, "*pairs elements"]:
    return np.concatenate([left, right], axis=-1).astype(np.float64)


def _greedy(
    couplings: Float[np.ndarray, "*pairs elements elements"],
    gains: Float[np.ndarray, "*pairs elements"],
    sign: int,
) -> Int64[np.ndarray, "*pairs elements"]:
    """Take the element of largest gain, again and again; ``sign``: do its partners gain or lose by it."""
    order = np.empty(gains.shape, dtype=np.int64)
    gains = gains.copy()
    for step in range(gains.shape[-1]):
        chosen = gains.argmax(axis=-1)[..., None]
        order[..., step] = chosen[..., 0]
        gains += sign * np.take_along_axis(couplings, chosen[..., None], axis=-2)[..., 0, :]
        np.put_along_axis(gains, chosen, -np.inf, axis=-1)
    return order
