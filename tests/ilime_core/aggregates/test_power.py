"""The smallest difference is found as often as it says."""

import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.power import smallest_difference
from ilime_core.errors import InputError


def test_of_many_degrees_it_is_the_multiplier_of_the_normal_law():
    assert smallest_difference(1.0, 1e9, 0.05) == pytest.approx(1.959964 + 0.841621, abs=1e-5)
    assert smallest_difference(0.3, 1e9, 0.01, 0.9) == pytest.approx(0.3 * (2.575829 + 1.281552), abs=1e-5)


@pytest.mark.parametrize(("degrees", "level"), [(19.0, 0.05), (29.0, 0.05 / 15)])
def test_a_true_difference_of_that_size_is_found_in_four_of_five_samples(degrees, level):
    """Student's t of a sample whose mean is that far from 0 has the noncentral law."""
    size = smallest_difference(1.0, degrees, level)
    assert stats.nct.sf(stats.t.ppf(1 - level / 2, degrees), degrees, size) == pytest.approx(0.8, abs=0.01)


def test_levels_and_powers_are_probabilities():
    for level, power in ((0.0, 0.8), (0.05, 1.0), (np.inf, 0.8)):
        with pytest.raises(InputError, match="inside"):
            smallest_difference(1.0, 9.0, level, power)
