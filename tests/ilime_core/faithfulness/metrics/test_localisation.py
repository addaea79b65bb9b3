"""The metric on a pair whose every value is counted by hand.

Proves ilime_core.faithfulness.measured_pair.
"""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measured_pair import FitShares, MeasuredPair
from ilime_core.faithfulness.metrics.localisation import localisation
from ilime_core.faithfulness.placement import matched_iou
from ilime_core.faithfulness.region_truth import NamedPart, RegionTruth
from ilime_core.faithfulness.registry import METRICS

AREAS = np.full(4, 0.25)
CAT = NamedPart((1, 2), np.array([1.0, 0.0, 0.0, 0.0]), 0.25)
DOG = NamedPart((4,), np.array([0.0, 1.0, 0.6, 0.0]), 0.4)
W = np.array(
    [
        [9.0, 3.0, 1.0, 9.0, 0.0],
        [0.0, 0.0, 2.0, 0.0, 1.0],
        [0.0, -1.0, 0.0, 0.0, 3.0],
        [0.0, 2.0, -1.0, 0.0, -4.0],
    ]
)
MAIN = np.array([1.0, 2.0, -1.0, 0.0])


def pair(weights=W, parts=(CAT, DOG), main=MAIN, areas=AREAS, names=("i1", "t1")):
    n_regions, n_words = weights.shape
    explanation = PairExplanation(
        left_id=names[0],
        right_id=names[1],
        interactions=weights,
        left_raw=np.zeros(n_regions),
        right_raw=np.zeros(n_words),
        left_main=main,
        right_main=np.zeros(n_words),
        left_areas=areas,
        right_areas=np.full(n_words, 1 / n_words),
    )
    shares = FitShares(*[None] * 10)
    return MeasuredPair("p1", "banzhaf", explanation, shares, truth=RegionTruth(tuple(parts), areas))


def values(stored, **wanted):
    """By metric, mode and control."""
    return {(one.metric, one.mode, str(one.control)): one for one in localisation(stored)}


def value(stored, metric, mode, control="explanation"):
    return values(stored)[metric, mode, control].value


def test_words_by_hand():
    # word 1: strongest in region 0, right; word 2: in region 1, wrong; word 4: in region 2, right
    assert value(pair(), "pointing_game", "word") == pytest.approx(2 / 3)
    # inside of the positive weights: 3 of 5, 1 of 3, 1 + .6 * 3 of 4
    assert value(pair(), "energy_inside", "word") == pytest.approx((3 / 5 + 1 / 3 + 2.8 / 4) / 3)
    # right mass: 3 + 1 of 6, 1 + 1 of 4, 1 + 3 + 4 of 8
    assert value(pair(), "pgr", "word") == pytest.approx((4 / 6 + 2 / 4 + 1) / 3)
    # of the dog's .4 regions 2 and 1 have .5, which is nearer than .25: .25 + .15 of .5
    assert value(pair(), "iou", "word") == pytest.approx((1 + 0 + 0.4 / 0.5) / 3)


def test_phrases_by_hand():
    # the cat's words add up to (4, 2, -1, 1)
    assert value(pair(), "pointing_game", "phrase") == 1.0
    assert value(pair(), "energy_inside", "phrase") == pytest.approx((4 / 7 + 2.8 / 4) / 2)
    assert value(pair(), "pgr", "phrase") == pytest.approx((5 / 8 + 1) / 2)
    assert value(pair(), "iou", "phrase") == pytest.approx((1 + 0.8) / 2)


def test_the_linear_surrogate_has_one_map_for_all_words():
    # strongest in region 1: right for the dog alone, which is one word of three and one part of two
    assert value(pair(), "pointing_game", "word", "main_effects") == pytest.approx(1 / 3)
    assert value(pair(), "pointing_game", "phrase", "main_effects") == pytest.approx(1 / 2)
    assert value(pair(), "energy_inside", "phrase", "main_effects") == pytest.approx((1 / 3 + 2 / 3) / 2)
    assert value(pair(), "pgr", "phrase", "main_effects") == pytest.approx((2 / 4 + 2 / 4) / 2)
    # order 1, 0, ...: the cat's region is not taken; of the dog .25, and .25 beside it
    assert value(pair(), "iou", "phrase", "main_effects") == pytest.approx(
        (0 + 0.25 / (0.5 + 0.4 - 0.25)) / 2
    )


