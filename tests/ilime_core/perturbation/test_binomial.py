from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import binom

from ilime_core.perturbation.binomial import binomial_law


@pytest.mark.parametrize("p", [0.5, 0.0694, 0.9])
@pytest.mark.parametrize("n", [1, 2, 7, 49, 256])
def test_probabilities_are_those_of_exact_arithmetic(n, p):
    kept, removed = Fraction(p), 1 - Fraction(p)
    exact = [float(comb(n, size) * kept**size * removed ** (n - size)) for size in range(n + 1)]
    np.testing.assert_allclose(binomial_law(n, p), exact, rtol=2e-12, atol=0)


def test_three_segments_by_hand():
    np.testing.assert_allclose(binomial_law(3, 0.25), [27 / 64, 27 / 64, 9 / 64, 1 / 64], rtol=1e-14)


def test_the_law_is_that_of_scipy():
    np.testing.assert_allclose(binomial_law(40, 0.3), binom.pmf(np.arange(41), 40, 0.3), rtol=1e-12)
