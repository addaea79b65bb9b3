"""The walk over tiles stays near itself, so that few blocks of items are read twice."""

from itertools import pairwise

import numpy as np
import pytest

from ilime_core.retrieval.tile_order import along_curve, blocks_along_curve, hilbert_place


@pytest.mark.parametrize("cells", [1, 2, 4, 16])
def test_the_curve_visits_every_cell_once_and_steps_to_a_neighbour(cells):
    every = [(x, y) for x in range(cells) for y in range(cells)]
    walk = sorted(every, key=lambda cell: hilbert_place(cells, *cell))
    assert sorted(hilbert_place(cells, *cell) for cell in every) == list(range(cells * cells))
    steps = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(walk)]
    assert set(steps) <= {1}


def test_places_are_a_permutation_whatever_the_blocks_are_called():
    tiles = {(3, 90), (3, 7), (12, 90), (400, 8)}
    assert sorted(along_curve(tiles).values()) == [0, 1, 2, 3]
    assert along_curve(set()) == {}
    assert along_curve({(5, 6)}) == {(5, 6): 0}


def blocks_read(tiles, place_of, n_tasks):
    """Blocks of both sides that tasks of equally many tiles read, summed over the tasks."""
    walk = sorted(tiles, key=place_of.__getitem__)
    return sum(
        len({tile[side] for tile in part})
        for part in (walk[i : i + len(walk) // n_tasks] for i in range(0, len(walk), len(walk) // n_tasks))
        for side in (0, 1)
    )


@pytest.mark.parametrize(("n_left", "n_right"), [(32, 32), (64, 16)])
def test_spread_tiles_are_read_about_as_often_as_the_square_root_of_the_tasks(n_left, n_right):
    tiles = [(i, j) for i in range(n_left) for j in range(n_right)]
    row_by_row = {tile: place for place, tile in enumerate(tiles)}
    assert blocks_read(tiles, row_by_row, 16) == n_left + 16 * n_right
    assert blocks_read(tiles, along_curve(tiles), 16) == 4 * n_left + 4 * n_right


def test_matching_pairs_on_the_diagonal_are_still_read_about_once():
    rng = np.random.default_rng(0)
    tiles = {(i, min(15, max(0, i + int(rng.integers(-1, 2))))) for i in range(16)}
    assert blocks_read(tiles, along_curve(tiles), 4) <= 2 * (16 + 4)


def test_blocks_are_filled_along_the_curve_and_by_name_within_a_tile():
    tiles = [(1, 0), (0, 0), (0, 1), (0, 0), (1, 1)]
    assert along_curve(set(tiles)) == {(0, 0): 0, (0, 1): 1, (1, 1): 2, (1, 0): 3}
    found = blocks_along_curve(tiles, ["pe", "pb", "pc", "pa", "pd"], 2)
    assert found == {"pa": 0, "pb": 0, "pc": 1, "pd": 1, "pe": 2}
