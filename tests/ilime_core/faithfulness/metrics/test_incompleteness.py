"""Incompleteness: values by hand and by the hypergeometric law.

Proves ilime_core.faithfulness.strong_rows.
"""

from itertools import combinations

import numpy as np
import pytest
from stored_pairs import stored

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metrics.incompleteness import incompleteness
from ilime_core.faithfulness.strong_rows import n_strongest


def of(pair, metric, control):
    (found,) = [v for v in incompleteness(pair) if (v.metric, v.control) == (metric, control)]
    return found


def rows(norms, main):
    """W whose row i has norm norms[i]."""
    return stored(np.asarray(norms, dtype=float)[:, None] * [[0.6, -0.8]], left_main=main)


@pytest.mark.parametrize(("r2", "wanted"), [(1.0, 0.0), (0.75, 0.1), (0.0, 0.4), (-0.5, 0.6), (1.1, -0.04)])
def test_what_w_explains_is_no_longer_missing_and_nothing_is_cut(r2, wanted):
    pair = stored([[1.0]], share_cross=0.4, r2_cross=r2)
    assert of(pair, "incompleteness", Control.MAIN_EFFECTS).value == 0.4
    assert of(pair, "incompleteness", Control.EXPLANATION).value == pytest.approx(wanted)


def test_unknown_shares_stay_unknown():
    for known, wanted in (({"share_cross": 0.4}, 0.4), ({"r2_cross": 0.5}, None)):
        pair = stored([[1.0]], **known)
        assert of(pair, "incompleteness", Control.MAIN_EFFECTS).value == wanted
        assert of(pair, "incompleteness", Control.EXPLANATION).value is None


@pytest.mark.parametrize(
    ("main", "wanted"),
    [
        ([9, -8, 0, 1, 0, 0, 0, 0], 0.0),
        ([9, 0, 8, 1, 0, 0, 0, 0], 0.5),
        ([0, 0, 8, -9, 0, 0, 0, 0], 1.0),
        ([0, 5, 0, 0, 0, 0, 0, 0], 0.5),
        ([0, 0, 0, 0, 0, 0, 0, 0], 1.0),
    ],
)
def test_strong_rows_that_main_effects_miss(main, wanted):
    # Rows 0 and 1 are the strongest quarter of 8.
    pair = rows([3, 4, 1, 1, 2, 0, 0, 0], main)
    assert of(pair, "missed_rows", Control.MAIN_EFFECTS).value == pytest.approx(wanted)


def test_a_quarter_is_rounded_down_and_one_row_at_least():
    assert [n_strongest(n_rows) for n_rows in (1, 3, 4, 7, 8, 11, 49)] == [1, 1, 1, 1, 2, 2, 12]


def test_rows_whose_weights_cancel_are_strong_all_the_same():
    pair = stored([[5, -5], [-4, 4], *[[1, 1]] * 6], left_main=[9, -8, 0, 0, 0, 0, 0, 0])
    assert of(pair, "missed_rows", Control.MAIN_EFFECTS).value == 0.0


@pytest.mark.parametrize(("n_rows", "k"), [(1, 1), (3, 1), (8, 2), (12, 3)])
def test_chance_is_that_of_any_choice_of_as_many_rows(n_rows, k):
    pair = rows(np.arange(1, n_rows + 1), np.ones(n_rows))
    strong = set(range(n_rows - k, n_rows))
    missed = [1 - len(strong & set(chosen)) / k for chosen in combinations(range(n_rows), k)]
    chance = of(pair, "missed_rows", Control.RANDOM)
    assert chance.value == pytest.approx(np.mean(missed))
    assert chance.spread == pytest.approx(np.std(missed))


def test_fewer_strong_rows_than_a_quarter_are_all_that_count():
    pair = rows([0, 0, 5, 0, 0, 0, 0, 0], [0, 9, 8, 0, 0, 0, 0, 0])
    assert of(pair, "missed_rows", Control.MAIN_EFFECTS).value == 0
    chance = of(pair, "missed_rows", Control.RANDOM)
    missed = [2 not in chosen for chosen in combinations(range(8), 2)]
    assert (chance.value, chance.spread) == (pytest.approx(np.mean(missed)), pytest.approx(np.std(missed)))


def test_without_interactions_no_row_is_missed_or_found():
    pair = rows([0, 0, 0, 0], [1, 2, 3, 4])
    assert of(pair, "missed_rows", Control.MAIN_EFFECTS).value is None
    assert of(pair, "missed_rows", Control.RANDOM).value is None
