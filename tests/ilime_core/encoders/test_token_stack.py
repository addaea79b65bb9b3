"""Towers without the tokens of some patches: the tower itself where all are kept, and by its parts elsewhere.

Proves ilime_core.encoders.token_stack and ilime_core.encoders.open_clip.kept_tokens.
"""

import pytest
import timm
import torch
from gated_items import VIEW, image_tower
from open_clip.timm_model import TimmModel
from tiny_transformers import built, make_clip, make_siglip
from torch import nn

from ilime_core.encoders.open_clip.encoder import OpenClipImageEncoder
from ilime_core.encoders.open_clip.kept_tokens import open_clip_stack
from ilime_core.encoders.precision import unit_norm
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import TokenDropping

N = 16
"""Patches of all towers here: 64 pixels, patches of 16."""


def timm_tower(pool):
    """A small vision transformer of timm behind open_clip's wrapper."""
    torch.manual_seed(1)
    trunk = timm.models.vision_transformer.VisionTransformer(
        img_size=64,
        patch_size=16,
        embed_dim=32,
        depth=2,
        num_heads=2,
        num_classes=0,
        global_pool=pool,
        class_token=pool == "token",
    )
    visual = TimmModel.__new__(TimmModel)
    nn.Module.__init__(visual)
    visual.trunk, visual.head = trunk, nn.Linear(32, 24)
    network = nn.Module()
    network.visual, network.encode_image = visual, visual
    return OpenClipImageEncoder(_lively(network), VIEW, "cpu", "float32")


def _lively(network):
    for parameter in network.eval().requires_grad_(requires_grad=False).parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


MAKERS = {
    "open_clip": lambda _: image_tower(patch_size=16, width=64, layers=2, head_width=32)[0].image,
    "open_clip, attention": lambda _: (
        image_tower(
            patch_size=16, width=64, layers=2, head_width=32, attentional_pool=True, attn_pooler_heads=2
        )[0].image
    ),
    "timm, class token": lambda _: timm_tower("token"),
    "timm, attention": lambda _: timm_tower("map"),
    "clip": lambda folder: _transformers(make_clip, folder),
    "siglip": lambda folder: _transformers(make_siglip, folder),
}


def _transformers(make, folder):
    make(folder)
    return built(folder).image


@pytest.fixture(scope="module", params=MAKERS)
def tower(request, tmp_path_factory):
    return MAKERS[request.param](tmp_path_factory.mktemp("model") / "folder")


@pytest.fixture
def pixels():
    return torch.rand((3, 3, 64, 64), generator=torch.Generator().manual_seed(2))


def test_with_every_patch_it_is_the_tower_itself(tower, pixels):
    assert isinstance(tower, TokenDropping)
    assert tower.patch_grid() == (4, 4)
    kept = tower.encode_kept(pixels, torch.arange(3), torch.arange(N).expand(3, -1))
    assert torch.equal(kept, tower.encode(pixels))


def test_a_row_shows_its_own_image_and_the_order_of_patches_does_not_count(tower, pixels):
    patches = torch.tensor([[0, 3, 5, 6, 12], [0, 3, 5, 6, 12], [1, 2, 7, 9, 15]])
    images = torch.tensor([2, 0, 2])
    found = tower.encode_kept(pixels, images, patches)
    for row, (image, kept) in enumerate(zip(images.tolist(), patches, strict=True)):
        alone = tower.encode_kept(pixels[image][None], torch.tensor([0]), kept[None])
        turned = tower.encode_kept(pixels[image][None], torch.tensor([0]), kept.flip(0)[None])
        torch.testing.assert_close(found[row], alone[0], atol=2e-6, rtol=0)
        torch.testing.assert_close(found[row], turned[0], atol=2e-6, rtol=0)
    assert (found[0] - found[1]).norm() > 1e-3
    assert (found[0] - found[2]).norm() > 1e-3


def test_pixels_of_patches_that_are_left_out_do_not_count_and_others_do(tower, pixels):
    images, patches = torch.tensor([0]), torch.tensor([[0, 5, 6]])  # rows 0 and 1 of the grid
    found = tower.encode_kept(pixels, images, patches)
    other = pixels.clone()
    other[0, :, 32:] = 0.0
    assert torch.equal(tower.encode_kept(other, images, patches), found)
    other[0, :, 20, 20] = 1.0  # in patch 5
    assert (tower.encode_kept(other, images, patches) - found).norm() > 1e-4


def test_patches_keep_their_positions(tower, pixels):
    alike = pixels[:1, :, :16, :16].repeat(1, 1, 4, 4)  # every patch shows the same
    found = [tower.encode_kept(alike, torch.tensor([0]), torch.tensor([[place]]))[0] for place in (0, 9)]
    assert (found[0] - found[1]).norm() > 1e-3


def test_without_any_patch_no_pixel_counts(tower, pixels):
    nothing = torch.zeros((2, 0), dtype=torch.long)
    found = tower.encode_kept(pixels, torch.tensor([0, 1]), nothing)
    torch.testing.assert_close(found[0], found[1], atol=1e-6, rtol=0)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(2))


def test_open_clips_tower_by_its_parts(pixels):
    encoder, visual = image_tower(patch_size=16, width=64, layers=2, head_width=32)
    kept = torch.tensor([[1, 4, 11]])
    with torch.no_grad():
        tokens = visual._embeds((pixels[:1] - 0.36) / 0.2)
        shown = torch.cat([tokens[:, :1], tokens[:, 1:][:, kept[0]]], dim=1)
        read = visual.ln_post(visual.transformer(shown))[:, 0] @ visual.proj
    found = encoder.image.encode_kept(pixels, torch.tensor([0]), kept)
    torch.testing.assert_close(found, unit_norm(read), atol=1e-6, rtol=0)


def test_the_tower_is_as_before_afterwards(tower, pixels):
    before = tower.encode(pixels)
    with pytest.raises(IndexError):
        tower.encode_kept(pixels, torch.tensor([7]), torch.tensor([[0]]))
    assert torch.equal(tower.encode(pixels), before)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: image_tower(patch_size=16, width=64, layers=1, pool_type="avg")[1], "averages its patches"),
        (lambda: image_tower(layers=(1, 1, 1, 1), width=16, head_width=8)[1], "ModifiedResNet has no tokens"),
        (lambda: timm_tower("avg")._model.visual, "averages its patches"),
        (nn.Identity, "Identity has no tokens"),
    ],
)
def test_other_towers_are_refused_in_one_line(make, why):
    with pytest.raises(InputError, match=f"{why}.*take segment_mean$"):
        open_clip_stack(make())
