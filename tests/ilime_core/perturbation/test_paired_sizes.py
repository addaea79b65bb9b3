from math import comb

import numpy as np
import pytest
from scipy.stats import binom

from ilime_core.errors import InputError
from ilime_core.perturbation.paired_sizes import (
    SizeBudget,
    paired_sizes,
    shapley_kernel,
    size_law,
    size_mixture,
)


def test_the_kernel_is_the_shapley_weight_of_a_size():
    assert shapley_kernel(4) == pytest.approx(np.array([4, 3, 4]) / 11, abs=1e-15)


def test_rows_on_their_own_follow_the_root_of_the_kernel():
    law = size_law(4, SizeBudget(0, 100))
    assert law == pytest.approx(np.array([2, 3**0.5, 2]) / (4 + 3**0.5), abs=1e-15)


def test_rows_beside_banzhaf_rows_complete_the_kernel_where_they_can():
    budget = SizeBudget(256, 2560)
    mixture = size_mixture(20, budget)
    # With this many Shapley rows no size is in excess: the mixture is the kernel.
    kernel = shapley_kernel(20)
    binomial = 256 * binom.pmf(np.arange(1, 20), 20, 0.5)
    assert (2816 * kernel > binomial).sum() == 19
    assert mixture == pytest.approx(2816 * kernel, rel=1e-6)


def test_a_lopsided_design_still_gives_a_symmetric_law():
    law = size_law(11, SizeBudget(64, 64, p=0.8))
    assert law == pytest.approx(law[::-1], abs=1e-15)
    assert law.tolist() != size_law(11, SizeBudget(64, 64, p=0.5)).tolist()


@pytest.mark.parametrize("segments", [2, 3, 4, 7, 20, 49])
@pytest.mark.parametrize("n_banzhaf", [0, 128])
def test_rows_are_complement_pairs_with_sizes_of_the_law(segments, n_banzhaf):
    budget = SizeBudget(n_banzhaf, 128)
    masks = paired_sizes(segments, budget, np.random.default_rng(0))
    first, second = np.split(masks, 2)
    assert (first == ~second).all()
    counts = np.bincount(masks.sum(axis=1), minlength=segments + 1)
    assert counts[0] == counts[-1] == 0
    assert (np.abs(counts[1:-1] - 128 * size_law(segments, budget)) <= 2.0).all()


@pytest.mark.parametrize("rows", [60, 200])
@pytest.mark.parametrize("seed", range(5))
def test_subsets_repeat_only_after_all_of_their_size_were_drawn(rows, seed):
    masks = paired_sizes(6, SizeBudget(0, rows), np.random.default_rng(seed))
    for size in range(1, 6):
        codes = masks[masks.sum(axis=1) == size] @ (1 << np.arange(6))
        times = np.bincount(codes, minlength=64)
        drawn = times[[code for code in range(64) if code.bit_count() == size]]
        assert len(drawn) == comb(6, size)
        assert drawn.max() - drawn.min() <= 1


def test_subsets_of_a_size_are_uniform():
    rng = np.random.default_rng(0)
    drawn = np.concatenate([paired_sizes(6, SizeBudget(0, 20), rng) for _ in range(3000)])
    for size in (1, 2, 3):
        codes = drawn[drawn.sum(axis=1) == size] @ (1 << np.arange(6))
        shares = np.bincount(codes, minlength=64)[np.unique(codes)] / len(codes)
        assert shares == pytest.approx(np.full(comb(6, size), 1 / comb(6, size)), rel=0.15)


def test_an_odd_request_is_rounded_up_to_pairs():
    assert len(paired_sizes(9, SizeBudget(0, 31), np.random.default_rng(0))) == 32
    assert len(paired_sizes(9, SizeBudget(0, 0), np.random.default_rng(0))) == 0


def test_one_segment_has_no_size_between():
    with pytest.raises(InputError, match="at least two segments, got 1"):
        paired_sizes(1, SizeBudget(0, 4), np.random.default_rng(0))
