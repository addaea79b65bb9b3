"""The greedy order: against planted games whose order is known, and against its own definition."""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.selection.smdl import SubsetOrder
from ilime_core.selection.submodular import confidence
from ilime_core.synthetic.planted import AdditiveTower, TanhTower


def additive(values):
    """One dimension counts: the score with the answer is the sum of the kept values."""
    effects = torch.zeros(len(values), 2, dtype=torch.float64)
    effects[:, 0] = torch.tensor(values, dtype=torch.float64)
    return AdditiveTower(effects, torch.tensor([0.0, 1.0], dtype=torch.float64))


def pool(rows=6, dim=2, seed=0):
    found = torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, dim)))
    return torch.nn.functional.normalize(found, dim=1)


ALONG = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], dtype=torch.float64)


def order(selection):
    return [step.segment for step in selection.steps]


@pytest.mark.parametrize("weights", [(0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 2.0, 3.0)])
def test_segments_of_an_additive_game_come_by_their_value(planted, weights):
    found = planted(additive([0.1, 0.4, -0.2, 0.3]), ALONG).run(SubsetOrder(weights))
    assert order(found) == [None, 1, 3, 0, 2]
    scores = [0.0, 0.4, 0.7, 0.8, 0.6]
    assert [step.score for step in found.steps] == pytest.approx(scores, abs=1e-12)
    assert [step.parts.consistency for step in found.steps] == pytest.approx(scores, abs=1e-12)
    removed = [0.6 - score for score in scores]
    assert [step.parts.collaboration for step in found.steps] == pytest.approx([1 - one for one in removed])


def test_equal_segments_come_by_their_number(planted):
    found = planted(additive([0.2, 0.2, 0.2]), ALONG).run(SubsetOrder((0.0, 0.0, 1.0, 1.0)))
    assert order(found) == [None, 0, 1, 2]


def test_effectiveness_alone_takes_what_differs_most(planted):
    effects = torch.tensor([[1.0, 0.0], [0.9, 0.1], [-1.0, 0.05]], dtype=torch.float64)
    tower = AdditiveTower(effects, torch.zeros(2, dtype=torch.float64))
    found = planted(tower, ALONG).run(SubsetOrder((0.0, 1.0, 0.0, 0.0)))
    assert order(found)[:3] == [None, 0, 2]


def test_every_step_is_the_best_by_the_definition(planted):
    tower, candidates = TanhTower(3, 6, 8), pool(5, 8)
    weights, scale = (1.0, 0.5, 2.0, 1.5), 7.0
    found = planted(tower, candidates).run(SubsetOrder(weights, scale))
    unit = torch.nn.functional.normalize(tower(np.eye(6, dtype=bool)), dim=1)
    angle = (unit @ unit.T).clamp(-1, 1).arccos() / np.pi

    def value(members):
        kept = np.isin(np.arange(6), members)
        [alone], [without] = tower(kept[None]), tower(~kept[None])
        parts = [
            float(confidence(alone[None], candidates, scale)),
            sum(min(float(angle[i, j]) for j in members if j != i) for i in members)
            if len(members) > 1
            else 0.0,
            float(alone @ candidates[0]),
            1 - float(without @ candidates[0]),
        ]
        return sum(w * part for w, part in zip(weights, parts, strict=True))

    chosen: list[int] = []
    for step in found.steps[1:]:
        values = {i: value([*chosen, i]) for i in range(6) if i not in chosen}
        assert step.segment == max(values, key=values.get)
        assert step.parts.total == pytest.approx(values[step.segment], abs=1e-10)
        chosen.append(step.segment)


def test_encodes_are_n_times_n_plus_one_less_what_repeats(planted):
    game = planted(TanhTower(1, 7, 8), pool(4, 8))
    found = game.run(SubsetOrder())
    # Whole and empty item are free, and two single segments and their complements come twice.
    assert game.tower.n_encoded == found.steps[-1].n_encodes == 7 * 8 - 2 - 4
    assert found.steps[1].n_encodes == 14
    assert game.tower.n_encoded <= SubsetOrder().most_encodes(7) == 56


@pytest.mark.parametrize("most", [1, 3, 9])
def test_an_order_may_end_early(planted, most):
    game = planted(TanhTower(1, 7, 8), pool(4, 8))
    found = game.run(SubsetOrder(most=most))
    assert len(found.steps) == 1 + min(most, 7)
    assert game.tower.n_encoded <= SubsetOrder(most=most).most_encodes(7)
    assert order(found) == order(planted(TanhTower(1, 7, 8), pool(4, 8)).run(SubsetOrder()))[: most + 1]


def test_searches_that_agree_share_their_encodes(planted):
    alone = planted(TanhTower(1, 7, 8), pool(4, 8))
    alone.run(SubsetOrder())
    twice = planted(TanhTower(1, 7, 8), pool(4, 8))
    one, other = twice.run(SubsetOrder(), SubsetOrder())
    assert twice.tower.n_encoded == alone.tower.n_encoded
    assert one == other
    apart = planted(TanhTower(1, 7, 8), pool(4, 8))
    apart.run(SubsetOrder(), SubsetOrder((0.0, 0.0, 0.0, 1.0)))
    assert alone.tower.n_encoded < apart.tower.n_encoded < 2 * alone.tower.n_encoded


def test_the_best_of_the_pool_is_told_before_and_after(planted):
    found = planted(additive([0.1, 0.4, -0.2, 2.3]), ALONG).run(SubsetOrder((0.0, 0.0, 1.0, 0.0)))
    assert found.before == 0  # 2.6 along the first candidate, 1 along the second
    assert [step.top for step in found.steps] == [1, 0, 0, 0, 0]
    assert [step.margin for step in found.steps] == pytest.approx([-1.0, 1.3, 1.7, 1.8, 1.6])


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": (1.0, -1.0, 1.0, 1.0)},
        {"weights": (0.0, 0.0, 0.0, 0.0)},
        {"scale": 0.0},
        {"most": 0},
    ],
)
def test_senseless_settings_are_refused(wrong):
    with pytest.raises(InputError, match=r"must be positive|must be ordered"):
        SubsetOrder(**wrong)
