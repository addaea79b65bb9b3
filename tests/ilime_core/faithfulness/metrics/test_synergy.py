from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from planted_pairs import Counting, additive_game, affine, explained, measure, random_game, score, value

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.synergy import SYNERGY, n_top
from ilime_core.faithfulness.options import MetricOptions


def synergy(pair, left, right, **options):
    return measure(MetricSet((SYNERGY,), MetricOptions(**{"n_random": 5, **options})), pair, left, right)


def of(found, control=Control.EXPLANATION, metric="synergy"):
    return value(found, metric=metric, control=control)


def planted():
    """Region 2 answers word 1 (5), region 0 word 0 (2); region 3 alone brings 9, word 3 alone brings 1."""
    left = affine(
        np.asarray([0.0, 0, 1, 0]), np.asarray([[2.0, 0, 0, 0], [0, 0, 0, 0], [0, 5, 0, 0], [0, 0, 0, 9]])
    )
    right = affine(
        np.asarray([0.0, 0, 0, 1]), np.asarray([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]])
    )
    return left, right, explained(left, right, 4, 4)


def corners(left, right, x, y):
    none = np.zeros_like(x), np.zeros_like(y)
    return [score(left, right, a, b) for a, b in ((x, y), (x, none[1]), (none[0], y), none)]


def test_the_dividend_of_the_top_parts_is_known_by_hand():
    left, right, pair = planted()
    found = synergy(pair, left, right)
    # W alone finds region 2 and word 1; the full surrogate region 3, which needs no word.
    assert of(found, Control.INTERACTIONS).value == pytest.approx(5)
    assert of(found, Control.INTERACTIONS, "synergy_share").value == pytest.approx(1)
    assert of(found, Control.EXPLANATION).value == pytest.approx(0)
    assert of(found, Control.EXPLANATION, "synergy_share").value == pytest.approx(0)
    assert {v.mode for v in found.values} == {"top 25%"}


def test_a_share_counts_what_the_parts_do_alone():
    left, right, pair = planted()
    swapped = replace(
        pair,
        interactions=np.zeros((4, 4)),
        left_main=np.asarray([0, 0, 1.0, 0]),
        right_main=np.asarray([0, 0, 0, 1.0]),
    )
    # Region 2 and word 3: nothing together, 1 by the word.
    assert of(synergy(swapped, left, right), Control.MAIN_EFFECTS, "synergy_share").value == pytest.approx(0)


@pytest.mark.parametrize("seed", range(4))
def test_shares_equal_those_of_the_four_corners(seed):
    left, right, pair = random_game(seed, 5, 4)
    x, y = np.zeros(5), np.zeros(4)
    x[pair.left_whole.argmax()], y[pair.right_whole.argmax()] = 1, 1
    both, only_left, only_right, none = corners(left, right, x, y)
    joint = both - only_left - only_right + none
    alone = abs(only_left - none) + abs(only_right - none)
    found = synergy(pair, left, right)
    assert of(found).value == pytest.approx(joint)
    assert of(found, metric="synergy_share").value == pytest.approx(joint / (abs(joint) + alone))


def test_the_perfect_explanation_finds_the_largest_dividend_and_the_opposite_a_negative_one():
    # Nothing acts alone, and more is gained than lost: parts of 2 of 8 and 1 of 4, every choice tried.
    gains = np.asarray([0.4, -0.3, 0.9, 0.1, -0.8, 0.7, 0.2, -0.1])
    left, right = affine(np.zeros(1), gains[:, None]), affine(np.zeros(1), np.asarray([[1.0], [2], [4], [3]]))
    pair = explained(left, right, 8, 4)
    every = [gains[list(a)].sum() * b for a in combinations(range(8), 2) for b in (1, 2, 4, 3)]
    found = synergy(pair, left, right)
    for control in (Control.EXPLANATION, Control.INTERACTIONS):
        assert of(found, control).value == pytest.approx(max(every)) == pytest.approx(6.4)
        assert of(found, control, "synergy_share").value == pytest.approx(1)
    # The two worst regions with the least word.
    wrong = synergy(replace(pair, interactions=-pair.interactions), left, right)
    assert of(wrong, Control.INTERACTIONS).value == pytest.approx(-1.1)
    assert of(wrong, Control.INTERACTIONS, "synergy_share").value == pytest.approx(-1)


def test_nothing_is_joint_in_an_additive_game_and_a_constant_score_has_no_share():
    left, right, pair = additive_game(2, 6, 5)
    found = synergy(pair, left, right)
    for v in found.values:
        assert v.value == pytest.approx(0, abs=1e-12)
    flat = affine(np.ones(2), np.zeros((6, 2))), affine(np.ones(2), np.zeros((5, 2)))
    silent = synergy(pair, *flat)
    for control in Control:
        assert of(silent, control).value == 0
        assert of(silent, control, "synergy_share").value is None


def test_chance_is_the_mean_over_all_parts():
    left, right, pair = random_game(4, 6, 5)
    got = of(synergy(pair, left, right, n_random=3000), Control.RANDOM)
    every = pair.interactions.ravel()  # parts of one segment each
    assert got.value == pytest.approx(every.mean(), abs=4 * every.std() / np.sqrt(3000))
    assert got.spread == pytest.approx(every.std(), rel=0.06)
    assert got.n_orders == 3000


@pytest.mark.parametrize(("n_segments", "wanted"), [(1, 1), (3, 1), (4, 1), (7, 1), (8, 2), (49, 12)])
def test_the_top_part_is_a_quarter_and_at_least_one(n_segments, wanted):
    assert n_top(n_segments) == wanted
    pair = random_game(0, n_segments, 2)[2]
    assert set(MetricSet((SYNERGY,), MetricOptions()).masks(pair)[0].sum(axis=1)) == {wanted}


def test_encodes_are_counted_and_random_parts_are_the_items_own():
    left, right, pair = random_game(5, 12, 6)
    metric = MetricSet((SYNERGY,), MetricOptions(n_random=4))
    towers = Counting(left), Counting(right)
    measure(metric, pair, *towers)
    assert 4 <= len(towers[0].asked) <= metric.most_encodes(12, 1) == 7
    assert metric.most_encodes(12, 3) == 13
    assert metric.most_encodes(2, 1) == 2
    other = replace(random_game(6, 12, 9)[2], right_id="t2")
    assert (metric.masks(pair)[0][3:] == metric.masks(other)[0][3:]).all()


def test_the_seed_moves_chance_alone():
    left, right, pair = random_game(7, 9, 6)
    a, b = (synergy(pair, left, right, seed=seed) for seed in (0, 1))
    assert of(a, Control.RANDOM).value != pytest.approx(of(b, Control.RANDOM).value)
    assert of(a) == of(b)
