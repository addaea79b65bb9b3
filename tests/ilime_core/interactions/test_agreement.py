"""Decompositions agree up to signs, rotations of factors, and turns that are measured."""

import numpy as np
import pytest

from ilime_core.interactions.agreement import clear_gaps, covariance_distance, largest_turn


def turned(angle):
    return np.array([np.cos(angle), np.sin(angle)])


def test_the_gap_of_a_strength_is_to_its_nearer_neighbour_in_its_own_group():
    strengths, groups = np.array([4.0, 3.0, 2.5, 8.0, 2.0, 0.0]), np.array([0, 0, 0, 1, 1, 2])
    gaps, first = clear_gaps(strengths, groups)
    # Gaps below are 1, .5, 2.5 of 4 and 6, 2 of 8; the last strength of a group has 0 below it.
    assert gaps.tolist() == [0.25, 0.125, 0.125, 0.75, 0.25, 0.0]
    assert first.tolist() == [4.0, 4.0, 4.0, 8.0, 8.0, 0.0]


def test_the_larger_turn_of_both_directions_counts_whatever_their_common_sign_and_length():
    first = turned(0.0), turned(1.0)
    assert largest_turn(first, (2 * turned(0.1), turned(1.3))) == pytest.approx(np.sin(0.3))
    assert largest_turn(first, (-turned(0.2), -3 * turned(1.0))) == pytest.approx(np.sin(0.2))
    assert largest_turn(first, first) == pytest.approx(0.0, abs=1e-7)


def test_one_changed_sign_and_other_lengths_are_no_turn():
    first = turned(0.0), turned(1.0)
    assert largest_turn(first, (-turned(0.0), turned(1.0))) == np.inf
    assert largest_turn(first, (turned(0.0), np.ones(3))) == np.inf
    assert largest_turn((np.ones(0), turned(1.0)), (np.ones(0), turned(1.0))) == np.inf


def test_the_distance_of_covariances_is_that_of_the_products_and_rotations_are_free():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
    products = first.T @ first, second.T @ second
    norms = [np.linalg.norm(one) for one in products]
    wanted = np.linalg.norm(products[0] - products[1]) / max(norms)
    assert covariance_distance(first, second) == pytest.approx(wanted)
    rotation = np.linalg.qr(rng.normal(size=(3, 3))).Q
    assert covariance_distance(first, rotation @ first) == pytest.approx(0.0, abs=1e-7)
    assert covariance_distance(np.zeros((1, 5)), np.zeros((2, 5))) == 0.0
