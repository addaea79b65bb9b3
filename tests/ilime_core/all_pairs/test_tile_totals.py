"""Totals of a tile against loops over pairs and cells."""

import numpy as np
import pytest
import torch

from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.relations import EXCLUDED
from ilime_core.all_pairs.tile_totals import panel_cells_of, tile_totals
from ilime_core.errors import InputError


@pytest.mark.parametrize("panel_cells", [1, 7, 40, 150, None])
def test_totals_equal_loops_for_every_size_of_panel(whole, panel_cells):
    left, right = whole.left().by_size(), whole.right().by_size()
    excluded = whole.relations.labels(left.positions, right.positions) == EXCLUDED
    found = tile_totals(left, right, excluded=excluded, panel_cells=panel_cells)
    nets = [np.zeros(len(side.rows)) for side in (left, right)]
    masses = [np.zeros(len(side.rows)) for side in (left, right)]
    for row, x in enumerate(left.positions.tolist()):
        for column, y in enumerate(right.positions.tolist()):
            w = whole.w(x, y) * ((x, y) not in whole.excluded)
            assert float(found.mass[row, column]) == pytest.approx(np.abs(w).sum())
            assert float(found.squares[row, column]) == pytest.approx((w**2).sum())
            assert float(found.largest[row, column]) == pytest.approx(np.abs(w).max())
            place = np.unravel_index(np.abs(w).argmax(), w.shape)
            assert (int(found.left_segment[row, column]), int(found.right_segment[row, column])) == place
            for side, start, sizes in ((0, left.starts[row], w.sum(1)), (1, right.starts[column], w.sum(0))):
                nets[side][start : start + len(sizes)] += sizes
                masses[side][start : start + len(sizes)] += np.abs(w).sum(1 - side)
    np.testing.assert_allclose(found.left_net, nets[0], atol=1e-12)
    np.testing.assert_allclose(found.right_net, nets[1], atol=1e-12)
    np.testing.assert_allclose(found.left_mass, masses[0])
    np.testing.assert_allclose(found.right_mass, masses[1])


def test_without_exclusions_every_pair_counts(whole):
    left, right = whole.left().by_size(), whole.right().by_size()
    mass = tile_totals(left, right).mass
    place = left.positions.tolist().index(1), right.positions.tolist().index(1)
    assert float(mass[place]) == pytest.approx(np.abs(whole.w(1, 1)).sum())


def test_equal_cells_go_by_left_and_then_by_right_segment():
    left = RaggedEffects.of([torch.tensor([[1.0, 0.0], [0.0, 2.0], [2.0, 0.0]])])
    right = RaggedEffects.of([torch.tensor([[0.5, 0.0], [-1.0, 1.0], [1.0, -1.0]])])
    # W = [[.5, -1, 1], [0, 2, -2], [1, -2, 2]]: four cells of size 2.
    found = tile_totals(left, right)
    assert (int(found.left_segment), int(found.right_segment), float(found.largest)) == (1, 1, 2.0)


def test_float32_agrees_with_float64(whole):
    sides = [side.by_size() for side in (whole.left(), whole.right())]
    rough = [RaggedEffects(side.rows.float(), side.sizes, side.positions) for side in sides]
    exact, found = tile_totals(*sides), tile_totals(*rough)
    assert found.mass.dtype == torch.float32
    assert found.left_mass.dtype == torch.float64
    torch.testing.assert_close(found.mass.double(), exact.mass, rtol=1e-5, atol=0)
    torch.testing.assert_close(found.left_mass, exact.left_mass, rtol=1e-5, atol=0)


def test_items_that_are_not_in_the_order_of_their_sizes_are_refused(whole):
    with pytest.raises(InputError, match="order of their sizes"):
        tile_totals(whole.left(), whole.right().by_size())


def test_a_processor_takes_panels_that_its_cache_holds():
    assert panel_cells_of(torch.zeros(1, 1)) == 2**19
    assert panel_cells_of(torch.zeros(1, 1, device="meta")) == 2**26


def test_a_tall_item_does_not_widen_the_panels(monkeypatch):
    shapes = []
    product = torch.mm
    monkeypatch.setattr(torch, "mm", lambda a, b, out: shapes.append(out.shape) or product(a, b, out=out))
    tall = RaggedEffects.of([torch.ones(30, 2)])
    many = RaggedEffects.of([torch.ones(1, 2)] * 20)
    assert tile_totals(tall, many, panel_cells=100).mass.tolist() == [[60.0] * 20]
    assert max(rows * columns for rows, columns in shapes) == 90
