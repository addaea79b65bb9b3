"""Tied scores: within the tolerance on either side, and not beyond."""

import numpy as np

from ilime_core.retrieval.tied_scores import tied_candidates

QUERY = np.array([1.0, 0.0])
CANDIDATES = np.array([[0.5, 0.0], [0.5 + 8e-6, 0.3], [0.5 - 8e-6, 0.9], [0.50002, 0.0], [-0.5, 0.0]])


def test_scores_within_the_tolerance_are_tied_on_either_side():
    assert tied_candidates(QUERY, CANDIDATES, 0.5, 1e-5).tolist() == [True, True, True, False, False]
    assert tied_candidates(QUERY, CANDIDATES, 0.5, 3e-5).tolist() == [True, True, True, True, False]


def test_scores_are_held_against_the_given_one():
    assert tied_candidates(QUERY, CANDIDATES, -0.5, 1e-5).tolist() == [False] * 4 + [True]
