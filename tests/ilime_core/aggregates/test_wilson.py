"""Wilson's interval against values by hand and its defining equation."""

import math

import pytest

from ilime_core.aggregates.wilson import wilson_interval
from ilime_core.errors import InputError

Z = 1.959963984540054


def test_half_of_ten():
    # 1 / (1 + z^2 / 10) * (0.5 + z^2 / 20 -+ z sqrt(0.025 + z^2 / 400))
    assert wilson_interval(5, 10) == pytest.approx((0.2365931, 0.7634069), abs=1e-6)


@pytest.mark.parametrize(("n_true", "n"), [(0, 7), (3, 7), (7, 7), (1, 1), (406, 1000)])
def test_each_end_is_a_share_whose_score_test_just_rejects(n_true, n):
    low, high = wilson_interval(n_true, n)
    for end in (low, high):
        if 0 < end < 1:
            assert abs(n_true / n - end) == pytest.approx(Z * math.sqrt(end * (1 - end) / n))
    assert (low == 0) == (n_true == 0)
    assert math.isclose(high, 1) == (n_true == n)


def test_no_trial_has_no_interval_and_no_share_is_refused():
    assert wilson_interval(0, 0) is None
    for wrong in ((3, 2), (-1, 2)):
        with pytest.raises(InputError, match="is no share"):
            wilson_interval(*wrong)
    with pytest.raises(InputError, match="level"):
        wilson_interval(1, 2, level=1.0)
