import numpy as np
import pytest
from stored_pairs import single, stored

from ilime_core.faithfulness.measured_pair import GlobalPart
from ilime_core.faithfulness.metrics.representativeness import representativeness


def share(weights, left, strengths, right):
    part = GlobalPart(*(np.asarray(x, dtype=float) for x in (left, right, strengths)))
    return single(representativeness(stored(weights, global_part=part)))


W = [[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
FIRST = [[1.0], [0.0], [0.0]], [2.0], [[1.0], [0.0]]


def test_the_share_of_leading_factors_is_known_by_hand():
    assert share(W, *FIRST).value == pytest.approx(4 / 5)
    both = [[1.0, 0], [0, 1], [0, 0]], [2.0, 1.0], [[1.0, 0], [0, 1]]
    assert share(W, *both).value == pytest.approx(1)


def test_factors_that_say_nothing_tell_nothing_and_wrong_ones_less():
    left, _, right = FIRST
    assert share(W, left, [0.0], right).value == pytest.approx(0)
    assert share(W, left, [1.0], right).value == pytest.approx(1 - (1 + 1) / 5)
    assert share(W, left, [-2.0], right).value == pytest.approx(1 - (16 + 1) / 5)
    assert share(W, [[0.0], [0], [1]], [2.0], right).value == pytest.approx(1 - (4 + 1 + 4) / 5)


def test_it_is_unknown_without_global_factors_or_interactions():
    assert single(representativeness(stored(W))).value is None
    assert share(np.zeros((3, 2)), *FIRST).value is None
