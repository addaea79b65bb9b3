from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.effects.search_lime import lime_kernel
from ilime_core.errors import InputError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.records import MaskedEmbeddings
from ilime_core.synthetic.planted import AttentionTower, TanhTower


def item_of(tower, n_masks, design="foldover", p=0.5):
    request = MaskRequest(design, n_masks, p)
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(0))
    rows = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, plan.sets)


def lime(masks, scores, width=0.25, alpha=1.0, times=1.0):
    """Ridge regression of a scalar on masks as LIME does it, one intercept column that nothing penalises."""
    norms = np.linalg.norm(masks, axis=1) * np.sqrt(masks.shape[1])
    cosine = np.divide(masks.sum(axis=1), norms, out=np.zeros(len(masks)), where=norms > 0)
    weights = times * np.sqrt(np.exp(-((1.0 - cosine) ** 2) / width**2))
    columns = np.column_stack([np.ones(len(masks)), masks])
    penalty = alpha * np.diag([0.0] + [1.0] * masks.shape[1])
    return np.linalg.solve(columns.T @ (weights[:, None] * columns) + penalty, columns.T @ (weights * scores))


@pytest.mark.parametrize(("width", "alpha"), [(0.25, 1.0), (0.7, 1.0), (0.25, 30.0)])
@pytest.mark.parametrize("n_masks", [32, 64])
def test_products_are_limes_coefficients_of_the_search_score(n_masks, width, alpha):
    tower, answer = AttentionTower(0, 6, 5), TanhTower(1, 4, 5).full
    item = item_of(tower, n_masks)
    options = FitOptions(lime_kernel_width=width, lime_penalty=alpha)
    found = ESTIMATORS["search_lime"].make([item], options)[0]
    rows = item.masks.double().numpy()
    scores = (item.embeddings @ answer).numpy()
    if not item.sets.enumerated:
        rows = np.concatenate([np.ones((1, 6)), rows])
        scores = np.concatenate([[(tower.full @ answer).item()], scores])
    intercept, *coefficients = lime(rows, scores, width, alpha)
    np.testing.assert_allclose(found.effects @ answer, coefficients, atol=1e-10)
    np.testing.assert_allclose(found.intercept @ answer, intercept, atol=1e-10)


def test_all_coalitions_weigh_with_their_probability():
    tower, answer = AttentionTower(0, 5, 5), TanhTower(1, 4, 5).full
    item = item_of(tower, 32, "iid", 0.8)
    rows = item.masks.double().numpy()
    law = 32 * 0.8 ** rows.sum(axis=1) * 0.2 ** (5 - rows.sum(axis=1))
    coefficients = lime(rows, (item.embeddings @ answer).numpy(), times=law)[1:]
    found = ESTIMATORS["search_lime"].make([item], FitOptions())[0]
    np.testing.assert_allclose(found.effects @ answer, coefficients, atol=1e-10)


def test_rows_of_other_sets_are_not_read():
    item = item_of(TanhTower(0, 12, 6), 64)
    more = replace(
        item,
        masks=torch.cat([item.masks, item.masks[:5]]),
        embeddings=torch.cat([item.embeddings, item.embeddings[:5] + 1]),
    )
    one, other = ESTIMATORS["search_lime"].make([item, more], FitOptions())
    assert torch.equal(one.effects, other.effects)
    assert one.error is None
    assert one.sampled


def test_nothing_kept_is_at_distance_one():
    kernel = lime_kernel(torch.tensor([[False, False], [True, True]]), 0.5)
    np.testing.assert_allclose(kernel, [np.exp(-2.0), 1.0])


@pytest.mark.parametrize(
    ("options", "message"),
    [(FitOptions(lime_kernel_width=0.0), "got 0.0"), (FitOptions(lime_penalty=-1.0), "got -1.0")],
)
def test_impossible_settings_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ESTIMATORS["search_lime"].make([item_of(TanhTower(0, 5, 6), 32)], options)
