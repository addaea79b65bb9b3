"""Surrogates of opaque pairs in the padded record of pairs.

Proves ilime_core.pair_records.
"""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.interactions.factors import factorise
from ilime_core.opaque.grid import grid
from ilime_core.opaque.linear_lime import linear_lime
from ilime_core.opaque.pair_fits import pair_fits_of
from ilime_core.opaque.paired import paired_pure
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.pair_records import PairFitOptions

OPTIONS = PairFitOptions(left_masks=128, right_masks=64, rows=300)


def _found():
    games = [PlantedPairGame(seed, n, m, link=torch.sigmoid) for seed, n, m in ((0, 9, 7), (1, 5, 8))]
    rng = np.random.default_rng(0)
    return [
        grid(games[0], OPTIONS, rng),
        linear_lime(games[1], OPTIONS, rng),
        paired_pure(games[1], OPTIONS, rng),
    ]


def test_each_pair_keeps_its_numbers_beside_longer_ones():
    found = _found()
    fits = pair_fits_of(found)
    assert fits.n_left.tolist() == [9, 5, 5]
    assert fits.n_right.tolist() == [7, 8, 8]
    torch.testing.assert_close(fits.weights[0, :9, :7], found[0].weights)
    torch.testing.assert_close(fits.errors.standard_errors[0, :9, :7], found[0].weight_errors)
    torch.testing.assert_close(fits.left.effect[0], found[0].left.effect)
    torch.testing.assert_close(fits.right.intact_effect[0, :7], found[0].right.intact)
    torch.testing.assert_close(fits.left.standard_error[0], found[0].left.error)
    torch.testing.assert_close(fits.right.intact_standard_error[0, :7], found[0].right.intact_error)
    torch.testing.assert_close(fits.left.net[0], found[0].weights.sum(1))
    torch.testing.assert_close(fits.right.mass[0, :7], found[0].weights.abs().sum(0))
    torch.testing.assert_close(fits.right.raw_effect[1], found[1].right.raw)
    for ours, name in (
        (fits.f_full, "f_full"),
        (fits.f_left_empty, "f_left_empty"),
        (fits.f_right_empty, "f_right_empty"),
        (fits.f_empty, "f_empty"),
        (fits.intercept, "intercept"),
        (fits.variance.r2_total, "r2_total"),
        (fits.variance.share_left, "share_left"),
        (fits.variance.share_right, "share_right"),
        (fits.variance.share_cross, "share_cross"),
    ):
        assert ours.tolist() == [getattr(one, name) for one in found]
    assert fits.variance.r2_cross[0] == found[0].r2_cross
    assert fits.variance.r2_linear[0] == found[0].r2_linear
    assert fits.errors.sum_squared_error[0] == found[0].sum_squared_error


def test_factors_completeness_and_certainty_are_of_the_pair_alone():
    found = _found()
    fits = pair_fits_of(found)
    alone = factorise(found[0].weights[None], torch.tensor([9]), torch.tensor([7]))
    torch.testing.assert_close(fits.factors.strengths[0, :7], alone.strengths[0])
    torch.testing.assert_close(fits.factors.left_vectors[0, 0], alone.left_vectors[0, 0])
    one = found[0]
    mixed = one.f_full - one.f_left_empty - one.f_right_empty + one.f_empty
    torch.testing.assert_close(fits.completeness_residual[0], mixed - one.weights.sum())
    torch.testing.assert_close(fits.errors.max_z[0], (one.weights / one.weight_errors).abs().max())


def test_a_pair_without_interactions_has_segments_and_effects_but_no_weight_and_no_factor():
    fits = pair_fits_of(_found())
    assert fits.weights[1].isnan().all()
    assert fits.factors.n_components.tolist() == [7, 0, 5]
    for unknown in (
        fits.factors.effective_rank[1],
        fits.completeness_residual[1],
        fits.errors.max_z[1],
        fits.errors.max_z[2],
        fits.variance.r2_cross[1],
        fits.variance.r2_linear[2],
        fits.split_half_error,
        fits.left.net[1],
        fits.right.mass[1],
        fits.left.intact_effect[1],
        fits.left.effect[2],
    ):
        assert unknown.isnan().all()
    assert fits.left.effect[1, :5].isfinite().all()
    assert fits.left.net[2, :5].isfinite().all()


def test_nothing_is_refused():
    with pytest.raises(InputError, match="no surrogate"):
        pair_fits_of([])
