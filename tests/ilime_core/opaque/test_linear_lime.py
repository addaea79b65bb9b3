from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances

from ilime_core.errors import RankDeficientError
from ilime_core.opaque.linear_lime import linear_lime
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.pair_records import PairFitOptions
from ilime_core.perturbation.iid import bernoulli_masks

OPTIONS = PairFitOptions(rows=300, penalty=1.0)


def _lime(game, options, seed=0):
    """LIME in scikit-learn's words."""
    rng = np.random.default_rng(seed)
    masks = bernoulli_masks(game.n_left + game.n_right, options.rows, options.p, rng).astype(float)
    masks[0] = 1
    distances = pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    weights = np.sqrt(np.exp(-(distances**2) / options.kernel_width**2))
    kept = torch.from_numpy(masks > 0)
    scores = game.score(kept[:, : game.n_left], kept[:, game.n_left :]).numpy()
    return Ridge(alpha=options.penalty).fit(masks, scores, sample_weight=weights)


@pytest.mark.parametrize(
    "changes", [{}, {"rows": 100}, {"p": 0.7}, {"penalty": 5.0}, {"kernel_width": 0.1}, {"held_out": 0}]
)
def test_coefficients_are_limes(changes):
    game = PlantedPairGame(0, 7, 5, link=torch.sigmoid)
    options = replace(OPTIONS, **changes)
    found = linear_lime(game, options, np.random.default_rng(0))
    reference = _lime(game, options)
    np.testing.assert_allclose(
        torch.cat([found.left.effect, found.right.effect]), reference.coef_, atol=1e-10
    )
    assert found.intercept == pytest.approx(float(reference.intercept_), abs=1e-10)
    assert torch.equal(found.left.raw, found.left.effect)
    if changes and changes != {"held_out": 0}:
        plain = linear_lime(game, OPTIONS, np.random.default_rng(0))
        assert not torch.allclose(plain.left.effect, found.left.effect, atol=1e-6)


def test_an_automatic_penalty_is_limes():
    game = PlantedPairGame(0, 7, 5, link=torch.sigmoid)
    limes, automatic = (
        linear_lime(game, options, np.random.default_rng(0))
        for options in (OPTIONS, replace(OPTIONS, penalty="auto"))
    )
    assert automatic.penalty == 1
    assert torch.equal(automatic.left.effect, limes.left.effect)


def test_it_has_no_interactions_and_its_fit_is_its_linear_fit():
    found = linear_lime(PlantedPairGame(0, 7, 5), OPTIONS, np.random.default_rng(0))
    assert found.weights is None
    assert found.r2_cross is None
    assert found.left.intact is None
    assert 0 < found.r2_total == found.r2_linear < 0.95


def test_an_additive_game_is_recovered_without_a_penalty():
    game = PlantedPairGame(0, 7, 5, additive=True)
    found = linear_lime(game, replace(OPTIONS, penalty=0.0), np.random.default_rng(0))
    torch.testing.assert_close(found.left.effect, game.left_effects)
    torch.testing.assert_close(found.right.effect, game.right_effects)
    with pytest.raises(RankDeficientError):
        linear_lime(game, replace(OPTIONS, penalty=0.0, rows=5), np.random.default_rng(0))
