import numpy as np
import pytest
from scipy.stats import binom

from ilime_core.errors import RankDeficientError
from ilime_core.perturbation.stratified import stratified, systematic_sample


@pytest.mark.parametrize("p", [0.3, 0.5, 0.8])
def test_counts_of_sizes_are_the_binomial_ones_to_within_one(p):
    masks = stratified(p)(10, 400, np.random.default_rng(0))
    counts = np.bincount(masks.sum(axis=1), minlength=11)
    assert (np.abs(counts - 400 * binom.pmf(np.arange(11), 10, p)) < 1.0).all()


def test_subsets_are_uniform_within_a_size():
    masks = stratified(0.5)(4, 48_000, np.random.default_rng(0))
    pairs = masks[masks.sum(axis=1) == 2] @ [1, 2, 4, 8]
    counts = np.bincount(pairs, minlength=13)[[3, 5, 6, 9, 10, 12]]
    assert counts / len(pairs) == pytest.approx(np.full(6, 1 / 6), abs=0.01)


def test_a_systematic_sample_takes_each_outcome_by_its_share():
    assert systematic_sample(np.array([0.5, 0.25, 0.25]), 8, np.random.default_rng(0)).tolist() == [0] * 4 + [
        1,
        1,
        2,
        2,
    ]


def test_rows_come_in_no_order_of_size():
    sizes = stratified(0.5)(10, 400, np.random.default_rng(0)).sum(axis=1)
    assert (np.diff(sizes) < 0).any()


def test_too_few_masks_are_refused():
    with pytest.raises(RankDeficientError, match="at least 31"):
        stratified(0.5)(30, 25, np.random.default_rng(0))
