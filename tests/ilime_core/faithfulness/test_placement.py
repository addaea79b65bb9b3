"""Weights of regions against matrices small enough to be counted by hand, and chance against enumeration."""

from itertools import permutations

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.placement import energy_inside, localise, matched_iou

SHOWN = np.array([[True, False], [False, True], [False, True], [False, False]])
EVERY_ORDER = np.array(list(permutations(range(4))))


def test_hits_and_masses_are_counted():
    weights = np.array([[3.0, 1.0], [-1.0, 2.0], [0.0, -1.0], [2.0, 4.0]])
    placed = localise(weights, SHOWN)
    assert placed.hits.tolist() == [True, False]
    assert placed.hit_chance.tolist() == [0.25, 0.5]
    # word 0: right are +3 where shown and -1 elsewhere, of 6; word 1: +2 where shown, of 8
    assert placed.right_mass.tolist() == [4 / 6, 2 / 8]


def test_chance_is_the_mean_over_permutations_of_the_regions():
    weights = np.random.default_rng(0).normal(size=(4, 2))
    drawn = [localise(weights[order], SHOWN) for order in EVERY_ORDER]
    chance = localise(weights, SHOWN)
    assert np.mean([one.right_mass for one in drawn], axis=0) == pytest.approx(chance.right_mass_chance)
    assert np.mean([one.hits for one in drawn], axis=0) == pytest.approx(chance.hit_chance)


def test_a_perfect_matrix_is_right_and_its_negative_wrong():
    perfect = np.where(SHOWN, 1.0, -1.0)
    assert localise(perfect, SHOWN).right_mass.tolist() == [1.0, 1.0]
    assert localise(-perfect, SHOWN).right_mass.tolist() == [0.0, 0.0]
    assert localise(perfect, SHOWN).hits.all()
    assert not localise(-perfect, SHOWN).hits.any()


def test_a_word_without_weight_is_neither_right_nor_wrong():
    placed = localise(np.zeros((4, 2)), SHOWN)
    assert placed.right_mass.tolist() == placed.right_mass_chance.tolist() == [0.5, 0.5]


def test_a_word_that_nothing_shows_is_named():
    with pytest.raises(InputError, match="no region shows what word 1 names"):
        localise(np.zeros((4, 2)), SHOWN & [True, False])


COVERED = np.array([[1.0, 0.0], [0.5, 0.2], [0.0, 1.0], [0.1, 0.0]])


def test_energy_is_the_covered_share_of_positive_weights():
    weights = np.array([[2.0, -1.0], [1.0, -2.0], [-9.0, 0.0], [1.0, -1.0]])
    inside = energy_inside(weights, COVERED)
    assert inside[0] == pytest.approx((2 * 1.0 + 1 * 0.5 + 1 * 0.1) / 4)
    assert np.isnan(inside[1])


def test_chance_of_energy_is_the_mean_cover_whatever_the_weights():
    for seed in range(3):
        weights = np.random.default_rng(seed).normal(size=(4, 1))
        drawn = [energy_inside(weights[order], COVERED[:, :1]) for order in EVERY_ORDER]
        assert np.mean(drawn) == pytest.approx(COVERED[:, 0].mean())


AREAS = np.array([0.1, 0.2, 0.3, 0.4])


def iou_of_set(chosen, covered, size, areas):
    inside = sum(areas[region] * covered[region] for region in chosen)
    return inside / (sum(areas[region] for region in chosen) + size - inside)


def by_brute_force(order, covered, size, areas):
    """The prefix of nearest area, among the one that reaches the size and the one before it."""
    prefixes = [list(order[:length]) for length in range(1, len(order) + 1)]
    area = [sum(areas[list(prefix)]) for prefix in prefixes]
    reaching = next((at for at, one in enumerate(area) if one >= size - 1e-9), len(area) - 1)
    before = max(reaching - 1, 0)
    nearer = before if size - area[before] < area[reaching] - size - 1e-9 and reaching else reaching
    return iou_of_set(prefixes[nearer], covered, size, areas)


@pytest.mark.parametrize("size", [0.02, 0.1, 0.2, 0.25, 0.26, 0.5, 0.9, 1.0])
def test_overlap_matches_brute_force_in_every_order(size):
    covered = np.array([1.0, 0.25, 0.0, 0.1])
    assert matched_iou(EVERY_ORDER, covered, size, AREAS) == pytest.approx(
        [by_brute_force(order, covered, size, AREAS) for order in EVERY_ORDER]
    )


def test_overlap_by_hand():
    covered = np.array([1.0, 1.0, 0.0, 0.0])
    orders = np.array([[0, 1, 2, 3], [2, 3, 0, 1], [1, 2, 0, 3], [3, 0, 1, 2]])
    found = matched_iou(orders, covered, 0.3, AREAS)
    assert found[:2].tolist() == [1.0, 0.0]
    # .2 falls short of .3 by .1, .5 exceeds it by .2: region 2 is left out
    assert found[2] == pytest.approx(0.2 / 0.3)
    assert found[3] == 0.0


def test_the_last_region_is_taken_where_both_areas_are_as_near():
    covered = np.array([1.0, 0.5, 0.0, 0.0])
    assert matched_iou(np.array([[0, 1, 2, 3]]), covered, 0.2, AREAS) == pytest.approx([0.2 / 0.3])


def test_one_region_is_taken_for_however_small_a_part():
    covered = np.array([0.0, 0.0, 0.0, 0.05])
    assert matched_iou(np.array([[3, 0, 1, 2]]), covered, 0.02, AREAS) == pytest.approx([0.02 / 0.4])
