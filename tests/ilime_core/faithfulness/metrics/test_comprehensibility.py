import numpy as np
import pytest
from stored_pairs import single, stored

from ilime_core.faithfulness.metrics.comprehensibility import comprehensibility


def components(weights, noise=0.0):
    return single(comprehensibility(stored(weights, sum_squared_error=noise))).value


def matrix(strengths, n=6, m=5):
    rng = np.random.default_rng(0)
    u, v = (np.linalg.qr(rng.normal(size=(k, len(strengths)))).Q for k in (n, m))
    return (u * strengths) @ v.T


@pytest.mark.parametrize(
    ("energies", "wanted"),
    [
        ([1], 1),
        ([0.91, 0.09], 1),
        ([0.9, 0.1], 1),
        ([0.89, 0.11], 2),
        ([0.5, 0.3, 0.15, 0.05], 3),
        ([0.25, 0.25, 0.25, 0.25], 4),
    ],
)
def test_components_for_nine_tenths_of_the_energy(energies, wanted):
    assert components(matrix(np.sqrt(energies))) == wanted


def test_noise_is_taken_off_before():
    weights = matrix(np.sqrt([5.0, 3.0, 1.0, 1.0]))
    # 9 of 10 need three; with 2 of noise 7.2 of 8 need two, with 5 4.5 of 5 one.
    assert [components(weights, noise) for noise in (0.0, 2.0, 5.0)] == [3, 2, 1]


def test_it_is_unknown_without_errors_or_within_noise():
    assert single(comprehensibility(stored([[1.0, 0], [0, 1]]))).value is None
    assert components([[1.0, 0], [0, 1]], noise=2.0) is None
    assert components(np.zeros((3, 2))) is None


def test_an_estimate_of_negative_noise_adds_nothing():
    assert components(matrix(np.sqrt([0.91, 0.09])), noise=-5.0) == 1
