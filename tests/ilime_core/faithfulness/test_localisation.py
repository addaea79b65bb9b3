"""Localisation against matrices small enough to be counted by hand."""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.localisation import localise, regions_of_objects

SHOWN = np.array([[True, False], [False, True], [False, True], [False, False]])


def test_hits_and_masses_are_counted():
    weights = np.array([[3.0, 1.0], [-1.0, 2.0], [0.0, -1.0], [2.0, 4.0]])
    placed = localise(weights, SHOWN)
    assert placed.hits.tolist() == [True, False]
    assert placed.hit_chance.tolist() == [0.25, 0.5]
    # word 0: right are +3 where shown and -1 elsewhere, of 6; word 1: +2 where shown, of 8
    assert placed.right_mass.tolist() == [4 / 6, 2 / 8]


def test_chance_is_the_mean_over_permutations_of_the_regions():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(4, 2))
    drawn = [localise(rng.permutation(weights), SHOWN) for _ in range(4000)]
    chance = localise(weights, SHOWN)
    assert np.mean([one.right_mass for one in drawn], axis=0) == pytest.approx(
        chance.right_mass_chance, abs=0.02
    )
    assert np.mean([one.hits for one in drawn], axis=0) == pytest.approx(chance.hit_chance, abs=0.03)


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


REGIONS = np.repeat([[0, 1, 2, -1]], 4, axis=0)


def test_a_region_shows_the_object_that_covers_most_of_it():
    objects = np.zeros((4, 4), dtype=int)
    objects[0, 0] = objects[0, 1] = 1
    objects[1:, 1] = 2
    objects[:, 3] = 3  # outside the view
    shown = regions_of_objects(REGIONS, objects, 3, 3)
    assert shown.tolist() == [[True, False, False], [False, True, False], [False, False, False]]


@pytest.mark.parametrize(("least", "expected"), [(0.05, True), (0.25, True), (0.26, False)])
def test_an_object_has_to_cover_its_share(least, expected):
    objects = np.zeros((4, 4), dtype=int)
    objects[2, 2] = 1
    assert regions_of_objects(REGIONS, objects, 3, 1, least).tolist() == [[False], [False], [expected]]
