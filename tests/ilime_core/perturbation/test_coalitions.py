from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks, held_out_masks
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.records import MaskSets
from ilime_core.synthetic.planted import TanhTower


def drawn(segments, design, n_masks, p=0.5, shapley=0, seed=0):
    return draw_masks(
        segments,
        request=MaskRequest(design, n_masks, p, shapley),
        rng_of=lambda _: np.random.default_rng(seed),
    )


@pytest.mark.parametrize(
    ("segments", "n_masks", "shapley", "design", "rows", "n_banzhaf"),
    [
        (49, 256, 0, "foldover", 256, 256),
        (49, 200, 0, "foldover", 256, 256),
        (49, 256, 128, "foldover", 384, 256),
        (49, 256, 127, "foldover", 384, 256),
        (6, 64, 0, "enumerate", 64, 64),
        (7, 64, 0, "foldover", 64, 64),
        (7, 64, 64, "enumerate", 128, 128),
        (3, 7, 0, "enumerate", 8, 8),
        (1, 2, 0, "enumerate", 2, 2),
    ],
)
def test_plans_have_the_rows_that_the_request_pays_for(segments, n_masks, shapley, design, rows, n_banzhaf):
    plan = drawn(segments, "foldover", n_masks, shapley=shapley)
    assert (plan.sets.design, len(plan.masks), plan.sets.n_banzhaf) == (design, rows, n_banzhaf)
    assert plan.sets.enumerated == (design == "enumerate")
    request = MaskRequest("foldover", n_masks, shapley_masks=shapley)
    assert request.enumerates(segments) == plan.sets.enumerated
    assert plan.sets.enumerated or request.n_rows(segments) == rows


def test_shapley_rows_come_last_and_leave_the_banzhaf_rows_as_they_were():
    plain, shared = drawn(20, "foldover", 64), drawn(20, "foldover", 64, shapley=32)
    assert (shared.masks[: shared.sets.n_banzhaf] == plain.masks).all()
    assert (shared.masks[64:80] == ~shared.masks[80:]).all()


def test_p_moves_the_share_that_is_kept():
    assert abs(drawn(30, "iid", 400, p=0.8).masks.mean() - 0.8) < 0.02
    assert abs(drawn(30, "stratified", 400, p=0.3).masks.mean() - 0.3) < 0.01
    assert drawn(5, "iid", 32, p=0.8).sets.enumerated


@pytest.mark.parametrize(
    ("segments", "request_", "error", "message"),
    [
        (9, MaskRequest("foldover", 64, 0.8), InputError, "iid or stratified"),
        (9, MaskRequest("foldover", 1), InputError, "at least 2 masks"),
        (9, MaskRequest("foldover", 64, 0.5, -2), InputError, "-2 Shapley masks"),
        (0, MaskRequest("foldover", 64), InputError, "at least one segment"),
        (30, MaskRequest("iid", 20), RankDeficientError, "at least 31"),
        (12, MaskRequest("enumerate", 64), InputError, "4096 coalitions"),
    ],
)
def test_requests_that_cannot_be_served_say_why(segments, request_, error, message):
    with pytest.raises(error, match=message):
        draw_masks(segments, request=request_, rng_of=lambda _: np.random.default_rng(0))


def test_repeated_and_known_coalitions_are_not_encoded():
    masks = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1], [1, 0, 1], [0, 1, 0]], dtype=bool)
    drawn = ItemMasks(masks[:3], MaskSets({"banzhaf": slice(0, 3)}, "iid", 0.5), masks[3:])
    assert sorted(drawn.encoded.tolist()) == [[False, True, False], [True, False, True]]
    assert drawn.n_encodes == 3
    rows = torch.from_numpy(drawn.encoded).double()
    found = drawn.embeddings(rows, torch.full((3,), -1.0).double(), torch.full((3,), 7.0).double())
    assert found.tolist() == [[1, 0, 1], [-1, -1, -1], [7, 7, 7], [1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("segments", [1, 2, 7, 20])
def test_expanded_embeddings_are_those_of_every_mask_and_the_budget_is_what_is_encoded(segments):
    plan = drawn(segments, "foldover", 48, shapley=40)
    tower = TanhTower(0, segments, 5)
    embeddings = plan.embeddings(tower(plan.encoded), tower.empty, tower.full)
    assert tower.n_encoded == len(plan.encoded) == plan.n_encodes - 1
    torch.testing.assert_close(embeddings, tower(plan.masks), rtol=0, atol=1e-14)


def test_an_enumeration_costs_all_coalitions_but_two():
    assert len(drawn(6, "foldover", 64).encoded) == 62


def test_held_out_masks_are_fresh_whole_blocks_at_one_half():
    plan = drawn(20, "foldover", 64)
    fresh = held_out_masks(plan, 100, np.random.default_rng(1))
    assert fresh.shape == (128, 20)
    assert (fresh.mean(axis=0) == 0.5).all()
    assert (fresh[:64] != plan.masks).any()


def test_held_out_masks_of_an_enumerated_item_need_no_encodes():
    for p in (0.5, 0.8):
        plan = drawn(5, "iid", 32, p=p)
        fresh = held_out_masks(plan, 16, np.random.default_rng(1))
        assert replace(plan, held_out=fresh).n_encodes == plan.n_encodes
        assert len(fresh) == (32 if p == 0.5 else 16)


def test_held_out_masks_follow_the_plan_s_p():
    plan = drawn(20, "iid", 64, p=0.8)
    assert abs(held_out_masks(plan, 500, np.random.default_rng(1)).mean() - 0.8) < 0.02


def test_the_held_out_grid_is_taken_where_it_fits():
    nothing = np.zeros((4, 3), dtype=bool)
    plan = ItemMasks(nothing, MaskSets({"banzhaf": slice(0, 4)}, "iid", 0.5), nothing[:0])
    assert len(np.unique(held_out_masks(plan, 8, np.random.default_rng(0)), axis=0)) == 8
