import numpy as np
import pytest
from scipy.stats import binomtest, sem

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.proportions import mean_of_units, proportion


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (3, 7), (40, 40), (1, 1), (700, 1000)])
def test_interval_is_wilsons(hits, n):
    found = proportion(np.arange(n) < hits)
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.low <= found.value <= found.high
    assert found.value == hits / n
    assert found.standard_error == pytest.approx(np.sqrt(hits / n * (1 - hits / n) / n))
    assert found.n == n


def test_nothing_has_no_share():
    assert proportion(np.zeros(0, dtype=bool)).value is None


def test_error_of_a_mean_is_the_plain_one_and_its_interval_keeps_to_the_range():
    values = np.array([0.0, 0.0, 0.1, 0.0, 0.4])
    found = mean_of_units(values, Bounds(0.0, 1.0))
    assert found.value == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(sem(values))
    assert 0 < found.low < 0.1 < found.high
    assert mean_of_units(values).low < 0
