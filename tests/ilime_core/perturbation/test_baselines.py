"""Baselines of images against colours known by hand.

Proves ilime_core.perturbation.blur, ilime_core.perturbation.constant,
ilime_core.perturbation.dataset_mean, ilime_core.perturbation.noise and
ilime_core.perturbation.segment_mean.
"""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.dataset_mean import ColourSum
from ilime_core.records import ImageSegments


def fill(baseline, pixels, segments=None, seed=0):
    whole = ImageSegments(np.zeros(pixels.shape[:2], dtype=int), 1)
    return baseline(pixels, segments or whole, np.random.default_rng(seed))


def blur(sigma):
    return BASELINES["blur"].make(BaselineOptions(blur_sigma=sigma))


def random_pixels(height=9, width=7):
    return np.random.default_rng(5).integers(0, 256, size=(height, width, 3), dtype=np.uint8)


def test_each_segment_takes_its_own_mean():
    pixels = np.array([[[0, 0, 9], [10, 0, 9]], [[255, 100, 9], [255, 103, 9]]], dtype=np.uint8)
    segments = ImageSegments(np.array([[0, 0], [1, 1]]), 2)
    filled = fill(BASELINES["segment_mean"].make(BaselineOptions()), pixels, segments)
    assert filled.tolist() == [[[5, 0, 9]] * 2, [[255, 102, 9]] * 2]


def test_segment_means_follow_the_label_map():
    pixels, rng = random_pixels(), np.random.default_rng(1)
    segments = ImageSegments(rng.integers(0, 4, size=(9, 7)), 4)
    filled = fill(BASELINES["segment_mean"].make(BaselineOptions()), pixels, segments)
    for label in range(4):
        inside = segments.labels == label
        expected = np.floor(pixels[inside].mean(axis=0) + 0.5)
        assert (filled[inside] == expected).all()


def test_a_blur_spreads_a_dot_as_a_gaussian():
    pixels = np.zeros((31, 31, 3), dtype=np.uint8)
    pixels[15, 15] = (128, 255, 0)
    filled = fill(blur(1.0), pixels)
    offsets = np.arange(-4, 5)
    kernel = np.exp(-0.5 * offsets**2)
    kernel /= kernel.sum()
    expected = np.floor(255 * np.outer(kernel, kernel) + 0.5)
    np.testing.assert_array_equal(filled[11:20, 11:20, 1], expected)
    assert filled[..., 2].max() == 0  # channels do not mix
    assert fill(blur(3.0), pixels)[15, 15, 0] < filled[15, 15, 0]


def test_a_blur_leaves_one_colour_alone():
    pixels = np.full((5, 6, 3), 200, dtype=np.uint8)
    np.testing.assert_array_equal(fill(blur(10.0), pixels), pixels)


@pytest.mark.parametrize("name", ["constant", "dataset_mean"])
def test_one_colour_everywhere(name):
    filled = fill(BASELINES[name].make(BaselineOptions((1, 2, 250))), random_pixels())
    assert filled.shape == (9, 7, 3)
    assert (filled == [1, 2, 250]).all()


def test_noise_follows_its_generator_and_is_uniform():
    pixels = random_pixels(64, 64)
    noise = BASELINES["noise"].make(BaselineOptions())
    one = fill(noise, pixels, seed=3)
    np.testing.assert_array_equal(one, fill(noise, pixels, seed=3))
    assert (one != fill(noise, pixels, seed=4)).mean() > 0.9
    # Mean and standard deviation of 12,288 uniform values on 0 ... 255: within five standard errors.
    assert abs(one.mean() - 127.5) < 5 * 73.9 / np.sqrt(one.size)
    assert abs(one.std() - 73.9) < 2


def test_the_dataset_mean_weighs_views_equally():
    total = ColourSum()
    total.add(np.full((2, 2, 3), 10, dtype=np.uint8))
    total.add(np.full((8, 8, 3), 21, dtype=np.uint8))
    assert total.mean() == (16, 16, 16)
    assert ColourSum().mean() == (127, 127, 127)


def test_a_spec_reaches_its_baseline():
    pixels = random_pixels()
    named = {
        name: fill(BASELINES[name].make(BaselineOptions((9, 8, 7), 2.0)), pixels)
        for name in BASELINES.names
        if BASELINES[name].paints
    }
    np.testing.assert_array_equal(named["blur"], fill(blur(2.0), pixels))
    assert (named["constant"] == [9, 8, 7]).all()
    assert (named["dataset_mean"] == [9, 8, 7]).all()
    assert len(np.unique(named["segment_mean"].reshape(-1, 3), axis=0)) == 1
    assert len(np.unique(named["noise"])) > 50


@pytest.mark.parametrize("colour", [(1, 2, 300), (-1, 0, 0)])
def test_colours_out_of_range_are_refused(colour):
    with pytest.raises(InputError, match="from 0 to 255"):
        BASELINES["constant"].make(BaselineOptions(colour))


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_a_blur_without_width_is_refused(sigma):
    with pytest.raises(InputError, match="above 0"):
        blur(sigma)
