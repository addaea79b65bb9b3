"""Recognition held against a loop over words and quadrants of a 7 x 7 grid, and against values by hand."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from stored_pairs import stored

from ilime_core.faithfulness.metrics.recognition import recognition
from ilime_core.faithfulness.region_truth import NamedPart, RegionTruth
from ilime_core.faithfulness.registry import METRICS

SIDE = 7
ROWS = {"top": range(3), "bottom": range(4, SIDE)}
COLUMNS = {"left": range(3), "right": range(4, SIDE)}
QUADRANTS = [
    [row * SIDE + column for row in ROWS[high] for column in COLUMNS[wide]]
    for high in ("top", "bottom")
    for wide in ("left", "right")
]


def covered(quadrant):
    """Shares of the patches: a half on an inner border, a quarter in the middle."""
    edges = np.array([1.0, 1.0, 1.0, 0.5, 0.0, 0.0, 0.0])
    row, column = divmod(quadrant, 2)
    return np.outer(edges[:: 1 - 2 * row], edges[:: 1 - 2 * column]).ravel()


def mosaic(n_named, order=(0, 1, 2, 3)):
    parts = [NamedPart((at,) if at < n_named else (), covered(order[at]), 0.25) for at in range(4)]
    return RegionTruth(tuple(parts), np.full(SIDE**2, 1 / SIDE**2))


def by_loop(weights, n_named):
    """The published definition, word by word and patch by patch."""
    right = wrong = 0.0
    for word in range(n_named):
        for quadrant, patches in enumerate(QUADRANTS):
            for patch in patches:
                weight = weights[patch, word]
                if (weight > 0) == (quadrant == word):
                    right += abs(weight)
                else:
                    wrong += abs(weight)
    return right / (right + wrong)


def values(pair):
    return {str(one.control): one.value for one in recognition(pair)}


@pytest.mark.parametrize("n_named", [1, 2, 3, 4])
def test_it_is_the_published_definition_on_quadrants(n_named):
    weights = np.random.default_rng(n_named).normal(size=(SIDE**2, n_named))
    pair = replace(stored(weights), truth=mosaic(n_named))
    assert {one.mode for one in recognition(pair)} == {f"{n_named} named"}
    assert values(pair)["explanation"] == pytest.approx(by_loop(weights, n_named))
    main = pair.explanation.left_main[:, None].repeat(n_named, axis=1)
    assert values(pair)["main_effects"] == pytest.approx(by_loop(main, n_named))


def test_the_middle_row_and_column_do_not_count():
    weights = np.zeros((SIDE**2, 1))
    weights[QUADRANTS[0], 0] = 1.0
    weights[QUADRANTS[3], 0] = 0.5
    pair = replace(stored(weights), truth=mosaic(1))
    assert values(pair)["explanation"] == pytest.approx(9 / 13.5)
    crossed = weights.copy()
    crossed[3 * SIDE : 4 * SIDE] = 100.0
    crossed[3::SIDE] = -50.0
    assert values(replace(stored(crossed), truth=mosaic(1)))["explanation"] == pytest.approx(9 / 13.5)


def test_masses_of_words_are_added_before_they_are_divided():
    weights = np.zeros((SIDE**2, 2))
    weights[QUADRANTS[0][0], 0] = 9.0  # right
    weights[QUADRANTS[0][0], 1] = 1.0  # the second word names the second quadrant
    assert values(replace(stored(weights), truth=mosaic(2)))["explanation"] == pytest.approx(0.9)


def test_the_linear_surrogate_has_one_map_for_all_words():
    pair = replace(stored(np.ones((SIDE**2, 4))), truth=mosaic(4))
    pair = replace(pair, explanation=replace(pair.explanation, left_main=np.ones(SIDE**2)))
    assert values(pair)["main_effects"] == pytest.approx(1 / 4)


def test_several_words_of_one_part_are_one_map():
    parts = (NamedPart((0, 1), np.array([1.0, 0.0]), 0.5), NamedPart((), np.array([0.0, 1.0]), 0.5))
    pair = replace(stored([[1.0, -3.0], [2.0, 0.0]]), truth=RegionTruth(parts, np.full(2, 0.5)))
    assert values(pair)["explanation"] == pytest.approx(0.0)  # -2 inside, 2 outside


def test_chance_is_the_mean_over_permutations():
    parts = tuple(NamedPart((at,), np.eye(4)[at] + np.eye(4)[3] * at, 0.25) for at in range(2))
    truth = RegionTruth(parts, np.full(4, 0.25))
    weights = np.array([[1.0, -2.0], [3.0, 0.5], [-1.0, 4.0], [0.25, 2.0]])
    every = [
        values(replace(stored(weights[list(order)]), truth=truth))["explanation"]
        for order in permutations(range(4))
    ]
    assert values(replace(stored(weights), truth=truth))["random"] == pytest.approx(np.mean(every))


def test_what_cannot_be_told_apart_has_no_value():
    whole = RegionTruth((NamedPart((0,), np.ones(2), 1.0),), np.full(2, 0.5))
    half = RegionTruth((NamedPart((0,), np.full(2, 0.5), 0.5),), np.full(2, 0.5))
    unnamed = RegionTruth((NamedPart((), np.array([1.0, 0.0]), 0.5),), np.full(2, 0.5))
    for truth in (whole, half, unnamed, RegionTruth((), np.full(2, 0.5)), None):
        assert recognition(replace(stored([[1.0], [2.0]]), truth=truth)) == ()
    silent = replace(stored(np.zeros((SIDE**2, 1))), truth=mosaic(1))
    assert values(silent)["explanation"] is None
    assert values(silent)["random"] is None


def test_it_is_a_metric_of_stored_pairs():
    assert METRICS["recognition"].make is recognition
