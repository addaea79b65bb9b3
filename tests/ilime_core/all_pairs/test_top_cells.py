"""Largest cells against a sort of all cells."""

import numpy as np
import pytest
import torch

from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.tile_totals import tile_totals
from ilime_core.all_pairs.top_cells import largest_cells, merge_top_cells


def sorted_cells(a, b):
    """All cells that are not zero as (value, left, right, left segment, right segment), in order."""
    every = [
        (float(np.float32(w)), x, y, i, j)
        for x, rows in enumerate(a)
        for y, columns in enumerate(b)
        for (i, j), w in np.ndenumerate(rows @ columns.T)
        if w != 0
    ]
    return sorted(every, key=lambda cell: (-abs(cell[0]), *cell[1:]))


def listed(cells):
    columns = (cells.value, cells.left, cells.right, cells.left_segment, cells.right_segment)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def found_in(left, right, n_cells):
    left, right = left.by_size(), right.by_size()
    return largest_cells(left, right, tile_totals(left, right).largest, n_cells)


@pytest.mark.parametrize("n_cells", [0, 1, 13, 200, 10**6])
def test_cells_equal_a_sort_of_all_cells(whole, n_cells):
    found = listed(found_in(whole.left(), whole.right(), n_cells))
    expected = sorted_cells(whole.a, whole.b)[:n_cells]
    assert [cell[1:] for cell in found] == [cell[1:] for cell in expected]
    assert [cell[0] for cell in found] == pytest.approx([cell[0] for cell in expected], rel=1e-6)


@pytest.mark.parametrize("n_cells", [1, 5, 37])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_ties_go_by_place(n_cells, dtype):
    rng = np.random.default_rng(2)
    a, b = (
        [rng.integers(-1, 2, (size, 2)).astype(float) for size in sizes] for sizes in ((3, 2, 3), (2, 2, 4))
    )
    sides = [RaggedEffects.of([torch.tensor(item, dtype=dtype) for item in side]) for side in (a, b)]
    assert listed(found_in(*sides, n_cells)) == sorted_cells(a, b)[:n_cells]


def test_merged_tiles_give_the_cells_of_the_whole(whole):
    parts = [
        found_in(whole.left([x]), whole.right(half), 9) for x in range(7) for half in ([0, 4, 8], [3, 1])
    ]
    parts += [found_in(whole.left(), whole.right([2, 5, 6, 7]), 9)]
    assert listed(merge_top_cells(parts, 9)) == listed(found_in(whole.left(), whole.right(), 9))
    two = [merge_top_cells(parts[:5], 9), merge_top_cells(parts[5:], 9)]
    assert listed(merge_top_cells(two, 9)) == listed(merge_top_cells(parts[::-1], 9))


def test_cells_of_zero_are_none():
    nothing = RaggedEffects.of([torch.zeros(2, 3)])
    assert len(found_in(nothing, nothing, 4).value) == 0
