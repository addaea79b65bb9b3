"""Histograms of pairs against loops."""

import numpy as np
import torch

from ilime_core.all_pairs.histograms import EDGES, MEASURES, count_pairs
from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.relations import EXCLUDED
from ilime_core.all_pairs.tile_totals import TileTotals, tile_totals

BINS = len(EDGES) + 1


def test_counts_equal_loops(whole):
    left, right = whole.left().by_size(), whole.right().by_size()
    labels = whole.relations.labels(left.positions, right.positions)
    totals = tile_totals(left, right, excluded=labels == EXCLUDED)
    slices = whole.slices
    here = PairSlices(slices.names, slices.left[:, left.positions], slices.right[:, right.positions])
    found = count_pairs(totals, labels, here)
    total, by_slice = np.zeros((2, 3, BINS), dtype=int), np.zeros((5, 2, 3, BINS), dtype=int)
    assert sorted(slices.names) == ["kind=x", "kind=y", "kind=z", "long=False", "long=True"]
    for x, y in whole.pairs:
        w = whole.w(x, y)
        largest = np.abs(w).max()
        relation = int((x, y) in whole.positives)
        tags = {*whole.left_tags[x].items(), *whole.right_tags[y].items()}
        for place, value in enumerate((np.linalg.norm(w), largest, largest / np.abs(w).sum())):
            bin_of = sum(value >= edge for edge in EDGES)
            total[relation, place, bin_of] += 1
            for tag, one in tags:  # a pair whose items have one value is counted once
                by_slice[slices.names.index(f"{tag}={one}"), relation, place, bin_of] += 1
    assert found.total.tolist() == total.tolist()
    assert found.by_slice.tolist() == by_slice.tolist()
    assert found.n_pairs == len(whole.pairs) == 61
    assert (found + found).total.tolist() == (2 * total).tolist()
    assert (found + found).by_slice.tolist() == (2 * by_slice).tolist()


def test_an_edge_belongs_to_the_bin_above_and_the_outer_bins_take_the_rest():
    values = torch.tensor([[0.0, float(EDGES[0]), float(EDGES[7]), 100.0, 1e9]], dtype=torch.float64)
    one = RaggedEffects.of([torch.ones(1, 1, dtype=torch.float64)])
    five = RaggedEffects.of([torch.ones(1, 1, dtype=torch.float64)] * 5)
    zeros = TileTotals.zeros(one, five)
    totals = TileTotals(
        values, values**2, values, zeros.left_segment, zeros.right_segment,
        zeros.left_net, zeros.left_mass, zeros.right_net, zeros.right_mass,
    )  # fmt: skip
    labels = torch.zeros(1, 5, dtype=torch.uint8)
    found = count_pairs(totals, labels, PairSlices.none(1, 5))
    largest = found.total[0, MEASURES.index("largest")]
    assert np.flatnonzero(largest).tolist() == [0, 1, 8, BINS - 1]
    assert largest[BINS - 1] == 2
    share = found.total[0, MEASURES.index("share")]
    # No mass is share 0; the largest cell is all of the mass elsewhere.
    assert share[0] == 1
    assert share[np.searchsorted(EDGES, 1.0, side="right")] == 4


def test_edges_are_equal_steps_of_the_logarithm():
    np.testing.assert_allclose(np.diff(np.log10(EDGES)), 0.05)
    assert EDGES[0] == 1e-6
    assert EDGES[-1] == 100
