from dataclasses import replace

import pytest
import torch

from ilime_core.effects.product_shapley import ShapleyOptions, fit_product_shapley
from ilime_core.errors import InputError
from ilime_core.interactions.margins import Candidates, fit_margins
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.synthetic.planted import AttentionTower, TanhTower

QUERIES = [AttentionTower(1, 5, 16), TanhTower(2, 3, 16)]
CANDIDATES = [TanhTower(3, 4, 16), TanhTower(4, 6, 16), AttentionTower(5, 2, 16)]
ASKED, CORRECT, WRONG = torch.tensor([0, 1, 0]), torch.tensor([0, 1, 2]), torch.tensor([1, 2, 1])


def _shapley(towers):
    effects = []
    for tower in towers:
        masks = torch.as_tensor(enumerate_all(tower.n_segments))
        options = ShapleyOptions(len(masks), enumerated=True)
        effects.append(fit_product_shapley(masks, tower(masks), tower.empty, tower.full, options=options))
    return stack_effects(effects)


def _margins(queries, candidates, **options):
    return fit_margins(
        Candidates(queries, ASKED), Candidates(candidates, CORRECT), Candidates(candidates, WRONG), **options
    )


def test_both_splits_sum_to_the_margin_of_the_scores():
    margins = _margins(_shapley(QUERIES), _shapley(CANDIDATES))
    for query, (i, j, k) in enumerate(zip(ASKED, CORRECT, WRONG, strict=True)):
        x, y, z = QUERIES[i], CANDIDATES[j], CANDIDATES[k]
        torch.testing.assert_close(margins.margin[query], x.full @ y.full - x.full @ z.full)
        # Complete effects leave only what the empty items bring.
        torch.testing.assert_close(margins.query_remainder[query], x.empty @ (y.full - z.full))
        torch.testing.assert_close(margins.candidates_remainder[query], x.full @ (y.empty - z.empty))
    total = margins.query.effects.sum(1) + margins.query_remainder
    torch.testing.assert_close(total, margins.margin)
    total = margins.correct.effects.sum(1) + margins.wrong.effects.sum(1) + margins.candidates_remainder
    torch.testing.assert_close(total, margins.margin)


def test_effects_are_the_banzhaf_values_of_the_margin(enumerated):
    queries = stack_effects([enumerated(tower) for tower in QUERIES])
    candidates = stack_effects([enumerated(tower) for tower in CANDIDATES])
    margins = _margins(queries, candidates)
    x, y, z = QUERIES[0], CANDIDATES[0], CANDIDATES[1]
    masks = enumerate_all(5)
    scores = x(masks) @ (y.full - z.full)
    for i in range(5):
        kept = torch.as_tensor(masks[:, i])
        torch.testing.assert_close(margins.query.effects[0, i], scores[kept].mean() - scores[~kept].mean())
    masks = enumerate_all(6)
    scores = x.full @ y.full - z(masks) @ x.full
    for k in range(6):
        kept = torch.as_tensor(masks[:, k])
        torch.testing.assert_close(margins.wrong.effects[0, k], scores[kept].mean() - scores[~kept].mean())


def test_padding_is_zero_and_chunks_change_nothing():
    stacks = _shapley(QUERIES), _shapley(CANDIDATES)
    margins = _margins(*stacks)
    assert margins.correct.n_segments.tolist() == [4, 6, 2]
    assert (margins.correct.effects[0, 4:] == 0).all()
    assert (margins.query.effects[1, 3:] == 0).all()
    parts = _margins(*stacks, queries_per_chunk=1)
    torch.testing.assert_close(parts.wrong.effects, margins.wrong.effects)
    torch.testing.assert_close(parts.query.effects, margins.query.effects)


def test_a_remainder_of_either_sign_exceeds_a_smaller_margin():
    margin = torch.tensor([-0.2, -0.2, 0.2])
    remainders = torch.tensor([0.1, 0.3, -0.3]), torch.tensor([-0.3, 0.2, 0.0])
    plain = _margins(_shapley(QUERIES), _shapley(CANDIDATES))
    found = replace(plain, margin=margin, query_remainder=remainders[0], candidates_remainder=remainders[1])
    assert found.query_remainder_exceeds.tolist() == [False, True, True]
    assert found.candidates_remainder_exceeds.tolist() == [True, False, False]


def test_swapping_candidates_negates_the_margin():
    queries, candidates = _shapley(QUERIES), _shapley(CANDIDATES)
    plain = _margins(queries, candidates)
    swapped = fit_margins(
        Candidates(queries, ASKED), Candidates(candidates, WRONG), Candidates(candidates, CORRECT)
    )
    torch.testing.assert_close(swapped.margin, -plain.margin)
    torch.testing.assert_close(swapped.query.effects, -plain.query.effects)
    torch.testing.assert_close(swapped.correct.effects, -plain.wrong.effects)


def test_each_query_needs_both_candidates():
    stack = _shapley(QUERIES)
    with pytest.raises(InputError, match="2 queries, 1 correct and 2 wrong"):
        fit_margins(Candidates(stack, ASKED[:2]), Candidates(stack, ASKED[:1]), Candidates(stack, ASKED[:2]))


def test_standard_errors_are_those_of_the_effects_over_many_designs(sampled):
    # The same towers under many designs: the spread of each part of the margin is what its error says.
    x, y, z = AttentionTower(1, 24, 16), AttentionTower(2, 20, 16), TanhTower(3, 22, 16)
    found = []
    for seed in range(300):
        stacks = [stack_effects([sampled(tower, 64, 3 * seed + n)]) for n, tower in enumerate((x, y, z))]
        only = torch.tensor([0])
        found.append(fit_margins(*(Candidates(stack, only) for stack in stacks)))
    for part in ("query", "correct", "wrong"):
        effects = torch.cat([getattr(one, part).effects for one in found])
        errors = torch.cat([getattr(one, part).standard_errors for one in found])
        ratio = errors.square().mean(0).sqrt() / effects.std(0)
        assert ((ratio > 0.75) & (ratio < 1.45)).all()
        assert 0.93 < ratio.median() < 1.07


def test_errors_of_enumerated_items_are_zero(enumerated):
    stacks = [stack_effects([enumerated(tower)]) for tower in (QUERIES[0], CANDIDATES[0], CANDIDATES[1])]
    margins = fit_margins(*(Candidates(stack, torch.tensor([0])) for stack in stacks))
    assert (margins.query.standard_errors == 0).all()
