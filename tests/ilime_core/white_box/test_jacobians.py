"""cross_gradient and integrated_jacobian against finite differences, reverse mode and closed forms.

Proves ilime_core.white_box.cross_gradient, ilime_core.white_box.found_effects and
ilime_core.white_box.integrated_jacobian.
"""

import pytest
import torch
from gated_items import additive, gated_image, gated_text

from ilime_core.errors import ItemError
from ilime_core.white_box.cross_gradient import cross_gradient
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.integrated_jacobian import integrated_jacobian
from ilime_core.white_box_records import WhiteBoxOptions


@pytest.fixture(scope="module")
def items(scenes_clip):
    return {"image": gated_image(encoder=scenes_clip), "text": gated_text(scenes_clip)}


def finite_differences(encoder, item, at, step):
    tower, n = gated_tower(encoder, item.content), item.content.n_segments
    moves = step * torch.eye(n)
    return ((tower(at + moves) - tower(at - moves)) / (2 * step)).double()


@pytest.mark.parametrize("side", ["image", "text"])
def test_cross_gradients_are_finite_differences_at_the_whole_item(scenes_clip, items, side):
    item = items[side]
    found = cross_gradient(scenes_clip, item, WhiteBoxOptions()).effects
    at = torch.ones(1, item.content.n_segments)
    wanted = finite_differences(scenes_clip, item, at, 0.004)
    assert torch.linalg.norm(found - wanted) < 0.01 * torch.linalg.norm(wanted)


@pytest.mark.parametrize("side", ["image", "text"])
def test_forward_and_reverse_mode_agree(scenes_clip, items, side):
    item = items[side]
    tower = gated_tower(scenes_clip, item.content)
    found = cross_gradient(scenes_clip, item, WhiteBoxOptions(batch_rows=4)).effects
    full = torch.ones(item.content.n_segments)
    wanted = torch.autograd.functional.jacobian(lambda gates: tower(gates[None])[0, :20], full)
    assert torch.allclose(found[:, :20], wanted.T.double(), atol=1e-5 * float(wanted.abs().max()) + 1e-6)


@pytest.mark.parametrize("side", ["image", "text"])
def test_integrated_jacobians_add_up_and_more_so_with_more_steps(scenes_clip, items, side):
    item = items[side]
    gaps = []
    for steps in (1, 4, 16):
        found = integrated_jacobian(scenes_clip, item, WhiteBoxOptions(path_steps=steps))
        gaps.append(float(torch.linalg.norm(found.effects.sum(dim=0) - (found.full - found.empty))))
    change = float(torch.linalg.norm(item.full - item.empty))
    assert gaps[0] > 3 * gaps[1]
    assert gaps[1] > 3 * gaps[2]
    assert gaps[2] < 2e-3 * change


def test_the_path_starts_at_the_empty_item_and_the_mean_lies_on_it(scenes_clip, items):
    item = items["image"]
    found = integrated_jacobian(scenes_clip, item, WhiteBoxOptions(path_steps=8))
    tower = gated_tower(scenes_clip, item.content)
    middles = (torch.arange(100) + 0.5) / 100
    path = torch.cat([tower(part[:, None].expand(-1, 9)) for part in middles.split(40)])
    assert torch.allclose(found.empty, item.empty.double(), atol=1e-6)
    assert torch.equal(found.empty, found.intercept)
    assert torch.allclose(found.mean, path.double().mean(dim=0), atol=1e-4)


def test_on_an_additive_tower_both_are_its_effects():
    encoder, item, effects = additive()
    for estimate in (cross_gradient, integrated_jacobian):
        found = estimate(encoder, item, WhiteBoxOptions(path_steps=2))
        assert torch.allclose(found.effects, effects.double(), atol=1e-4)
        assert torch.allclose(found.effects.sum(dim=0), (item.full - item.empty).double(), atol=1e-4)


def test_nothing_is_sampled_and_the_intercepts_close(scenes_clip, items):
    found = cross_gradient(scenes_clip, items["text"], WhiteBoxOptions())
    assert not found.sampled
    assert found.error is None
    assert found.spread is None
    assert torch.equal(found.mean, items["text"].full.double())
    assert torch.allclose(found.intercept + found.effects.sum(dim=0), found.full)


def test_how_rows_are_batched_does_not_matter(scenes_clip, items):
    few, many = (
        integrated_jacobian(scenes_clip, items["text"], WhiteBoxOptions(4, rows)).effects for rows in (3, 64)
    )
    assert torch.allclose(few, many, atol=1e-6)


def test_a_derivative_that_is_no_number_fails_the_item():
    encoder, item, _ = additive()
    own = encoder.image.encode_gated
    encoder.image.encode_gated = lambda pixels: own(pixels) * float("nan")
    with pytest.raises(ItemError, match="not finite"):
        cross_gradient(encoder, item, WhiteBoxOptions())
