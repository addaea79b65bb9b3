import torch

from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.opaque.tally import SilentGame, Tally


def test_distinct_joint_rows_and_coalitions_are_counted_over_all_questions():
    tally = Tally(PlantedPairGame(0, 9, 3))
    left = torch.zeros(4, 9, dtype=torch.bool)
    left[1, 8] = left[2, 0] = left[3, 8] = True
    right = torch.tensor([[True, False, False], [False, True, False]])
    tally.grid(left, right)
    assert tally.counts() == (6, 3, 2)
    tally.score(left[:2], right)
    assert tally.counts() == (6, 3, 2)
    tally.score(~left[:1], ~right[:1])
    assert tally.counts() == (7, 4, 3)


def test_answers_pass_through():
    game = PlantedPairGame(0, 5, 3)
    left, right = torch.eye(5, dtype=torch.bool)[:3], torch.eye(3, dtype=torch.bool)
    tally = Tally(game)
    assert (tally.n_left, tally.n_right) == (5, 3)
    assert torch.equal(tally.score(left, right), game.score(left, right))
    assert torch.equal(tally.grid(left, right), game.grid(left, right))
    silent = SilentGame(5, 3)
    assert silent.score(left, right).tolist() == [0, 0, 0]
    assert silent.grid(left, right[:2]).shape == (3, 2)
