from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import random_game

from ilime_core.errors import InputError
from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.paths import Elements, count_points, deletion_path, insertion_path

ORDER = np.asarray([4, 0, 2, 3, 1])  # left segments 0, 1, 2; right segments 3, 4
AREAS = np.asarray([0.25, 0.15, 0.1, 0.3, 0.2])
BOTH = Elements(3, 2, Side.BOTH, AREAS)


def test_insertion_keeps_growing_prefixes():
    path = insertion_path(ORDER, BOTH, steps=50)
    assert path.x.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert path.left.astype(int).tolist() == [
        [0, 0, 0],
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 1],
        [1, 0, 1],
        [1, 1, 1],
    ]
    assert path.right.astype(int).tolist() == [[0, 0], [0, 1], [0, 1], [0, 1], [1, 1], [1, 1]]
    assert path.n_kept.tolist() == [0, 1, 2, 3, 4, 5]
    assert path.area.tolist() == pytest.approx([0, 0.2, 0.45, 0.55, 0.85, 1])


def test_deletion_keeps_what_the_prefixes_leave():
    path, grown = deletion_path(ORDER, BOTH, steps=50), insertion_path(ORDER, BOTH, steps=50)
    assert path.x.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert (path.left == ~grown.left).all()
    assert (path.right == ~grown.right).all()
    assert path.n_kept.tolist() == [5, 4, 3, 2, 1, 0]
    assert path.area.tolist() == pytest.approx([0, 0.2, 0.45, 0.55, 0.85, 1])


def test_the_deletion_of_the_reversed_order_needs_no_new_coalition():
    for steps in (2, 3, 4, 50):
        forth, back = insertion_path(ORDER, BOTH, steps), deletion_path(ORDER[::-1], BOTH, steps)
        assert (back.left == forth.left[::-1]).all()
        assert (back.right == forth.right[::-1]).all()
        assert back.x.tolist() == pytest.approx((1 - forth.x[::-1]).tolist())
        assert back.area.tolist() == pytest.approx((1 - forth.area[::-1]).tolist())


def test_points_are_even_distinct_and_hold_both_ends():
    assert count_points(59, 50)[[0, -1]].tolist() == [0, 59]
    assert len(count_points(59, 50)) == 50
    assert count_points(4, 50).tolist() == [0, 1, 2, 3, 4]
    assert count_points(10, 3).tolist() == [0, 5, 10]
    assert count_points(10, 5).tolist() == [0, 2, 5, 8, 10]


def test_a_curve_needs_two_ends():
    with pytest.raises(InputError, match="at least 2 steps, got 1"):
        count_points(10, 1)


def test_elements_of_one_side_leave_the_other_item_whole():
    pair = replace(random_game(0, 3, 2)[2], left_areas=np.asarray([0.5, 0.3, 0.2]))
    left, right, both = (Elements.of(pair, side) for side in (Side.LEFT, Side.RIGHT, Side.BOTH))
    assert left.areas.tolist() == [0.5, 0.3, 0.2]
    assert right.areas.tolist() == [0.5, 0.5]
    assert both.areas.tolist() == pytest.approx([0.25, 0.15, 0.1, 0.25, 0.25])
    path = insertion_path(np.asarray([2, 0, 1]), left, steps=50)
    assert path.left.astype(int).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]
    assert path.right.all()
    assert path.area.tolist() == pytest.approx([0, 0.2, 0.7, 1])
    path = deletion_path(np.asarray([1, 0]), right, steps=50)
    assert path.right.astype(int).tolist() == [[1, 1], [1, 0], [0, 0]]
    assert path.left.all()
