"""activation_map adds up where pooling is linear; grad_cam is the mean gradient times activations.

Proves ilime_core.white_box.activation_map, ilime_core.white_box.grad_cam,
ilime_core.white_box.local_towers, ilime_core.white_box.places, ilime_core.encoders.conse.maps,
ilime_core.encoders.open_clip.maps, ilime_core.encoders.open_clip.timm_maps,
ilime_core.encoders.transformers.maps and ilime_core.encoders.differentiation.
"""

import pytest
import torch
from gated_items import gated_image, gated_text, image_tower, item_of
from tiny_transformers import MAKERS, built

from ilime_core.errors import InputError
from ilime_core.white_box.activation_map import activation_map
from ilime_core.white_box.grad_cam import grad_cam
from ilime_core.white_box.places import shares_of_segments
from ilime_core.white_box_records import WhiteBoxOptions

VIT = {"patch_size": 16, "width": 32, "head_width": 16, "layers": 2}
TOWERS = {
    "average": VIT | {"pool_type": "avg"},
    "average_then_norm": VIT | {"pool_type": "avg", "final_ln_after_pool": True},
    "class_token": VIT,
    "attention_pool": {"layers": [1, 1, 1, 1], "width": 8, "head_width": 16},
    "resnet": {"timm_model_name": "test_resnet", "timm_model_pretrained": False, "timm_pool": "avg"},
    "convnext": {"timm_model_name": "test_convnext", "timm_model_pretrained": False, "timm_pool": "avg"},
}
AVERAGED = ["resnet", "convnext"]


def view_of(content):
    return torch.tensor(content.pixels).permute(2, 0, 1)[None].float() / 255


def constant_of(name, visual):
    """What the tower adds whatever it sees; with the pooling's own constants taken out where it has them."""
    if name == "average_then_norm":
        return visual.ln_post.bias @ visual.proj
    if name == "attention_pool":
        for constant in (visual.attnpool.v_proj.bias, visual.attnpool.c_proj.bias):
            constant.zero_()
        visual.attnpool.positional_embedding[0].zero_()
    if name == "convnext":
        head = visual.trunk.head
        return visual.head(head.norm.bias[None])[0]
    return torch.zeros(24)


@pytest.mark.parametrize("name", [name for name in TOWERS if name != "class_token"])
def test_parts_and_a_constant_of_the_tower_add_up_to_the_embedding(name):
    encoder, visual = image_tower(**TOWERS[name])
    constant = constant_of(name, visual)
    for seed in (1, 2):
        content = gated_image(seed=seed)
        local = encoder.image.local_parts(view_of(content))
        assert torch.allclose(local.parts.sum(dim=0) + constant, local.pooled, atol=2e-5)
        found = activation_map(encoder, item_of(encoder, content), WhiteBoxOptions())
        shift = constant.double() / torch.linalg.vector_norm(local.pooled.double())
        assert torch.allclose(found.effects.sum(dim=0) + shift, found.full, atol=2e-5)


@pytest.mark.parametrize("name", TOWERS)
def test_both_halves_of_a_cut_tower_are_the_tower(name):
    encoder, _ = image_tower(**TOWERS[name])
    item = gated_image(encoder=encoder)
    layer = encoder.image.last_layer(view_of(item.content))
    assert torch.allclose(layer.read_out(layer.features[None])[0], item.full, atol=2e-6)


@pytest.mark.parametrize("name", TOWERS)
def test_grad_cam_is_the_mean_gradient_times_the_activations(name):
    encoder, _ = image_tower(**TOWERS[name])
    item = gated_image(encoder=encoder)
    layer = encoder.image.last_layer(view_of(item.content))
    jacobian = torch.autograd.functional.jacobian(
        lambda features: layer.read_out(features[None])[0], layer.features
    )
    weights = jacobian.mean(dim=1)  # dim x channels
    maps = layer.features @ weights.T
    shares = shares_of_segments(item.content, len(maps), layer.grid).float()
    found = grad_cam(encoder, item, WhiteBoxOptions(batch_rows=4))
    assert torch.allclose(found.effects, (shares.T @ maps).double(), atol=1e-5)
    assert float(found.effects.abs().max()) > 1e-3


@pytest.mark.parametrize("name", ["resnet"])
def test_grad_cam_of_an_averaged_map_is_the_activation_map_without_its_share_along_the_embedding(name):
    encoder, _ = image_tower(**TOWERS[name])
    item = gated_image(encoder=encoder)
    additive, gradient = (
        estimate(encoder, item, WhiteBoxOptions()) for estimate in (activation_map, grad_cam)
    )
    across = additive.effects - (additive.effects @ additive.full)[:, None] * additive.full
    assert torch.allclose(gradient.effects, across, atol=1e-5)
    assert float((additive.effects - across).abs().max()) > 1e-3


