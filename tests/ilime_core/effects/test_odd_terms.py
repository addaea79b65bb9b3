"""Kernels of what three and five segments do together, by brute force over all of them."""

from itertools import combinations

import numpy as np
import pytest
import torch

from ilime_core.effects.odd_terms import odd_kernels, segment_sizes

SIZES = torch.tensor([0.1, 2.0, 0.7, 1.0, 0.05, 3.0], dtype=torch.float64)


def _signs(rows=9, segments=6):
    return torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], (rows, segments)))


@pytest.mark.parametrize(("place", "order"), [(0, 3), (1, 5)])
def test_the_kernels_are_sums_over_all_sets_of_segments(place, order):
    signs = _signs()
    sets = [list(one) for one in combinations(range(6), order)]
    terms = torch.stack([signs[:, one].prod(1) * SIZES[one].prod().sqrt() for one in sets], dim=1)
    expected = terms @ terms.mT / torch.stack([SIZES[one].prod() for one in sets]).sum()
    torch.testing.assert_close(odd_kernels(signs, SIZES)[place], expected, rtol=0, atol=1e-13)


def test_one_segment_far_above_all_others_costs_no_digits():
    sizes = torch.tensor([1e6, 1.0, 1.0, 1.0, 1.0, 1.0], dtype=torch.float64)
    signs = _signs()
    sets = [[0, *one] for one in combinations(range(1, 6), 4)]
    # All sets without the first segment together have a millionth of a share.
    expected = sum(torch.outer(signs[:, one].prod(1), signs[:, one].prod(1)) for one in sets) / len(sets)
    torch.testing.assert_close(odd_kernels(signs, sizes)[1], expected, rtol=0, atol=1e-6)


def test_signs_of_a_column_and_the_unit_of_sizes_do_not_matter():
    signs = _signs()
    turned = signs * torch.tensor([1.0, -1.0, -1.0, 1.0, 1.0, -1.0])
    expected = odd_kernels(signs, SIZES)
    torch.testing.assert_close(odd_kernels(turned, SIZES), expected)
    torch.testing.assert_close(odd_kernels(signs, 7 * SIZES), expected)
    torch.testing.assert_close(expected.diagonal(dim1=1, dim2=2), torch.ones(2, 9, dtype=torch.float64))


@pytest.mark.parametrize(("segments", "zero"), [(1, [True, True]), (2, [True, True]), (4, [False, True])])
def test_fewer_segments_than_the_order_do_nothing_together(segments, zero):
    kernels = odd_kernels(_signs(4, segments), SIZES[:segments])
    assert (kernels == 0).flatten(1).all(dim=1).tolist() == zero


def test_sizes_are_squares_without_their_noise():
    halves = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.1, 0.1]], dtype=torch.float64)
    noise = torch.tensor([1.0, 0.5, 0.5], dtype=torch.float64)
    # 8, 0.5 and nothing, in units of their mean.
    expected = [8 / (8.5 / 3), 0.5 / (8.5 / 3), 0.005]
    assert segment_sizes(halves, noise).tolist() == pytest.approx(expected)


def test_without_any_effect_all_segments_are_alike():
    halves = torch.full((4, 3), 0.1, dtype=torch.float64)
    assert segment_sizes(halves, torch.ones(4, dtype=torch.float64)).tolist() == [1.0] * 4
