"""Ranks without a segment, on towers whose scores are known."""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.selection.registry import SELECTIONS, SelectionOptions
from ilime_core.selection.removal_ranks import RemovalRanks, ranked_match
from ilime_core.synthetic.planted import AdditiveTower, TanhTower

AXES = torch.eye(3, dtype=torch.float64)


def additive(rows, intercept=(0.0, 0.0, 0.0)):
    return AdditiveTower(
        torch.tensor(rows, dtype=torch.float64), torch.tensor(intercept, dtype=torch.float64)
    )


def test_a_segment_that_holds_the_match_costs_its_rank(planted):
    # Scores of the whole: 0.6, 0.5, 0.4; without segment 0: 0.1, 0.5, 0.4; without segment 1: 0.6, 0.2, 0.4.
    tower = additive([[0.5, 0.0, 0.0], [0.0, 0.3, 0.0]], (0.1, 0.2, 0.4))
    found = planted(tower, AXES, matching=(0,)).run(RemovalRanks())
    assert [one.rank for one in found.ranks] == [1, 3, 1]
    assert [one.score for one in found.ranks] == [0.6, 0.1, 0.6]
    assert [(one.wrong, one.wrong_score) for one in found.ranks] == [(1, 0.5), (1, 0.5), (2, 0.4)]
    assert tower.n_encoded == 2


def test_of_several_matches_the_best_counts(planted):
    tower = additive([[0.5, 0.0, 0.0], [0.0, 0.3, 0.0]], (0.1, 0.2, 0.4))
    found = planted(tower, AXES, matching=(0, 2)).run(RemovalRanks())
    assert [(one.match, one.rank) for one in found.ranks] == [(0, 1), (2, 2), (0, 1)]
    found = planted(tower, AXES, matching=(0, 1, 2)).run(RemovalRanks())
    assert [one.wrong for one in found.ranks] == [None] * 3


@pytest.mark.parametrize("seed", range(4))
def test_ranks_are_those_of_sorted_scores(planted, seed):
    tower = TanhTower(seed, 5, 8)
    rng = np.random.default_rng(seed)
    pool = torch.nn.functional.normalize(torch.from_numpy(rng.normal(size=(300, 8))))
    pool[7] = pool[3]  # tied
    made = planted(tower, pool, matching=(7, 3, 200), own_place=11)
    found = made.run(RemovalRanks()).ranks
    masks = torch.cat([torch.ones(1, 5, dtype=torch.bool), ~torch.eye(5, dtype=torch.bool)])
    rows = (tower(masks).double() @ pool.T).numpy().round(6)
    for one, row in zip(found, rows, strict=True):
        order = [place for place in sorted(range(300), key=lambda place: (-row[place], place)) if place != 11]
        match = next(place for place in order if place in {3, 7, 200})
        wrong = next(place for place in order if place not in {3, 7, 200})
        assert (one.match, one.rank, one.wrong) == (match, order.index(match) + 1, wrong)
        assert (one.score, one.wrong_score) == pytest.approx((row[match], row[wrong]))


def test_many_rows_are_ranked_in_portions(planted):
    tower = TanhTower(0, 4, 8)
    pool = torch.nn.functional.normalize(torch.from_numpy(np.random.default_rng(1).normal(size=(9, 8))))
    question = planted(tower, pool, matching=(2,)).question
    rows = torch.nn.functional.normalize(torch.from_numpy(np.random.default_rng(2).normal(size=(600, 8))))
    found = ranked_match(question, rows)
    assert [one.rank for one in found] == [1 + int((row > row[2]).sum()) for row in rows @ pool.T]


def test_one_segment_costs_nothing_and_no_match_has_no_rank(planted):
    tower = additive([[0.5, 0.0, 0.0]], (0.1, 0.2, 0.0))
    found = planted(tower, AXES, matching=(0,)).run(RemovalRanks())
    assert ([one.rank for one in found.ranks], tower.n_encoded) == ([1, 2], 0)
    found = planted(tower, AXES).run(RemovalRanks())
    assert (found.ranks, found.reason) == ((), "the corpus has no match of the item")
    method = SELECTIONS["ranks"].make(SelectionOptions())
    assert [method.most_encodes(n) for n in (1, 2, 7)] == [0, 2, 7]


@pytest.mark.parametrize("matching", [(3,), (-1,), (0, 1)])
def test_a_match_outside_of_the_candidates_is_refused(planted, matching):
    with pytest.raises(InputError, match="matches must be among 3 candidates"):
        planted(additive([[0.5, 0.0, 0.0]]), AXES, matching=matching, own_place=1)
