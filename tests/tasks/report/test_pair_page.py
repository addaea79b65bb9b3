"""Table of strong cells: largest first, named by word or region, a dash for an unknown number."""

import dataclasses

import numpy as np

from tasks.figures.pair_picture import read_pair
from tasks.report.pair_page import cell_rows, pair_figures


def test_cells_are_the_largest_with_their_names_and_errors(pictured):
    pair = read_pair(pictured.run, pictured.good)
    weights = np.zeros(pair.weights.shape)
    weights[1, 0], weights[0, 1] = -0.5, 0.25
    errors, p_values = np.full(weights.shape, 0.1), np.full(weights.shape, 0.031)
    errors[0, 1] = p_values[0, 1] = np.nan
    planted = dataclasses.replace(pair, weights=weights, errors=errors, p_values=p_values)
    first, second = cell_rows(planted)[:2]
    assert (first.weight, first.error, first.z, first.p_value) == (-0.5, "0.1000", "5.0", "0.031")
    assert first.left.startswith("1, ")
    assert first.right == pair.text.words[0].text
    assert (second.weight, second.error, second.z, second.p_value) == (0.25, "–", "–", "–")
    assert second.right == pair.text.words[1].text


def test_only_pairs_with_curves_and_margins_have_their_figures(pictured):
    pair = read_pair(pictured.run, pictured.wrong)
    many = dataclasses.replace(pair, margins=pair.margins[:1] * 3)
    bare = set(pair_figures(dataclasses.replace(pair, curves=(), margins=())))
    assert set(pair_figures(dataclasses.replace(many, curves=()))) - bare == {"margin-1", "margin-2"}
    good = read_pair(pictured.run, pictured.good)
    assert set(pair_figures(dataclasses.replace(good, margins=()))) - bare == {"curves"}
