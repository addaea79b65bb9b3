import itertools

import numpy as np
import pytest
from every import every

from ilime_core.faithfulness.orders import (
    deletion_order,
    insertion_order,
    interaction_deletion_order,
    interaction_insertion_order,
    interaction_retention_order,
    main_effects_order,
    order_times,
    random_orders,
    retention_order,
)


def surrogate(weights: np.ndarray, left: np.ndarray, right: np.ndarray, kept: set[int]) -> float:
    n_left = len(left)
    rows = [element for element in kept if element < n_left]
    columns = [element - n_left for element in kept if element >= n_left]
    return left[rows].sum() + right[columns].sum() + weights[np.ix_(rows, columns)].sum()


def greedy_by_definition(weights, left, right, *, inserting: bool, start: tuple[int, ...] = ()) -> list[int]:
    """Evaluate the whole surrogate for every next element; the first of the best wins."""
    n = len(left) + len(right)
    order = list(start)
    while len(order) < n:
        rest = [element for element in range(n) if element not in order]

        def value_after(element, order=order):
            done = {*order, element}
            return surrogate(weights, left, right, done if inserting else set(range(n)) - done)

        order.append(max(rest, key=value_after) if inserting else min(rest, key=value_after))
    return order


def retention_by_definition(weights, left, right) -> list[int]:
    """Remove what leaves the largest surrogate; the first of the best goes."""
    n = len(left) + len(right)
    order: list[int] = []
    while len(order) < n:
        rest = [element for element in range(n) if element not in order]
        order.append(max(rest, key=lambda element: surrogate(weights, left, right, {*rest} - {element})))
    return order


def integer_game(seed: int, n_left: int, n_right: int):
    """Integer values: sums are exact, and ties are frequent."""
    rng = np.random.default_rng(seed)
    return (
        rng.integers(-2, 4, (n_left, n_right)).astype(float),
        rng.integers(-2, 3, n_left).astype(float),
        rng.integers(-2, 3, n_right).astype(float),
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (5, 3), (4, 6)])
@pytest.mark.parametrize("seed", range(6))
def test_greedy_orders_are_those_of_the_definition(shape, seed):
    weights, left, right = integer_game(seed, *shape)
    none_left, none_right = np.zeros_like(left), np.zeros_like(right)
    assert insertion_order(weights, left, right).tolist() == greedy_by_definition(
        weights, left, right, inserting=True
    )
    assert deletion_order(weights, left, right).tolist() == greedy_by_definition(
        weights, left, right, inserting=False
    )
    start_left, start_right = np.unravel_index(weights.argmax(), shape)
    assert interaction_insertion_order(weights).tolist() == greedy_by_definition(
        weights, none_left, none_right, inserting=True, start=(int(start_left), int(start_right) + shape[0])
    )
    assert interaction_deletion_order(weights).tolist() == greedy_by_definition(
        weights, none_left, none_right, inserting=False
    )
    assert retention_order(weights, left, right).tolist() == retention_by_definition(weights, left, right)
    assert interaction_retention_order(weights).tolist() == retention_by_definition(
        weights, none_left, none_right
    )


def test_a_batch_gives_the_orders_of_its_members():
    games = [integer_game(seed, 5, 4) for seed in range(7)]
    weights, left, right = (np.stack(part) for part in zip(*games, strict=True))
    batched = [
        insertion_order(weights, left, right),
        deletion_order(weights, left, right),
        interaction_insertion_order(weights),
        interaction_deletion_order(weights),
        main_effects_order(left, right),
    ]
    for row, game in enumerate(games):
        single = [
            insertion_order(*game),
            deletion_order(*game),
            interaction_insertion_order(game[0]),
            interaction_deletion_order(game[0]),
            main_effects_order(*game[1:]),
        ]
        assert [order[row].tolist() for order in batched] == [order.tolist() for order in single]


def test_ties_go_by_lower_index_left_first():
    flat = np.ones((3, 2)), np.ones(3), np.ones(2)
    assert insertion_order(*flat).tolist() == [0, 3, 1, 4, 2]
    assert deletion_order(np.zeros((3, 2)), *flat[1:]).tolist() == [0, 1, 2, 3, 4]
    assert main_effects_order(np.asarray([1.0, 2.0]), np.asarray([2.0, 3.0])).tolist() == [3, 1, 2, 0]
    assert interaction_insertion_order(np.ones((2, 2))).tolist()[:2] == [0, 2]


def test_an_interaction_order_starts_with_the_strongest_pair_even_among_negative_weights():
    weights = -np.asarray([[5.0, 4.0, 9.0], [8.0, 2.0, 7.0]])
    assert interaction_insertion_order(weights).tolist()[:2] == [1, 2 + 1]


def test_equal_sums_of_float32_weights_stay_tied():
    weights = np.random.default_rng(0).random(40, dtype=np.float32) + 1
    in_order = sorted(
        (np.random.default_rng(seed).permutation(weights) for seed in range(20)), key=_float32_sum
    )
    rows = np.stack([in_order[0], in_order[-1]])
    assert _float32_sum(rows[0]) < _float32_sum(rows[1])
    assert interaction_deletion_order(rows)[0] == 0


def _float32_sum(weights: np.ndarray) -> float:
    return float(np.cumsum(weights, dtype=np.float32)[-1])


def test_the_times_of_an_item_are_its_own_whatever_its_partner():
    mine = order_times(0, "i1", 6, 8)
    for n_right, partner in ((3, "t1"), (9, "t2")):
        orders = random_orders(mine, order_times(0, partner, n_right, 8))
        assert orders.shape == (8, 6 + n_right)
        for number, order in enumerate(orders):
            assert sorted(order.tolist()) == list(range(6 + n_right))
            own = [element for element in order.tolist() if element < 6]
            assert own == np.argsort(mine[number]).tolist()


def test_the_first_random_orders_do_not_depend_on_how_many_are_drawn():
    assert (order_times(3, "i1", 5, 20)[:4] == order_times(3, "i1", 5, 4)).all()


def test_random_orders_move_with_seed_and_item():
    drawn = [order_times(seed, item, 5, 2) for seed, item in [(0, "i1"), (1, "i1"), (0, "i2")]]
    assert every((a != b).all() for a, b in itertools.combinations(drawn, 2))


def test_joint_random_orders_are_uniform():
    orders = random_orders(order_times(0, "i1", 2, 6000), order_times(0, "t1", 2, 6000))
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    # 250 each, standard deviation 15.5.
    assert np.abs(counts - 250).max() < 65
