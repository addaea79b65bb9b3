import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.opaque.planted import PlantedPairGame


def _some(n, m):
    generator = torch.Generator().manual_seed(0)
    left = torch.rand(500, n, generator=generator) < 0.5
    return left, torch.rand(500, m, generator=generator) < 0.5


def test_scores_are_the_linked_form_and_grids_their_table():
    game = PlantedPairGame(0, 6, 4, link=torch.sigmoid)
    left, right = _some(6, 4)
    for row in range(5):
        z, w = left[row].double(), right[row].double()
        form = game.intercept + game.left_effects @ z + game.right_effects @ w + z @ game.interactions @ w
        assert game.score(left[row : row + 1], right[row : row + 1]).item() == pytest.approx(
            torch.sigmoid(form).item()
        )
    table = game.grid(left[:3], right[:4])
    assert table[2, 1] == game.score(left[2:3], right[1:2])[0]
    assert game.n_scored == 5 + 12 + 1


def test_noise_has_its_deviation_and_answers_a_question_once():
    left, right = _some(8, 7)
    quiet = PlantedPairGame(0, 8, 7).score(left, right)
    for noise in (0.1, 0.5):
        game = PlantedPairGame(0, 8, 7, noise=noise)
        added = game.score(left, right) - quiet
        assert added.std().item() == pytest.approx(noise, rel=0.1)
        assert abs(added.mean().item()) < 0.15 * noise
        assert torch.equal(game.score(left, right), game.score(left, right))


def test_masks_of_other_items_are_refused():
    with pytest.raises(InputError, match="6 and 4 segments"):
        PlantedPairGame(0, 6, 4).score(*_some(6, 5))
