"""Fold-over blocks: balance, orthogonality, complements and three-way products.

Proves ilime_core.perturbation.hadamard.
"""

import tracemalloc

import numpy as np
import pytest
import torch
from scipy.linalg import hadamard

from ilime_core.errors import InputError
from ilime_core.perturbation.foldover import block_order, foldover, foldover_rows, is_whole_foldover


@pytest.mark.parametrize(
    ("segments", "order"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (33, 64), (64, 64), (65, 128)]
)
def test_the_order_is_the_smallest_power_of_two_that_holds_the_segments(segments, order):
    assert block_order(segments) == order


@pytest.mark.parametrize(
    ("segments", "asked", "drawn"),
    [(49, 1, 128), (49, 128, 128), (49, 129, 256), (49, 256, 256), (8, 40, 48), (1, 3, 4)],
)
def test_requests_are_rounded_up_to_whole_blocks(segments, asked, drawn):
    assert foldover_rows(segments, asked) == drawn
    assert foldover(segments, asked, np.random.default_rng(0)).shape == (drawn, segments)


@pytest.mark.parametrize("segments", [1, 2, 3, 5, 12, 16, 49])
def test_whole_blocks_are_balanced_orthogonal_and_complementary(segments):
    masks = foldover(segments, 4 * segments, np.random.default_rng(segments))
    assert (masks.mean(axis=0) == 0.5).all()
    centred = masks - 0.5
    assert np.linalg.matrix_rank(centred) == segments
    assert abs(np.linalg.cond(centred) - 1.0) < 1e-12
    order = block_order(segments)
    blocks = masks.reshape(-1, 2, order, segments)
    assert (blocks[:, 0] == ~blocks[:, 1]).all()


@pytest.mark.parametrize("segments", [1, 2, 7, 9, 16])
def test_without_permuted_rows_blocks_are_columns_of_sylvesters_matrix(segments):
    class Sorted(np.random.Generator):
        """Permutes the columns, which come first, and leaves rows as they are."""

        permuted = False

        def permutation(self, count):
            first, self.permuted = not self.permuted, True
            return super().permutation(count) if first else np.arange(count)

    masks = foldover(segments, 1, Sorted(np.random.PCG64(segments)))
    rng, order = np.random.default_rng(segments), block_order(segments)
    rows = (hadamard(order) > 0)[:, rng.permutation(order)[:segments]] ^ (rng.random(segments) < 0.5)
    assert (masks == np.concatenate([rows, ~rows])).all()


@pytest.mark.parametrize(("order", "most"), [(16, 0.7), (32, 0.08), (64, 0.12), (128, 0.025)])
def test_what_three_segments_do_together_spreads_over_the_effects_of_many(order, most):
    rng = np.random.default_rng(0)
    largest, fourth_powers = [], []
    for _ in range(20):
        signs = 2.0 * foldover(order, 1, rng)[:order] - 1.0
        for _ in range(50):
            three = rng.choice(order, 3, replace=False)
            shares = signs.T @ signs[:, three].prod(axis=1) / order
            # The columns are an orthonormal basis up to scale, so the squared shares add up to 1.
            assert (shares**2).sum() == pytest.approx(1)
            largest.append(np.abs(shares).max())
            fourth_powers.append((shares**4).sum())
    # 1 under Sylvester's matrix, whose product of three columns is a fourth; 3/order of random signs.
    assert np.mean(fourth_powers) < most
    assert np.mean(np.isclose(largest, 1)) < (0.5 if order == 16 else 0.01)


def test_a_design_makes_its_own_columns_and_not_the_whole_matrix():
    """Of 1,025 segments the matrix of order 2,048 takes 32 MiB, the kept columns and their masks 8."""
    tracemalloc.start()
    masks = foldover(1_025, 1, np.random.default_rng(0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert masks.shape == (4_096, 1_025)
    assert peak < 24 * 2**20


def test_single_masks_follow_the_uniform_law_on_coalitions():
    rng = np.random.default_rng(0)
    codes = np.concatenate([foldover(5, 16, rng) @ (1 << np.arange(5)) for _ in range(4000)])
    expected = len(codes) / 32
    # Rows of a block are not independent, so the band is wide.
    assert (np.abs(np.bincount(codes, minlength=32) - expected) < 0.15 * expected).all()


def test_blocks_of_one_design_differ():
    masks = foldover(12, 64, np.random.default_rng(0)).reshape(2, 32, 12)
    assert (masks[0] != masks[1]).any()


def test_an_item_without_segments_is_refused():
    with pytest.raises(InputError, match="at least one segment, got 0"):
        foldover(0, 8, np.random.default_rng(0))


def test_whole_blocks_are_recognised_and_nothing_else():
    rng = np.random.default_rng(1)
    whole = foldover(12, 64, rng)
    truncated = np.concatenate([whole[:24], ~whole[:24], whole[:16]])
    paired = rng.random((2, 1, 16, 12)) < 0.5
    only_complements = np.concatenate([paired, ~paired], axis=1).reshape(64, 12)
    broken = whole.copy()
    broken[0, 0] ^= True
    stack = torch.from_numpy(np.stack([whole, truncated, only_complements, broken]))
    assert is_whole_foldover(stack).tolist() == [True, False, False, False]
    assert not is_whole_foldover(torch.from_numpy(whole[:48])[None]).any()
