"""The smallest removal that changes the first best candidate: planted ones, and all of them enumerated.

Proves ilime_core.selection.removal_order.
"""

from itertools import combinations

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.selection.counterfactual import CounterfactualSet
from ilime_core.selection.removal_order import removal_order
from ilime_core.synthetic.planted import AdditiveTower, TanhTower

AXES = torch.eye(3, dtype=torch.float64)


def tower_of(rows, intercept=(0.0, 0.0, 0.0)):
    return AdditiveTower(torch.tensor(rows, dtype=torch.float64), torch.tensor(intercept))


def segments(found):
    return [step.segment for step in found.steps[1:]]


def flips(question, tower, gone):
    kept = ~np.isin(np.arange(question.n_segments), gone)
    return question.leads(tower(kept[None]), question.first())[0].margin < 0


def smallest(question, tower):
    n = question.n_segments
    sizes = (
        size
        for size in range(1, n + 1)
        if any(flips(question, tower, s) for s in combinations(range(n), size))
    )
    return next(sizes, None)


DECIDED = [[0.0, 0.1, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.1], [0.1, 0.2, 0.0]]


@pytest.mark.parametrize("exact", [0, 12])
@pytest.mark.parametrize("known", [False, True])
def test_the_one_segment_that_decides_is_the_set(planted, exact, known):
    tower = tower_of(DECIDED)
    game = planted(tower, AXES, effects=tower.effects if known else None)
    found = game.run(CounterfactualSet(exact=exact))
    assert segments(found) == [1]
    assert (found.before, found.steps[-1].top) == (0, 1)
    assert found.proved
    assert [step.margin for step in found.steps] == pytest.approx([0.8, -0.2], abs=1e-7)
    assert [step.score for step in found.steps] == pytest.approx([1.1, 0.1], abs=1e-7)
    # Three true prefixes of the order that effects expect; without effects each single segment is tried.
    assert game.tower.n_encoded == (3 if known else 4)


def test_effects_spare_encodes(planted):
    tower = tower_of([[1.0, 0.0, 0.0], *[[0.0, 0.001, 0.0]] * 30], intercept=(0.0, 0.4, 0.0))
    blind, seeing = (
        planted(tower_of(tower.effects.tolist(), (0.0, 0.4, 0.0)), AXES, effects=effects)
        for effects in (None, tower.effects)
    )
    assert (
        segments(blind.run(CounterfactualSet(most=3)))
        == segments(seeing.run(CounterfactualSet(most=3)))
        == [0]
    )
    assert (blind.tower.n_encoded, seeing.tower.n_encoded) == (31, 3)


def test_segments_that_need_not_go_are_put_back(planted):
    tower = tower_of([[0.6, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.7, 0.0], [0.05, 0.0, 0.0]])
    misleading = torch.tensor([[0.3, 0, 0], [0.2, 0, 0], [0, 0, 0], [0.4, 0, 0]], dtype=torch.float64)
    game = planted(tower, AXES, effects=misleading)
    assert removal_order(game.question, 0, 4).tolist() == [3, 0, 1, 2]
    assert segments(game.run(CounterfactualSet(exact=0))) == [0]


def test_of_two_that_are_needed_only_these_stay(planted):
    """One segment alone turns nothing: trying single ones cannot find the set."""
    tower = tower_of([[0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.3, 0.0], [0.05, 0.0, 0.0], [0.05, 0.0, 0.0]])
    misleading = torch.tensor([[0.3, 0, 0], [0.2, 0, 0], [0, 0, 0], [0.4, 0, 0], [0.35, 0, 0]]).double()
    game = planted(tower, AXES, effects=misleading)
    assert removal_order(game.question, 0, 4).tolist() == [3, 4, 0, 1]
    found = game.run(CounterfactualSet(exact=0))
    assert sorted(segments(found)) == [0, 1]
    assert found.proved


def test_a_tie_with_the_first_candidate_does_not_beat_it(planted):
    tower = tower_of([[0.25, 0.0, 0.0], [0.25, 0.0, 0.0], [0.0, 0.25, 0.0]])
    found = planted(tower, AXES, effects=tower.effects).run(CounterfactualSet(exact=0))
    assert sorted(segments(found)) == [0, 1]
    assert [step.margin for step in found.steps] == [0.25, 0.0, -0.25]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_segments", [6, 9])
