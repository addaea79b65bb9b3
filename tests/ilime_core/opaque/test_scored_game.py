"""Batches, repeated coalitions and foreseen scores of a scorer's game.

Proves ilime_core.opaque.foreseen_scores and ilime_core.opaque.registry.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError, ItemError
from ilime_core.opaque.foreseen_scores import foreseen_scores
from ilime_core.opaque.paired import paired
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.scored_game import ScoredPairGame
from ilime_core.pair_records import PairFitOptions


class _Scorer:
    """Reads the coalitions back out of a picture of one row and a text of digits, and counts."""

    device = "cpu"
    image_size = (1, 6)
    mask_word = "[UNK]"

    def __init__(self, game, wrong=None):
        self.game, self.wrong = game, wrong
        self.batches = []

    def view(self, image):
        raise NotImplementedError

    def score(self, pixels, texts):
        self.batches.append(len(texts))
        left = pixels[:, 0, 0] > 0.5
        right = torch.tensor([[letter == "1" for letter in text] for text in texts])
        scores = self.game.score(left, right).float()
        return torch.where((left.sum(1) == 3) & (self.wrong is not None), self.wrong or 0.0, scores)

    def fingerprint(self):
        return "0"


def _views(masks):
    return masks.float()[:, None, None, :].expand(-1, 3, 1, -1)


def _texts(masks):
    return ["".join("01"[bit] for bit in row) for row in masks.int().tolist()]


def _wrapped(batch_size=32, wrong=None):
    scorer = _Scorer(PlantedPairGame(0, 6, 4, link=torch.sigmoid), wrong)
    return scorer, ScoredPairGame(scorer, _views, _texts, shape=(6, 4), batch_size=batch_size)


def test_scores_and_grids_are_the_scorers():
    scorer, game = _wrapped()
    rng = np.random.default_rng(0)
    left, right = (torch.as_tensor(rng.random((40, count)) < 0.5) for count in (6, 4))
    torch.testing.assert_close(game.score(left, right).float(), scorer.game.score(left, right).float())
    torch.testing.assert_close(game.grid(left, right).float(), scorer.game.grid(left, right).float())


def test_batches_have_one_size_and_no_joint_coalition_is_scored_twice():
    scorer, game = _wrapped(batch_size=32)
    found = paired(game, PairFitOptions(rows=300), np.random.default_rng(0))
    assert set(scorer.batches) == {32}
    assert game.n_scored == found.n_scores < 300 + 24 * 16 + 4
    paired(game, PairFitOptions(rows=300), np.random.default_rng(0))
    assert game.n_scored == found.n_scores


@pytest.mark.parametrize("batch_size", [1, 7, 500])
def test_the_size_of_batches_changes_no_explanation(batch_size):
    options = PairFitOptions(rows=200)
    one, other = (
        paired(_wrapped(size)[1], options, np.random.default_rng(0)).weights for size in (32, batch_size)
    )
    assert torch.equal(one, other)


@pytest.mark.parametrize("name", PAIR_ESTIMATORS.names)
@pytest.mark.parametrize("rows", [40, 200])
def test_scores_are_foreseen_exactly(name, rows):
    options = PairFitOptions(left_masks=32, right_masks=8, rows=rows, held_out=10)
    _, game = _wrapped()
    found = PAIR_ESTIMATORS[name].make(game, options, np.random.default_rng(5))
    foreseen = foreseen_scores(name, 6, 4, options, np.random.default_rng(5))
    assert foreseen == (found.n_scores, found.n_left_encodes, found.n_right_encodes)
    assert game.n_scored == found.n_scores
    more = foreseen_scores(name, 6, 4, replace(options, held_out=16), np.random.default_rng(5))
    assert more[0] > foreseen[0]


def test_a_score_that_is_not_finite_ends_the_pair():
    _, game = _wrapped(wrong=float("nan"))
    with pytest.raises(ItemError, match="not finite"):
        paired(game, PairFitOptions(rows=100), np.random.default_rng(0))


def test_wrong_shapes_and_empty_batches_are_refused():
    _, game = _wrapped()
    with pytest.raises(InputError, match="6 and 4 segments"):
        game.score(torch.ones(1, 5, dtype=torch.bool), torch.ones(1, 4, dtype=torch.bool))
    with pytest.raises(InputError, match="batch size of 0"):
        _wrapped(batch_size=0)
