"""Refined Banzhaf effects: what is left alone, and errors and coverage over many designs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from every import every
from scipy.stats import t
from triple_games import TripleGame, TripleTower

from ilime_core.effects.banzhaf import fit_banzhaf, fit_banzhaf_batch
from ilime_core.effects.batched_banzhaf import banzhaf
from ilime_core.effects.covariance import quadratic_form
from ilime_core.effects.least_squares import BanzhafOptions
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.errors import InputError
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import iid
from ilime_core.records import MaskedEmbeddings, MaskSets
from ilime_core.synthetic.planted import AttentionTower, TanhTower

REFINED = ("gls", "posterior")


def _fit(tower, masks, **options):
    kept = torch.from_numpy(masks)
    return fit_banzhaf(kept, tower(kept), tower.empty, tower.full, options=BanzhafOptions(**options))


def _designs(tower, n_masks, designs, refine):
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([foldover(tower.n_segments, n_masks, rng) for _ in range(designs)]))
    embeddings = tower(masks.flatten(0, 1)).reshape(designs, n_masks, -1)
    ends = [end.expand(designs, -1) for end in (tower.empty, tower.full)]
    return fit_banzhaf_batch(masks, embeddings, *ends, options=BanzhafOptions(refine=refine))


def _covered(tower, truth, found):
    """Coverage of 95 % intervals of products with fixed partners, and the claimed over the true square."""
    generator = torch.Generator().manual_seed(1)
    partners = torch.randn(6, tower.dim, generator=generator, dtype=torch.float64)
    claimed = torch.stack([one.error_scale[:, None] * quadratic_form(one.error, partners) for one in found])
    missed = torch.stack([(one.effects - truth) @ partners.mT for one in found])
    quantiles = torch.stack([torch.from_numpy(t.ppf(0.975, one.degrees.numpy())) for one in found])
    hit = float((missed.abs() < quantiles[..., None] * claimed.sqrt()).double().mean())
    return hit, float(claimed.mean() / missed.square().mean())


@pytest.mark.parametrize("refine", REFINED)
@pytest.mark.parametrize(
    "tower",
    [
        TripleTower(TripleGame(0, segments=14, dim=20, noise=0.0, third=0.5)),
        AttentionTower(0, 12, 24),
        TanhTower(0, 12, 24),
    ],
    ids=lambda tower: type(tower).__name__,
)
def test_intervals_cover_and_errors_fall(tower, refine):
    truth = _fit(tower, enumerate_all(tower.n_segments), enumerated=True).effects
    plain, refined = (_designs(tower, 128, 200, one) for one in ("none", refine))
    coverage, ratio = _covered(tower, truth, refined)
    assert 0.92 < coverage < 0.97
    assert 0.75 < ratio < 1.35

    def error(found):
        return sum(float((one.effects - truth).square().sum()) for one in found)

    assert error(refined) < error(plain)


@pytest.mark.parametrize("refine", REFINED)
def test_a_batch_gives_each_item_what_it_has_alone(refine):
    towers = [AttentionTower(seed, 12, 24) for seed in range(4)]
    rng = np.random.default_rng(0)
    items = [torch.from_numpy(foldover(12, 64, rng)) for _ in towers]
    sets = MaskSets({"banzhaf": slice(0, 64)}, "foldover", 0.5)
    records = [
        MaskedEmbeddings(mask, tower(mask), tower.empty, tower.full, sets)
        for mask, tower in zip(items, towers, strict=True)
    ]
    options = FitOptions(refine=refine)
    together = banzhaf(records, options)
    for record, one in zip(records, together, strict=True):
        [alone] = banzhaf([record], options)
        for name in ("effects", "error_scale", "intercept", "mean"):
            assert torch.equal(getattr(one, name), getattr(alone, name)), name
        torch.testing.assert_close(one.error.factors.abs(), alone.error.factors.abs())
    assert not torch.equal(together[0].effects, banzhaf(records, FitOptions())[0].effects)


@pytest.mark.parametrize("refine", REFINED)
def test_what_does_not_carry_the_effects_stays(refine):
    tower = AttentionTower(0, 12, 24)
    masks = foldover(12, 64, np.random.default_rng(0))
    plain, refined = _fit(tower, masks), _fit(tower, masks, refine=refine)
    for name in ("mean", "empty", "full", "spread"):
        first, second = getattr(plain, name), getattr(refined, name)
        parts = [(first.factors, second.factors)] if name == "spread" else [(first, second)]
        assert every(torch.equal(*one) for one in parts), name
    assert torch.equal(refined.intercept, refined.mean - refined.effects.sum(dim=0) / 2)


@pytest.mark.parametrize(
    ("segments", "n_masks", "degrees"), [(12, 64, 0.3 * 20), (20, 64, 12), (20, 128, 44)]
)
def test_degrees_on_small_blocks_are_fewer(segments, n_masks, degrees):
    tower = AttentionTower(0, segments, 24)
    found = _fit(tower, foldover(segments, n_masks, np.random.default_rng(0)), refine="gls").degrees
    assert found.tolist() == pytest.approx([degrees] * segments)


def test_the_posterior_shrinks_what_gls_finds():
    tower = AttentionTower(0, 12, 24)
    masks = foldover(12, 64, np.random.default_rng(0))
    unbiased, means = (_fit(tower, masks, refine=refine) for refine in REFINED)
    gains = (means.effects * unbiased.effects).sum(dim=1) / unbiased.effects.square().sum(dim=1)
    torch.testing.assert_close(means.effects, gains[:, None] * unbiased.effects)
    assert (gains < 1).all()
    assert torch.equal(means.error.factors, unbiased.error.factors)


@pytest.mark.parametrize("refine", REFINED)
def test_enumerated_items_and_few_pairs_are_left_alone(refine):
    tower = TanhTower(0, 6, 8)
    for masks, options in (
        (enumerate_all(6), {"enumerated": True}),
        (foldover(6, 16, np.random.default_rng(0)), {}),
    ):
        plain, same = _fit(tower, masks, **options), _fit(tower, masks, refine=refine, **options)
        assert torch.equal(plain.effects, same.effects)
        assert torch.equal(plain.error_scale, same.error_scale)


def test_other_rows_weights_and_ridges_are_refused():
    tower = TanhTower(0, 6, 8)
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match=r"refine: gls needs whole fold-over blocks .* got 40 masks of 6"):
        _fit(tower, iid(0.5)(6, 40, rng), refine="gls")
    with pytest.raises(InputError, match=r"ridge 0\.1"):
        _fit(tower, foldover(6, 64, rng), refine="posterior", ridge=0.1)
    kept = torch.from_numpy(foldover(6, 64, rng))
    options = BanzhafOptions(refine="gls")
    with pytest.raises(InputError, match="no weights"):
        fit_banzhaf(
            kept, tower(kept), tower.empty, tower.full, options=options, weights=torch.ones(64).double()
        )


def test_weighted_banzhaf_has_rows_of_its_own_and_is_not_refined():
    tower = TanhTower(0, 6, 8)
    masks = torch.from_numpy(
        np.concatenate([foldover(6, 64, np.random.default_rng(0)), iid(0.8)(6, 60, np.random.default_rng(1))])
    )
    sets = MaskSets({"banzhaf": slice(0, 64), "weighted": slice(64, 124)}, "foldover", 0.5)
    item = MaskedEmbeddings(masks, tower(masks), tower.empty, tower.full, sets)
    make = ESTIMATORS["weighted_banzhaf"].make
    options = FitOptions()
    [plain], [same] = make([item], options), make([item], replace(options, refine="gls"))
    assert torch.equal(plain.effects, same.effects)
