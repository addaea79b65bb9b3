import numpy as np
import pytest

from ilime_core.errors import FailureReason, ItemError
from ilime_core.opaque.coefficients import MOST_COEFFICIENTS, is_within_bound
from ilime_core.opaque.foreseen_scores import foreseen_scores
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.tally import SilentGame
from ilime_core.pair_records import PairFitOptions


class Unasked(SilentGame):
    """A pair that must not be scored."""

    def score(self, left, right):
        raise AssertionError("a pair that is too large was scored")


@pytest.mark.parametrize(
    ("name", "count"),
    [("paired", 49 * 512 + 561), ("paired_pure", 49 * 512), ("kernel_shapley_taylor", 561 * 560 // 2)],
)
def test_a_pair_of_too_many_coefficients_fails_before_it_is_scored(name, count):
    assert PAIR_ESTIMATORS[name].coefficients(49, 512) == count
    message = f"49 and 512 segments make {count:,} coefficients of {name}"
    with pytest.raises(ItemError, match=message) as caught:
        PAIR_ESTIMATORS[name].make(Unasked(49, 512), PairFitOptions(), np.random.default_rng(0))
    assert caught.value.reason is FailureReason.TOO_LARGE


def test_the_bound_is_the_last_size_that_is_explained():
    assert is_within_bound("paired", 49, 162)
    assert not is_within_bound("paired", 49, 163)
    count = PAIR_ESTIMATORS["paired"].coefficients
    assert count(49, 162) <= MOST_COEFFICIENTS < count(49, 163)


def test_others_explain_long_texts():
    assert foreseen_scores("grid", 3, 64, PairFitOptions(), np.random.default_rng(0))[0] > 0
    assert is_within_bound("grid", 1024, 512)
    assert is_within_bound("linear_lime", 1024, 512)
