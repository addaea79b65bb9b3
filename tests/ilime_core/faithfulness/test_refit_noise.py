"""Noise on views: bounded, rounded, cut, and the same pattern at every bound."""

import numpy as np
import pytest

from ilime_core.faithfulness.refit_noise import add_noise

GREY = np.full((50, 40, 3), 128, dtype=np.uint8)


@pytest.mark.parametrize(("bound", "steps"), [(0.02, 5), (0.2, 51)])
def test_noise_is_uniform_up_to_its_bound(bound, steps):
    change = add_noise(GREY, bound, np.random.default_rng(0)).astype(int) - 128
    assert (change.min(), change.max()) == (-steps, steps)
    assert change.mean() == pytest.approx(0, abs=steps / 20)
    assert change.std() == pytest.approx(255 * bound / np.sqrt(3), rel=0.05)


def test_values_stay_between_black_and_white():
    for value, side in ((0, -1), (255, 1)):
        found = add_noise(np.full_like(GREY, value), 0.2, np.random.default_rng(0)).astype(int)
        assert (found == value).mean() == pytest.approx(0.5, abs=0.05)
        assert ((found - value) * side).max() == 0
        assert ((found - value) * side).min() == -51


def test_one_generator_gives_one_pattern_at_every_bound():
    small, large = (
        add_noise(GREY, bound, np.random.default_rng(1)).astype(int) - 128 for bound in (0.1, 0.2)
    )
    assert np.abs(large - 2 * small).max() <= 2
    other = add_noise(GREY, 0.1, np.random.default_rng(2)).astype(int) - 128
    assert (other != small).mean() > 0.9
