from itertools import product
from math import erfc, sqrt

import numpy as np
import pytest
from stored_pairs import single, stored

from ilime_core.faithfulness.certainty import LEVEL, certainty, n_discoveries


def by_definition(p_values, level):
    """The largest k of which k p-values are at most k level / n."""
    n = len(p_values)
    return max((k for k in range(1, n + 1) if sum(p <= k * level / n for p in p_values) >= k), default=0)


def test_discoveries_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    for seed in range(200):
        p_values = rng.random(12) ** (1 + seed % 5)
        assert n_discoveries(p_values, 0.2) == by_definition(p_values.tolist(), 0.2)


def test_discoveries_are_known_by_hand():
    # A later hit carries the earlier misses: .04 and .045 are above .0125 and .025, .05 is at its bound.
    assert n_discoveries(np.asarray([0.04, 0.045, 0.05, 0.03]), 0.05) == 4
    assert n_discoveries(np.asarray([0.04, 0.045, 0.06, 0.03]), 0.05) == 0
    assert n_discoveries(np.asarray([0.012, 0.9, 0.9, 0.9]), 0.05) == 1
    assert n_discoveries(np.asarray([0.9, 0.9]), 0.05) == 0


def test_the_share_follows_from_weights_and_errors():
    weights = [[5.0, -4.0, 0.1], [1.0, -0.5, 2.4]]
    errors = np.asarray([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    p_values = [erfc(abs(w) / sqrt(2)) for row in weights for w in row]
    assert by_definition(p_values, LEVEL) == 3
    got = single(certainty(stored(weights, errors=errors)))
    assert got.value == pytest.approx(3 / 6)
    assert got.direction == "higher"
    assert single(certainty(stored(weights, errors=10 * errors))).value == 0
    assert single(certainty(stored(weights, errors=errors / 100))).value == 1


def test_a_weight_without_error_is_known():
    zero = np.zeros((2, 2))
    assert single(certainty(stored([[1e-9, 0], [0, -3]], errors=zero))).value == pytest.approx(0.5)
    assert single(certainty(stored(zero, errors=zero))).value == 0
    assert single(certainty(stored(zero))).value is None


def test_noise_makes_few_discoveries_and_signal_many():
    rng = np.random.default_rng(1)
    errors = np.ones((8, 6))
    any_found = []
    for _ in range(400):
        noise = rng.normal(size=(8, 6))
        any_found.append(single(certainty(stored(noise, errors=errors))).value > 0)
    # Where nothing is there, some discovery is made in 5 % of the matrices.
    assert np.mean(any_found) == pytest.approx(LEVEL, abs=4 * sqrt(0.05 * 0.95 / 400))
    signal = np.asarray([[6.0 if (i + j) % 2 else 0.0 for i, j in product(range(8), range(6))]]).reshape(8, 6)
    values = [
        single(certainty(stored(signal + rng.normal(size=(8, 6)), errors=errors))).value for _ in range(50)
    ]
    assert np.mean(values) == pytest.approx(0.5, abs=0.03)
