"""Quantities of word classes against loops over pairs and words."""

import math

import numpy as np
import pytest

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.aggregates.word_classes import (
    FEWEST_PAIRS,
    class_means,
    join_word_class_values,
    word_class_values,
)
from ilime_core.errors import InputError

N_PAIRS, N_CLASSES = 30, 4


def drawn(seed=0):
    rng = np.random.default_rng(seed)
    pairs = np.repeat(np.arange(N_PAIRS), rng.integers(1, 7, N_PAIRS))
    classes = rng.choice([0, 1, 3], size=len(pairs), p=[0.6, 0.37, 0.03])
    mass = rng.exponential(size=len(pairs))
    mass[pairs == 4] = np.nan
    mass[pairs == 5] = 0.0
    order = rng.permutation(len(pairs))
    return [one[order] for one in (pairs, classes, mass, rng.normal(size=len(pairs)))]


def test_values_are_sums_over_the_words_of_a_pair():
    pairs, classes, mass, intact = drawn()
    found = word_class_values(pairs, classes, mass, intact, (N_PAIRS, N_CLASSES))
    for pair in range(N_PAIRS):
        words = [n for n in range(len(pairs)) if pairs[n] == pair]
        total = sum(mass[n] for n in words)
        for code in range(N_CLASSES):
            own = [n for n in words if classes[n] == code]
            share = sum(mass[n] for n in own) / total if total else math.nan
            assert found.mass_share[pair, code] == pytest.approx(share, nan_ok=True)
            assert found.word_share[pair, code] == pytest.approx(len(own) / len(words))
            size = sum(abs(intact[n]) for n in own) / len(own) if own else math.nan
            assert found.intact_size[pair, code] == pytest.approx(size, nan_ok=True)
            assert found.n_words[pair, code] == len(own)
    assert np.isnan(found.mass_share[[4, 5]]).all()
    known = np.delete(found.mass_share, [4, 5], axis=0)
    assert known.sum(axis=1) == pytest.approx(1.0)


def test_means_are_clustered_and_without_interval_below_the_floor():
    pairs, classes, mass, intact = drawn()
    values = word_class_values(pairs, classes, mass, intact, (N_PAIRS, N_CLASSES))
    left, right = np.arange(N_PAIRS) // 2, np.arange(N_PAIRS)
    found = {(one.class_code, one.quantity): one for one in class_means(values, left, right)}
    assert {code for code, _ in found} == {0, 1, 3}
    assert 0 < found[3, "mass_share"].n_pairs < FEWEST_PAIRS
    assert found[3, "mass_share"].n_words == int((classes == 3).sum())
    for (code, quantity), one in found.items():
        wanted = clustered_mean(
            getattr(values, quantity)[:, code], [str(n) for n in left], [str(n) for n in right]
        )
        assert (one.mean.mean, one.mean.median, one.mean.n) == (wanted.mean, wanted.median, wanted.n)
        assert one.n_pairs == len(set(pairs[classes == code]))
        assert (one.mean.low is None) == (one.n_pairs < FEWEST_PAIRS)
        assert (one.mean.standard_error is None) == (one.n_pairs < FEWEST_PAIRS)
    assert 0 < found[0, "mass_share"].mean.low < found[0, "mass_share"].mean.high < 1
    assert found[0, "mass_share"].mean.n == N_PAIRS - 2


def test_parts_join_to_the_values_of_all_pairs():
    pairs, classes, mass, intact = drawn()
    whole = word_class_values(pairs, classes, mass, intact, (N_PAIRS, N_CLASSES))
    parts = [whole.of_pairs(np.arange(7)), whole.of_pairs(np.arange(7, N_PAIRS))]
    joined = join_word_class_values(parts)
    for name in ("mass_share", "word_share", "intact_size", "n_words"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


@pytest.mark.parametrize(("pair", "code"), [(2, 0), (-1, 0), (0, 2)])
def test_numbers_outside_of_the_shape_are_refused(pair, code):
    one = np.ones(1)
    with pytest.raises(InputError, match=r"lie in \[0, 2\)"):
        word_class_values(np.array([pair]), np.array([code]), one, one, (2, 2))