def test_greedy_finds_sets_of_which_nothing_can_be_put_back_and_exact_the_smallest(planted, seed, n_segments):
    rng = np.random.default_rng(seed)
    pool = torch.nn.functional.normalize(torch.from_numpy(rng.normal(size=(5, 8))), dim=1)
    tower = TanhTower(seed, n_segments, 8)
    effects = torch.from_numpy(rng.normal(size=(n_segments, 8)))
    game = planted(tower, pool, effects=effects)
    greedy, exact = game.run(
        CounterfactualSet(most=n_segments, exact=0), CounterfactualSet(most=n_segments, exact=n_segments)
    )
    assert exact.proved
    assert len(segments(exact)) == (smallest(game.question, tower) or 0)
    if not segments(greedy):
        assert greedy.reason is not None
        return
    assert flips(game.question, tower, segments(greedy))
    for one in segments(greedy):
        rest = [other for other in segments(greedy) if other != one]
        assert not rest or not flips(game.question, tower, rest)
    assert len(segments(greedy)) >= len(segments(exact))
    assert not greedy.proved or len(segments(greedy)) == len(segments(exact))


def test_exact_finds_what_greedy_misses(planted):
    """Segment 0 alone costs most of the lead, yet only 1 and 2 together turn it."""

    class Joint(AdditiveTower):
        def _embed(self, kept):
            lost = 0.4 * (1 - kept[:, 0]) + 1.2 * (1 - kept[:, 1]) * (1 - kept[:, 2]) * kept[:, 0]
            rows = torch.zeros(len(kept), 3, dtype=torch.float64)
            rows[:, 0], rows[:, 1] = 1 - lost, 0.3
            return rows

    def joint():
        return Joint(torch.zeros(4, 3), torch.zeros(3))

    blind = planted(joint(), AXES).run(CounterfactualSet(most=2, exact=0))
    assert (segments(blind), blind.proved) == ([], False)
    assert blind.reason == "no removal of up to 2 segments was found to change the best candidate"
    assert sorted(segments(planted(joint(), AXES).run(CounterfactualSet(most=2)))) == [1, 2]


def test_none_is_said_where_nothing_helps(planted):
    tower = tower_of([[0.1, 0.0, 0.0]] * 3, intercept=(1.0, 0.0, 0.0))
    found = planted(tower, AXES).run(CounterfactualSet(most=3))
    assert segments(found) == []
    assert found.reason == "no removal of up to 3 segments changes the best candidate"
    assert found.proved
    assert len(found.steps) == 1


def test_most_limits_the_set(planted):
    rows = [[0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.3, 0.0]]
    short, long = (planted(tower_of(rows), AXES).run(CounterfactualSet(most=most)) for most in (1, 2))
    assert (segments(short), sorted(segments(long))) == ([], [0, 1])


def test_the_item_itself_never_answers(planted):
    tower = tower_of(DECIDED)
    pool = torch.cat([tower.full[None], AXES])  # the first candidate is the query itself
    found = planted(tower, pool, answer=1, own_place=0).run(CounterfactualSet())
    assert (found.before, found.steps[-1].top, segments(found)) == (1, 2, [1])


@pytest.mark.parametrize("n_segments", [1, 2, 5, 14])
@pytest.mark.parametrize("most", [1, 4, 20])
@pytest.mark.parametrize("known", [False, True])
def test_the_bound_on_encodes_holds(planted, n_segments, most, known):
    rng = np.random.default_rng(n_segments)
    pool = torch.nn.functional.normalize(torch.from_numpy(rng.normal(size=(6, 8))), dim=1)
    effects = torch.from_numpy(rng.normal(size=(n_segments, 8))) if known else None
    game = planted(TanhTower(n_segments, n_segments, 8), pool, effects=effects)
    selection = CounterfactualSet(most=most, exact=5)
    found = game.run(selection)
    assert game.tower.n_encoded == found.steps[-1].n_encodes <= selection.most_encodes(n_segments)


def test_senseless_settings_are_refused():
    with pytest.raises(InputError, match="at least 1 removal"):
        CounterfactualSet(most=0)
    with pytest.raises(InputError, match="no negative exact"):
        CounterfactualSet(exact=-1)
