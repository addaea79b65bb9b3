import numpy as np
import pytest

from ilime_core.faithfulness.curves import Scale, area_under, coalition_spread
from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.orders import order_times, random_orders
from ilime_core.faithfulness.paths import Elements, insertion_path


def test_areas_are_known():
    x = np.asarray([0.0, 0.25, 1.0])
    assert area_under(x, np.asarray([0.0, 0.25, 1.0])) == pytest.approx(0.5)
    assert area_under(x, np.asarray([2.0, 2.0, 2.0])) == pytest.approx(2.0)
    assert area_under(x, np.asarray([0.0, 1.0, 1.0])) == pytest.approx(0.125 + 0.75)


def random_curves(value_of, n_elements: int, n_orders: int, seed: int = 0):
    orders = random_orders(
        order_times(seed, "i", n_elements - 2, n_orders), order_times(seed, "t", 2, n_orders)
    )
    elements = Elements(n_elements - 2, 2, Side.BOTH, np.full(n_elements, 1 / n_elements))
    paths = [insertion_path(order, elements, steps=n_elements + 1) for order in orders]
    return [path.n_kept for path in paths], [value_of(np.hstack([path.left, path.right])) for path in paths]


def test_the_spread_is_that_of_coalitions_with_every_element_kept_by_a_coin():
    rng = np.random.default_rng(1)
    weights, curved = rng.normal(size=9), rng.normal(size=(9, 9))

    def value_of(kept):
        return kept @ weights + np.einsum("pi,ij,pj->p", kept, curved, kept) / 4 + kept.sum(axis=1) ** 3 / 40

    coins = (np.arange(2**9)[:, None] >> np.arange(9) & 1).astype(bool)[1:-1]
    got = coalition_spread(*random_curves(value_of, 9, 4000))
    assert got == pytest.approx(value_of(coins).std(), rel=0.03)


def test_a_constant_target_has_no_spread_and_one_order_or_no_inner_point_none():
    assert coalition_spread(*random_curves(lambda kept: np.ones(len(kept)), 6, 3)) == pytest.approx(
        0.0, abs=1e-12
    )
    assert coalition_spread(*random_curves(lambda kept: kept.sum(axis=1) / 6, 6, 1)) is None
    ends = [np.asarray([0, 6])] * 2, [np.asarray([0.0, 1.0])] * 2
    assert coalition_spread(*ends) is None


def test_areas_are_normalised_only_where_the_pair_stands_out():
    assert Scale(0.2, 0.8, 0.1).normalised(0.5) == pytest.approx(0.5)
    assert Scale(0.2, 0.8, 0.0).normalised(0.8) == pytest.approx(1.0)
    assert Scale(0.2, 0.8, 0.19).normalised(0.2) == pytest.approx(0.0)
    assert Scale(0.2, 0.8, 0.21).normalised(0.5) is None
    assert Scale(0.8, 0.2, 0.01).normalised(0.5) is None
    assert Scale(0.3, 0.3, 0.0).normalised(0.3) is None
    assert Scale(0.2, 0.8, None).normalised(0.5) is None
    assert Scale(0.2, 0.8, 0.1).normalised(None) is None