def test_chance_is_the_mean_over_permutations():
    shuffled = [pair(weights=W[list(order)]) for order in permutations(range(4))]
    for metric in ("pointing_game", "energy_inside", "pgr"):
        for mode in ("word", "phrase"):
            mean = np.mean([value(one, metric, mode) for one in shuffled])
            assert value(pair(), metric, mode, "random") == pytest.approx(mean), (metric, mode)


def test_chance_of_the_overlap_is_drawn_and_near_the_mean_over_permutations():
    orders = np.array(list(permutations(range(4))))
    every = np.mean([matched_iou(orders, part.covered, part.size, AREAS) for part in (CAT, DOG)], axis=0)
    drawn = values(pair())["iou", "phrase", "random"]
    assert drawn.n_orders == 200
    assert drawn.value == pytest.approx(every.mean(), abs=4 * every.std() / np.sqrt(200))
    assert drawn.spread == pytest.approx(every.std(), rel=0.15)


def test_the_draw_belongs_to_the_items():
    first, again, other = (
        values(pair(names=names))["iou", "word", "random"].value
        for names in (("i1", "t1"), ("i1", "t1"), ("i1", "t2"))
    )
    assert first == again
    assert first != other


def test_a_perfect_matrix_has_full_marks_but_where_regions_hold_more_than_the_part():
    weights = np.where(np.array([[0, 1, 1, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0] * 5]), 1.0, -1.0)
    stored = pair(weights, (CAT, replace(DOG, covered=np.array([0.0, 1.0, 1.0, 0.0]), size=0.5)))
    for metric in ("pointing_game", "energy_inside", "iou", "pgr"):
        assert value(stored, metric, "word") == value(stored, metric, "phrase") == 1.0
        flipped = pair(-weights, stored.truth.parts)
        expected = 0.0
        assert value(flipped, metric, "word") == expected, metric


def test_one_place_cannot_be_taken_for_another():
    alone = values(pair(parts=(CAT,)))
    assert {metric for metric, _, _ in alone} == {"pointing_game", "energy_inside", "iou"}
    twice = values(pair(parts=(CAT, replace(CAT, words=(4,)))))
    assert not any(metric == "pgr" for metric, _, _ in twice)


def test_parts_outside_the_view_and_pairs_without_truth_are_left_out():
    unseen = replace(DOG, covered=np.zeros(4), size=0.0)
    alone, beside = values(pair(parts=(CAT,))), values(pair(parts=(CAT, unseen)))
    assert {key: one.value for key, one in alone.items()} == {key: one.value for key, one in beside.items()}
    assert localisation(pair(parts=(unseen,))) == ()
    assert localisation(pair(parts=())) == ()
    assert localisation(replace(pair(), truth=None)) == ()


def test_without_interactions_nothing_is_said_and_chance_stays():
    empty = values(pair(np.zeros_like(W)))
    for metric in ("pointing_game", "energy_inside", "iou", "pgr"):
        for mode in ("word", "phrase"):
            assert empty[metric, mode, "explanation"].value is None
            assert empty[metric, mode, "main_effects"].value == value(pair(), metric, mode, "main_effects")
    assert empty["pointing_game", "word", "random"].value == value(pair(), "pointing_game", "word", "random")
    assert empty["pgr", "word", "random"].value is None


def test_a_word_without_weight_is_no_word_of_the_mean():
    weights = W.copy()
    weights[:, 2] = 0.0
    assert value(pair(weights), "pointing_game", "word") == 1.0
    assert value(pair(weights), "iou", "word") == pytest.approx((1 + 0.8) / 2)
    assert value(pair(weights), "pgr", "word") == pytest.approx((4 / 6 + 1) / 2)


def test_a_map_without_positive_weights_has_no_energy():
    assert value(pair(main=np.array([-1.0, -2.0, 0.0, 0.0])), "energy_inside", "word", "main_effects") is None


def test_truth_of_another_pair_is_refused():
    short = RegionTruth((NamedPart((0,), np.ones(3), 1.0),), np.full(3, 1 / 3))
    with pytest.raises(
        InputError, match=r"i1 and t1 knows 3 regions and words up to 0; .*4 regions and 5 words"
    ):
        localisation(replace(pair(), truth=short))
    with pytest.raises(InputError, match="words up to 5"):
        localisation(pair(parts=(replace(CAT, words=(5,)),)))


def test_it_is_a_metric_of_stored_pairs():
    assert METRICS["localisation"].make is localisation
