import numpy as np
import pytest
from planted_pairs import random_game, tower_ends


def test_coefficients_with_the_other_item_whole_are_the_models_own_differences():
    left, right, pair = random_game(0, 4, 3)
    empty, whole = tower_ends(left, 4)[0], tower_ends(right, 3)[1]
    assert pair.left_whole == pytest.approx((left(np.eye(4, dtype=bool)) - empty) @ whole)
    empty, whole = tower_ends(right, 3)[0], tower_ends(left, 4)[1]
    assert pair.right_whole == pytest.approx((right(np.eye(3, dtype=bool)) - empty) @ whole)
