"""Scores of dual encoders with read-outs: formulas, costs and cached embeddings.

Proves ilime_core.opaque.coalition_embeddings and ilime_core.opaque.read_outs.
"""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.opaque.coalition_embeddings import CoalitionEmbeddings
from ilime_core.opaque.embedded_game import EmbeddedPairGame
from ilime_core.opaque.grid import draw_side, grid
from ilime_core.opaque.paired import paired
from ilime_core.opaque.read_outs import CosineReadOut, SigmoidReadOut, SoftmaxReadOut
from ilime_core.opaque.scorer_spec import ReadOutSpec
from ilime_core.opaque.scorers import SCORERS
from ilime_core.pair_records import PairFitOptions
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.synthetic.planted import AttentionTower, TanhTower

EXACT = {"rtol": 0, "atol": 1e-10}
RIVALS = torch.nn.functional.normalize(
    torch.randn(3, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0)), dim=1
)


def _rng(seed=0):
    return np.random.default_rng(seed)


def _known(tower, masks=None):
    masks = torch.zeros(0, tower.n_segments, dtype=torch.bool) if masks is None else masks
    embeddings = tower(masks) if len(masks) else torch.zeros(0, tower.dim, dtype=torch.float64)
    return CoalitionEmbeddings(tower, masks, embeddings)


def _game(read_out, n=6, m=4):
    x, y = AttentionTower(1, n, 12), TanhTower(2, m, 12)
    return EmbeddedPairGame(_known(x), _known(y), read_out), x, y


READ_OUTS = {
    "cosine": (CosineReadOut(3.0), lambda x, y: 3 * x @ y.mT),
    "sigmoid": (SigmoidReadOut(5.0, -1.0), lambda x, y: 1 / (1 + torch.exp(1 - 5 * x @ y.mT))),
    "image_to_text": (
        SoftmaxReadOut(5.0, RIVALS, "left_to_right"),
        lambda x, y: (
            torch.exp(5 * x @ y.mT) / (torch.exp(5 * x @ y.mT) + torch.exp(5 * x @ RIVALS.mT).sum(1)[:, None])
        ),
    ),
    "text_to_image": (
        SoftmaxReadOut(5.0, RIVALS, "right_to_left"),
        lambda x, y: (
            torch.exp(5 * x @ y.mT) / (torch.exp(5 * x @ y.mT) + torch.exp(5 * RIVALS @ y.mT).sum(0)[None])
        ),
    ),
}


def test_entries_make_read_outs_from_the_settings_of_a_spec():
    asked = []

    def rivals():
        asked.append(True)
        return RIVALS

    spec = ReadOutSpec(5.0, -1.0, "right_to_left", rivals)
    assert SCORERS["cosine"].make(spec) == CosineReadOut(1.0)
    assert SCORERS["sigmoid"].make(spec) == SigmoidReadOut(5.0, -1.0)
    assert asked == []  # reading candidates costs time
    found = SCORERS["softmax"].make(spec)
    assert (found.scale, found.rivals is RIVALS, found.direction) == (5.0, True, "right_to_left")


@pytest.mark.parametrize("name", READ_OUTS)
def test_scores_are_the_read_out_by_its_formula_row_by_row_and_on_a_grid(name):
    read_out, formula = READ_OUTS[name]
    game, x, y = _game(read_out)
    left, right = torch.as_tensor(enumerate_all(6)), torch.as_tensor(enumerate_all(4))
    expected = formula(x(left), y(right))
    torch.testing.assert_close(game.grid(left, right), expected)
    torch.testing.assert_close(game.score(left[:16], right), expected[:16].diagonal())


@pytest.mark.parametrize("name", READ_OUTS)
def test_a_grid_on_a_read_out_is_brute_least_squares_on_all_its_scores(name, brute_affine):
    game, _, _ = _game(READ_OUTS[name][0])
    options = PairFitOptions(left_masks=32, right_masks=8)
    found = grid(game, options, _rng())
    rng = _rng()
    left, right = (draw_side(count, rows, options, rng).masks for count, rows in ((6, 32), (4, 8)))
    joint = left.repeat_interleave(len(right), 0), right.repeat(len(left), 1)
    solution = brute_affine(*joint, game.score(*joint))
    torch.testing.assert_close(found.weights.flatten(), solution[11:], **EXACT)
    torch.testing.assert_close(found.left.raw, solution[1:7], **EXACT)


def test_no_product_of_per_item_effects_explains_a_sigmoid():
    # The rank of W is bounded by the width of the embeddings only for the inner product itself.
    x, y = AttentionTower(1, 5, 2), TanhTower(2, 4, 2)
    options = PairFitOptions(left_masks=32, right_masks=16)
    ranks = []
    for read_out in (CosineReadOut(), SigmoidReadOut(8.0, -2.0)):
        weights = grid(EmbeddedPairGame(_known(x), _known(y), read_out), options, _rng()).weights
        ranks.append(int(torch.linalg.matrix_rank(weights, rtol=1e-8)))
    assert ranks == [2, 4]


def test_a_grid_costs_the_sum_of_both_sides_and_what_is_known_costs_nothing():
    game, x, y = _game(CosineReadOut())
    found = grid(game, PairFitOptions(left_masks=32, right_masks=8), _rng())
    assert (x.n_encoded, y.n_encoded) == (found.n_left_encodes, found.n_right_encodes)
    assert found.n_scores > x.n_encoded * y.n_encoded / 2
    grid(game, PairFitOptions(left_masks=32, right_masks=8), _rng())
    assert (x.n_encoded, y.n_encoded) == (found.n_left_encodes, found.n_right_encodes)
    whole = [_known(tower, torch.as_tensor(enumerate_all(tower.n_segments))) for tower in (x, y)]
    before = x.n_encoded, y.n_encoded
    paired(EmbeddedPairGame(*whole, CosineReadOut()), PairFitOptions(rows=200), _rng())
    assert (x.n_encoded, y.n_encoded) == before
    assert [side.n_encoded for side in whole] == [0, 0]


def test_repeated_and_mixed_questions_are_answered_in_place():
    tower = TanhTower(2, 5, 8)
    every = torch.as_tensor(enumerate_all(5))
    known = _known(tower, every[[3, 3, 7]])
    asked = every[[9, 7, 9, 3, 30, 7]]
    torch.testing.assert_close(known(asked), tower(asked))
    assert known.n_encoded == 2
    torch.testing.assert_close(known(every), tower(every))
    assert known.n_encoded == 30


def test_wrong_shapes_and_a_softmax_without_rivals_are_refused():
    tower = TanhTower(2, 5, 8)
    with pytest.raises(InputError, match="5 segments"):
        _known(tower)(torch.ones(1, 4, dtype=torch.bool))
    with pytest.raises(InputError, match="1 masks and 2 embeddings"):
        CoalitionEmbeddings(tower, torch.ones(1, 5, dtype=torch.bool), torch.ones(2, 8))
    with pytest.raises(InputError, match="rival"):
        SoftmaxReadOut(1.0, torch.zeros(0, 8), "left_to_right")
