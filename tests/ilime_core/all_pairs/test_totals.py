"""Totals of every pair against loops, over tilings and orders of items."""

import numpy as np
import pytest
import torch

from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.totals import PanelOptions, merge_totals, panel_totals
from ilime_core.errors import InputError

OPTIONS = PanelOptions(top_cells=11)


def test_segments_equal_loops(whole):
    found = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    for effects, side, totals in ((whole.a, 0, found.left), (whole.b, 1, found.right)):
        expected = []
        for item, rows in enumerate(effects):
            pairs = [pair for pair in whole.pairs if pair[side] == item]
            tables = [whole.w(*pair) if side == 0 else whole.w(*pair).T for pair in pairs]
            holders = [np.unravel_index(np.abs(w).argmax(), w.shape)[0] for w in tables]
            for segment in range(len(rows)):
                net = sum(w[segment].sum() for w in tables)
                mass = sum(np.abs(w[segment]).sum() for w in tables)
                expected.append((item, segment, net, mass, holders.count(segment), len(pairs)))
        names = ("position", "segment", "net", "mass", "n_largest", "n_candidates")
        for name, values in zip(names, zip(*expected, strict=True), strict=True):
            np.testing.assert_allclose(getattr(totals, name), values, atol=1e-12)
        assert totals.n_largest.sum() == len(whole.pairs)


def same(one, other):
    for side in ("left", "right"):
        for name in ("position", "segment", "n_largest", "n_candidates"):
            assert getattr(getattr(one, side), name).tolist() == getattr(getattr(other, side), name).tolist()
        for name in ("net", "mass"):
            np.testing.assert_allclose(
                getattr(getattr(one, side), name), getattr(getattr(other, side), name), atol=1e-12
            )
    for name in ("total", "by_slice"):
        assert getattr(one.histograms, name).tolist() == getattr(other.histograms, name).tolist()
    for name in ("left", "right", "left_segment", "right_segment"):
        assert getattr(one.cells, name).tolist() == getattr(other.cells, name).tolist()
    np.testing.assert_allclose(one.cells.value, other.cells.value, rtol=1e-6)


TILINGS = [
    ([[0, 1, 2, 3], [4, 5, 6]], [[0, 1, 2, 3, 4, 5, 6, 7, 8]]),
    ([[6, 1], [0], [5, 4, 3, 2]], [[8, 0, 3], [1, 2, 7, 6], [5], [4]]),
    ([[x] for x in range(7)], [[y] for y in range(9)]),
]


@pytest.mark.parametrize(("rows", "columns"), TILINGS)
def test_tiles_add_up_to_the_whole_in_any_grouping(whole, rows, columns):
    expected = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    parts = [
        panel_totals(whole.left(row), whole.right(column), whole.relations, OPTIONS, whole.slices)
        for row in rows
        for column in columns
    ]
    same(merge_totals(parts), expected)
    same(merge_totals([merge_totals(parts[1:]), merge_totals(parts[:1])]), expected)


@pytest.mark.parametrize("panel_cells", [1, 50])
def test_the_size_of_panels_moves_nothing(whole, panel_cells):
    small = PanelOptions(11, panel_cells=panel_cells)
    one, other = (
        panel_totals(whole.left(), whole.right(), whole.relations, asked, whole.slices)
        for asked in (small, OPTIONS)
    )
    same(one, other)


def test_the_order_of_items_moves_nothing(whole):
    rng = np.random.default_rng(1)
    left, right = whole.left(rng.permutation(7)), whole.right(rng.permutation(9))
    one = panel_totals(left, right, whole.relations, OPTIONS, whole.slices)
    same(one, panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices))


def test_permuted_segments_give_permuted_totals(whole):
    expected = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    whole.a = [rows[::-1] for rows in whole.a]
    found = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    place = np.lexsort((-expected.left.segment, expected.left.position))
    np.testing.assert_allclose(found.left.net, expected.left.net[place], atol=1e-12)
    assert found.left.n_largest.tolist() == expected.left.n_largest[place].tolist()
    np.testing.assert_allclose(found.right.mass, expected.right.mass)


def test_a_tile_of_which_no_pair_counts_has_no_candidates(make_whole):
    whole = make_whole(excluded=[(x, y) for x in range(7) for y in range(9)])
    found = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    assert found.histograms.n_pairs == 0
    assert found.left.n_candidates.tolist() == [0] * 21
    assert found.right.n_largest.sum() == 0
    assert found.left.mass.sum() == 0
    assert len(found.cells.value) == 0
    assert np.isnan(found.left.mean_net).all()


def test_no_cell_is_kept_where_none_is_asked_for(whole):
    found = panel_totals(whole.left(), whole.right(), whole.relations, PanelOptions(top_cells=0))
    assert len(found.cells.value) == 0
    assert found.histograms.n_pairs == 61


def test_a_pair_without_effect_counts_and_nothing_is_its_largest(whole):
    left = RaggedEffects.of([torch.zeros(2, 5, dtype=torch.float64)])
    found = panel_totals(left, whole.right([0]), whole.relations, OPTIONS, whole.slices)
    assert found.left.n_largest.tolist() == [0, 0]
    assert found.left.n_candidates.tolist() == [1, 1]
    assert found.histograms.n_pairs == 1


def test_defaults_keep_a_hundred_cells_and_no_slice(whole):
    found = panel_totals(whole.left(), whole.right(), whole.relations)
    assert len(found.cells.value) == 100
    assert len(found.histograms.by_slice) == 0


def test_what_does_not_fit_is_refused(whole):
    tile = panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS, whole.slices)
    other = panel_totals(whole.left(), whole.right(), whole.relations, PanelOptions(3))
    with pytest.raises(InputError, match="one set of options"):
        merge_totals([tile, other])
    with pytest.raises(InputError, match="one set of options"):
        merge_totals([])
    with pytest.raises(InputError, match="one set of options"):
        merge_totals([tile, panel_totals(whole.left(), whole.right(), whole.relations, OPTIONS)])
    with pytest.raises(InputError, match="one width, type and device"):
        panel_totals(
            RaggedEffects.of([torch.ones(1, 5)]), whole.right(), whole.relations, OPTIONS, whole.slices
        )


@pytest.mark.parametrize("wrong", [{"top_cells": -1}, {"panel_cells": 0}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match="at least"):
        PanelOptions(**wrong)
