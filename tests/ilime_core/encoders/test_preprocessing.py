from dataclasses import replace

import numpy as np
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from skimage import data

from ilime_core.encoders.preprocessing import (
    Preprocessing,
    channel_scale,
    cut_view,
    normalise,
    three_channels,
)
from ilime_core.errors import InputError

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.25)
CHELSEA = Image.fromarray(data.chelsea())


def preprocessing(size, resize, interpolation="bicubic", fill=0, share=1.0):
    height, width = size
    return Preprocessing(height, width, resize, interpolation, fill, MEAN, STD, share)


@pytest.mark.parametrize("resize", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("size", [(64, 64), (224, 224), (96, 64)])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("shape", [(451, 300), (300, 451), (301, 200), (33, 50), (64, 64), (7, 400)])
def test_views_are_those_of_open_clip_to_the_last_bit(resize, size, interpolation, shape):
    if resize == "shortest" and size[0] != size[1]:
        # open_clip ignores the filter there; the model's source reads it as bicubic.
        interpolation = "bicubic"
    image = CHELSEA.resize(shape)
    own = image_transform_v2(
        PreprocessCfg(
            size=size, mean=MEAN, std=STD, interpolation=interpolation, resize_mode=resize, fill_color=99
        ),
        is_train=False,
    )(image)
    ours = preprocessing(size, resize, interpolation, 0 if resize == "shortest" else 99)
    pixels = torch.tensor(cut_view(image, ours).pixels).permute(2, 0, 1)[None].float() / 255
    view = normalise(pixels, channel_scale(MEAN, "cpu"), channel_scale(STD, "cpu"))
    assert torch.equal(view[0], own)


@pytest.mark.parametrize(
    ("resize", "size", "share"),
    [
        ("shortest", (64, 64), 1.0),
        ("shortest", (96, 64), 1.0),
        ("longest", (64, 64), 1.0),
        ("squash", (64, 64), 1.0),
        ("central", (64, 64), 0.875),
        ("central", (64, 64), 0.5),
    ],
)
@pytest.mark.parametrize("shape", [(500, 300), (300, 500)])
def test_geometry_says_where_each_view_pixel_comes_from(resize, size, share, shape):
    width, height = shape
    # A picture whose colour is its own coordinate: red runs from left to right, green from top to bottom.
    ramp = np.zeros((height, width, 3), np.uint8)
    ramp[..., 0] = np.round(np.linspace(0, 250, width))[None, :]
    ramp[..., 1] = np.round(np.linspace(0, 250, height))[:, None]
    view = cut_view(Image.fromarray(ramp), preprocessing(size, resize, share=share))
    g = view.geometry
    assert (g.original_width, g.original_height, g.view_width, g.view_height) == (
        width,
        height,
        size[1],
        size[0],
    )
    for v, u in [(31, 20), (31, 44), (40, 31), (20, 31)]:
        x = g.left + (u + 0.5) / g.scale_x - 0.5
        y = g.top + (v + 0.5) / g.scale_y - 0.5
        red, green, _ = view.pixels[v, u]
        assert abs(red - 250 * x / (width - 1)) < 1.2
        assert abs(green - 250 * y / (height - 1)) < 1.2


def test_geometry_of_a_central_crop_by_hand():
    g = cut_view(Image.new("RGB", (451, 300)), preprocessing((224, 224), "central", share=0.875)).geometry
    # side = int(0.875 * 300) = 262; left = (451 - 262 + 1) // 2 = 95, top = (300 - 262 + 1) // 2 = 19
    assert (g.left, g.top, g.scale_x, g.scale_y) == (95, 19, 224 / 262, 224 / 262)


def test_padding_takes_the_fill_colour_and_lies_outside_the_original():
    view = cut_view(Image.new("RGB", (200, 100), (10, 20, 30)), preprocessing((64, 64), "longest", fill=200))
    assert (view.pixels[:16] == 200).all()
    assert (view.pixels[16:48] == (10, 20, 30)).all()
    assert (view.pixels[48:] == 200).all()
    assert view.geometry.top == pytest.approx(-50)
    assert view.geometry.left == 0


def test_a_strip_is_not_resized_to_gigabytes():
    strip = Image.fromarray(
        np.tile(np.arange(200, dtype=np.uint8), 500)[None, :, None].repeat(2, 0).repeat(3, 2)
    )
    view = cut_view(strip, preprocessing((224, 224), "shortest"))
    assert view.pixels.shape == (224, 224, 3)
    assert view.geometry.left == pytest.approx(49_999)


def test_pictures_that_are_not_rgb_are_refused():
    with pytest.raises(InputError, match="got mode 'L'"):
        cut_view(Image.new("L", (8, 8)), preprocessing((8, 8), "squash"))
    with pytest.raises(InputError, match="positive sides"):
        preprocessing((0, 8), "squash")


@pytest.mark.parametrize(
    ("resize", "shorter"), [("shortest", 7), ("squash", 16)], ids=["below the view", "without a crop"]
)
def test_a_shorter_side_that_no_crop_could_follow_is_refused(resize, shorter):
    with pytest.raises(InputError, match="must not be below the view's sides"):
        replace(preprocessing((8, 8), resize), shorter_side=shorter)


def test_a_crop_that_cannot_be_in_the_middle_starts_where_its_rule_says():
    picture = Image.fromarray(np.tile(np.arange(107, dtype=np.uint8)[None, :, None], (64, 1, 3)))
    rounded = preprocessing((64, 64), "shortest")  # 43 columns too many: 21.5 on each side
    for rule, left in (("rounded", 22), ("floor", 21)):
        view = cut_view(picture, replace(rounded, crop=rule))
        assert (view.geometry.left, int(view.pixels[0, 0, 0])) == (left, left)


def test_one_number_is_for_all_channels():
    assert three_channels([0.1, 0.2, 1]) == (0.1, 0.2, 1.0)
    assert three_channels(0.5) == (0.5, 0.5, 0.5)