@pytest.mark.slow
def test_conse_reads_out_its_map_linearised():
    from ilime_core.encoders.building import build_encoder
    from ilime_core.encoders.spec import EncoderSpec

    encoder = build_encoder(EncoderSpec("conse"), "cpu", "float32")
    for item in (gated_image(224, encoder=encoder), gated_text(encoder)):
        found, gradient = (
            estimate(encoder, item, WhiteBoxOptions()) for estimate in (activation_map, grad_cam)
        )
        across = found.effects - (found.effects @ found.full)[:, None] * found.full
        assert torch.allclose(gradient.effects, across, atol=1e-5)
    # The text tower averages: with its special tokens the words are the whole.
    local = encoder.text.local_parts(item.content.row)
    assert torch.allclose(local.parts.sum(dim=0), local.pooled, atol=1e-6)


def test_words_of_a_causal_tower_are_read_at_their_last_states(scenes_clip):
    item = gated_text(scenes_clip)
    local = scenes_clip.text.local_parts(item.content.row)
    assert len(local.parts) == len(item.content.row)
    # The tower is read at the last token: its own part is the embedding itself.
    assert torch.allclose(local.parts[-1] * len(local.parts), local.pooled, atol=1e-5)
    found = activation_map(scenes_clip, item, WhiteBoxOptions())
    own = local.parts[1].double() / torch.linalg.vector_norm(local.pooled.double())
    assert torch.allclose(found.effects[0], own, atol=1e-6)


@pytest.mark.parametrize("kind", ["scenes", "transformers"])
def test_grad_cam_of_texts_is_the_mean_gradient_times_the_activations(scenes_clip, tmp_path, kind):
    encoder = scenes_clip
    if kind == "transformers":
        MAKERS["clip"](tmp_path)
        encoder = built(tmp_path)
    item = gated_text(encoder, "the cat")
    layer = encoder.text.last_layer(item.content.row)
    assert torch.allclose(layer.read_out(layer.features[None])[0], item.full, atol=2e-6)
    jacobian = torch.autograd.functional.jacobian(lambda one: layer.read_out(one[None])[0], layer.features)
    maps = layer.features @ jacobian.mean(dim=1).T
    shares = shares_of_segments(item.content, len(maps), None).float()
    found = grad_cam(encoder, item, WhiteBoxOptions())
    assert torch.allclose(found.effects, (shares.T @ maps).double(), atol=1e-5)


def test_transformers_clip_shows_the_maps_of_its_image_tower(tmp_path):
    MAKERS["clip"](tmp_path)
    encoder = built(tmp_path)
    item = gated_image(encoder=encoder)
    layer = encoder.image.last_layer(view_of(item.content))
    assert torch.allclose(layer.read_out(layer.features[None])[0], item.full, atol=2e-6)
    found = activation_map(encoder, item, WhiteBoxOptions())
    local = encoder.image.local_parts(view_of(item.content))
    wanted = local.parts.sum(dim=0).double() / torch.linalg.vector_norm(local.pooled.double())
    assert torch.allclose(found.effects.sum(dim=0), wanted, atol=1e-6)


def test_siglip_says_what_it_can_do_instead(tmp_path):
    MAKERS["siglip"](tmp_path)
    encoder = built(tmp_path)
    with pytest.raises(InputError, match="cross_gradient and integrated_jacobian work"):
        activation_map(encoder, gated_image(encoder=encoder), WhiteBoxOptions())


def test_a_vision_transformer_of_timm_has_no_map_of_cells():
    encoder, _ = image_tower(timm_model_name="test_vit", timm_model_pretrained=False, timm_pool="token")
    with pytest.raises(InputError, match="a convolutional one"):
        activation_map(encoder, gated_image(encoder=encoder), WhiteBoxOptions())


def test_shares_of_cells_are_shares_of_their_pixels():
    content = gated_image()
    shares = shares_of_segments(content, 20, (5, 4))
    assert torch.allclose(shares.sum(dim=1), torch.ones(20, dtype=torch.float64))
    for row in range(5):
        for column in range(4):
            ys = [y for y in range(64) if y * 5 // 64 == row]
            xs = [x for x in range(64) if x * 4 // 64 == column]
            cell = torch.tensor(content.labels)[ys][:, xs].flatten()
            wanted = torch.bincount(cell, minlength=9) / len(cell)
            assert torch.allclose(shares[row * 4 + column], wanted.double(), atol=1e-6)


def test_places_of_another_item_are_refused():
    with pytest.raises(InputError, match="a grid of its 20 places"):
        shares_of_segments(gated_image(), 20, (4, 4))
