import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.paths import count_points, deletion_path, insertion_path

ORDER = np.asarray([4, 0, 2, 3, 1])  # left segments 0, 1, 2; right segments 3, 4


def test_insertion_keeps_growing_prefixes():
    path = insertion_path(ORDER, 3, steps=50)
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


def test_deletion_keeps_what_the_prefixes_leave():
    path, grown = deletion_path(ORDER, 3, steps=50), insertion_path(ORDER, 3, steps=50)
    assert path.x.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert (path.left == ~grown.left).all()
    assert (path.right == ~grown.right).all()
    assert path.n_kept.tolist() == [5, 4, 3, 2, 1, 0]


def test_the_deletion_of_the_reversed_order_needs_no_new_coalition():
    for steps in (2, 3, 4, 50):
        forth, back = insertion_path(ORDER, 3, steps), deletion_path(ORDER[::-1], 3, steps)
        assert (back.left == forth.left[::-1]).all()
        assert (back.right == forth.right[::-1]).all()
        assert back.x.tolist() == pytest.approx((1 - forth.x[::-1]).tolist())


def test_points_are_even_distinct_and_hold_both_ends():
    assert count_points(59, 50)[[0, -1]].tolist() == [0, 59]
    assert len(count_points(59, 50)) == 50
    assert count_points(4, 50).tolist() == [0, 1, 2, 3, 4]
    assert count_points(10, 3).tolist() == [0, 5, 10]
    assert count_points(10, 5).tolist() == [0, 2, 5, 8, 10]


def test_a_curve_needs_two_ends():
    with pytest.raises(InputError, match="at least 2 steps, got 1"):
        count_points(10, 1)
