"""Structural checks of the protocols of pairs."""

import pytest
import torch

from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.opaque.tally import SilentGame, Tally
from ilime_core.protocols.pairs import PairGame, PairScorer


class ScoresRowsOnly:
    n_left, n_right = 2, 3

    def score(self, left, right):
        return torch.zeros(len(left))


@pytest.mark.parametrize("game", [PlantedPairGame(0, 2, 3), SilentGame(2, 3), Tally(SilentGame(2, 3))])
def test_games_have_all_members_of_the_protocol(game):
    assert isinstance(game, PairGame)
    assert (game.n_left, game.n_right) == (2, 3)


def test_an_object_without_a_member_does_not_conform():
    assert not isinstance(ScoresRowsOnly(), PairGame)
    assert not isinstance(SilentGame(2, 3), PairScorer)
