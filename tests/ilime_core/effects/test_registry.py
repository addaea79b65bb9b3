"""Registry of estimators: every entry on items with known effects.

Proves ilime_core.effects.batched_banzhaf.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.effects import batched_banzhaf
from ilime_core.effects.banzhaf import fit_banzhaf
from ilime_core.effects.registry import (
    ESTIMATORS,
    FitOptions,
    check_refinement,
    gives_posterior,
    row_sets,
)
from ilime_core.errors import InputError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.records import MaskedEmbeddings, Modality
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, PlantedTower, TanhTower

STACKED = {"shapley_interaction": 4, "shapley_taylor": 4, "faith_shap": 4}
"""Estimators whose effects stand side by side for several keeping probabilities."""

UNSHRUNK = FitOptions(lime_penalty=0.0)


def encoded(tower, design="foldover", n_masks=64, p=0.5, seed=0):
    options = FitOptions(weighted_image_masks=64, quadrature_image_masks=64, block_segments=1)
    further = row_sets(ESTIMATORS.names, options, Modality.IMAGE)
    request = MaskRequest(design, n_masks, p, shapley_masks=32, further=further)
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(seed))
    rows = plan.embeddings(tower(plan.encoded), tower.empty, tower.full)
    kept = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(kept, rows, tower.empty, tower.full, plan.sets)


def additive(segments, seed=0):
    rng = np.random.default_rng(seed)
    return AdditiveTower(
        torch.from_numpy(rng.normal(size=(segments, 6))), torch.from_numpy(rng.normal(size=6))
    )


@pytest.mark.parametrize("name", ESTIMATORS.names)
@pytest.mark.parametrize(("design", "p"), [("foldover", 0.5), ("iid", 0.7), ("stratified", 0.6)])
def test_all_estimators_agree_on_additive_items_in_any_order(name, design, p):
    towers = [additive(segments, seed) for seed, segments in enumerate([9, 3, 12, 9, 1, 3, 2])]
    items = [encoded(tower, design, p=p, seed=seed) for seed, tower in enumerate(towers)]
    results = ESTIMATORS[name].make(items, UNSHRUNK)
    width = STACKED.get(name, 1)
    for tower, item, effects in zip(towers, items, results, strict=True):
        # Products with any embedding that is stacked alike are those of the planted effects.
        roots = effects.full.reshape(width, -1) @ tower.full / tower.full.square().sum()
        torch.testing.assert_close(roots.square().sum().item(), 1.0)
        for found, planted in ((effects.effects, tower.effects), (effects.intercept[None], tower.intercept)):
            expected = (roots[:, None] * planted[..., None, :]).flatten(-2)
            torch.testing.assert_close(found, expected.expand_as(found), rtol=0, atol=1e-10)
        assert effects.sampled == (not item.sets.enumerated and ESTIMATORS[name].draws)


@pytest.mark.parametrize("name", ESTIMATORS.names)
def test_another_seed_gives_other_effects_to_those_that_draw_and_to_no_others(name):
    tower = TanhTower(0, 12, 6)
    [one], [other] = (ESTIMATORS[name].make([encoded(tower, seed=seed)], FitOptions()) for seed in (0, 1))
    apart = (one.effects - other.effects).abs().max().item()
    assert (apart > 1e-3) == ESTIMATORS[name].draws


def test_banzhaf_reads_its_own_rows_only_and_shapley_all():
    item = encoded(TanhTower(0, 12, 6))
    moved = item.embeddings.clone()
    moved[item.sets.n_banzhaf :] += 1.0
    other = replace(item, embeddings=moved)
    for name, same in (("banzhaf", True), ("product_shapley", False)):
        first, second = ESTIMATORS[name].make([item, other], FitOptions())
        assert torch.equal(first.effects, second.effects) == same
    assert ESTIMATORS["banzhaf"].make([item], FitOptions())[0].n_masks == item.sets.n_banzhaf
    n_shapley = item.sets.rows["shapley"].stop
    assert ESTIMATORS["product_shapley"].make([item], FitOptions())[0].n_masks == n_shapley


def test_ridge_and_kernel_width_move_banzhaf_effects():
    item = encoded(TanhTower(0, 12, 6))
    plain, ridged, near = (
        ESTIMATORS["banzhaf"].make([item], options)[0].effects
        for options in (FitOptions(), FitOptions(ridge=0.25), FitOptions(kernel_width=0.25))
    )
    torch.testing.assert_close(ridged, plain / 2)
    assert (near - plain).abs().max() > 1e-3


def test_the_size_of_batches_changes_nothing(monkeypatch):
    items = [encoded(TanhTower(seed, 12, 6), seed=seed) for seed in range(5)]
    whole = ESTIMATORS["banzhaf"].make(items, FitOptions())
    monkeypatch.setattr(batched_banzhaf, "_BATCH_VALUES", 2 * 64 * 6)
    cut = ESTIMATORS["banzhaf"].make(items, FitOptions())
    for one, other, item in zip(whole, cut, items, strict=True):
        torch.testing.assert_close(one.effects, other.effects, rtol=0, atol=1e-14)
        rows = item.sets.n_banzhaf
        alone = fit_banzhaf(item.masks[:rows], item.embeddings[:rows], item.empty, item.full)
        torch.testing.assert_close(one.effects, alone.effects, rtol=0, atol=1e-14)


class Without(PlantedTower):
    """A tower that does not see its last segment and cannot tell the first two apart."""

    def __init__(self, tower):
        super().__init__(tower.n_segments + 1, tower.dim)
        self._tower = tower

    def _embed(self, kept):
        seen = kept[:, :-1].bool()
        swapped = seen[:, [1, 0, *range(2, seen.shape[1])]]
        return self._tower(seen) + self._tower(swapped)


@pytest.mark.parametrize("name", sorted(set(ESTIMATORS.names) - {"search_lime", "sliding_block_occlusion"}))
def test_unseen_segments_get_nothing_and_alike_ones_the_same(name):
    item = encoded(Without(AttentionTower(1, 5, 6)))
    assert item.sets.enumerated
    found = ESTIMATORS[name].make([item], FitOptions())[0].effects
    torch.testing.assert_close(found[-1], torch.zeros_like(found[-1]), rtol=0, atol=1e-12)
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-12)
    assert (found[0] - found[2]).abs().max() > 1e-3


def test_posterior_means_are_those_of_an_estimator_that_is_refined():
    refined = FitOptions(refine="posterior")
    named = [name for name in (*ESTIMATORS.names, "cross_gradient") if gives_posterior(name, refined)]
    assert named == ["banzhaf"]
    assert not gives_posterior("banzhaf", FitOptions(refine="gls"))


@pytest.mark.parametrize(
    ("options", "design", "estimators"),
    [
        ({}, "iid", ["banzhaf"]),
        ({}, "foldover", ["weighted_banzhaf"]),
        ({"ridge": 0.1}, "foldover", ["banzhaf"]),
        ({"kernel_width": 0.5}, "foldover", ["banzhaf"]),
    ],
)
def test_a_refinement_that_does_nothing_is_refused(options, design, estimators):
    check_refinement(FitOptions(**options), design, estimators)
    check_refinement(FitOptions(refine="gls"), "foldover", ["occlusion", "banzhaf"])
    with pytest.raises(InputError, match="refine: posterior needs"):
        check_refinement(FitOptions(**options, refine="posterior"), design, estimators)
