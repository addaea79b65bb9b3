"""Segmenters on pictures with known edges, counts and degenerate sizes.

Proves ilime_core.segmentation.felzenszwalb, ilime_core.segmentation.quickshift,
ilime_core.segmentation.registry, ilime_core.segmentation.slic and ilime_core.segmentation.watershed.
"""

import warnings

import numpy as np
import pytest
from skimage import data
from skimage.measure import label as connected_components

from ilime_core.errors import InputError
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions

ADAPTIVE = ("slic", "felzenszwalb", "quickshift", "watershed")


def planted(width=96, height=64, edge=41):
    """Red left of the edge, blue right of it, with a little texture so that segments form."""
    rng = np.random.default_rng(0)
    pixels = np.zeros((height, width, 3), dtype=np.int64)
    pixels[:, :edge, 0] = 200
    pixels[:, edge:, 2] = 200
    return (pixels + rng.integers(0, 20, size=pixels.shape)).astype(np.uint8)


def photograph():
    # Every second pixel of a square of the cat: small enough to be quick.
    return np.ascontiguousarray(data.chelsea()[:300:2, 60:360:2])


@pytest.mark.parametrize("method", ADAPTIVE)
def test_segments_follow_a_planted_edge(method):
    pixels = planted()
    segments = SEGMENTERS[method].make(SegmenterOptions(12))(pixels)
    left = np.zeros((64, 96), dtype=bool)
    left[:, :41] = True
    for segment in range(segments.n_segments):
        inside = left[segments.labels == segment].mean()
        assert min(inside, 1 - inside) < 0.08, (segment, inside)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_segments_are_connected_and_in_reading_order(method):
    segments = SEGMENTERS[method].make(SegmenterOptions(20))(photograph())
    first = [int(np.flatnonzero(segments.labels == s)[0]) for s in range(segments.n_segments)]
    assert first == sorted(first)
    assert set(np.unique(segments.labels)) == set(range(segments.n_segments))
    for segment in range(segments.n_segments):
        assert connected_components(segments.labels == segment, connectivity=2).max() == 1


@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize("n_segments", [12, 49])
def test_the_count_comes_near_what_is_asked(method, n_segments):
    got = SEGMENTERS[method].make(SegmenterOptions(n_segments))(photograph()).n_segments
    assert 0.65 * n_segments <= got <= 1.35 * n_segments


@pytest.mark.parametrize("method", [*ADAPTIVE, "grid"])
def test_the_same_picture_is_cut_the_same_way_again(method):
    one, other = (SEGMENTERS[method].make(SegmenterOptions(20))(photograph()) for _ in range(2))
    np.testing.assert_array_equal(one.labels, other.labels)


@pytest.mark.parametrize("method", [*ADAPTIVE, "grid"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (3, 5), (40, 40)])
def test_flat_and_tiny_pictures_give_segments_without_warnings(method, shape):
    pixels = np.full((*shape, 3), 77, dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        segments = SEGMENTERS[method].make(SegmenterOptions(49))(pixels)
    assert segments.labels.shape == shape
    assert 1 <= segments.n_segments <= min(98, shape[0] * shape[1])
    assert set(np.unique(segments.labels)) == set(range(segments.n_segments))


@pytest.mark.parametrize("method", ADAPTIVE)
def test_noise_stays_under_the_ceiling(method):
    pixels = np.random.default_rng(0).integers(0, 256, size=(64, 64, 3), dtype=np.uint8)
    assert SEGMENTERS[method].make(SegmenterOptions(8))(pixels).n_segments <= 16


@pytest.mark.parametrize(
    ("method", "option", "values"),
    [
        ("slic", "compactness", (1.0, 50.0)),
        ("felzenszwalb", "sigma", (0.2, 2.0)),
        ("quickshift", "ratio", (0.1, 0.9)),
        ("watershed", "compactness", (1e-5, 1.0)),
    ],
)
def test_each_option_moves_the_cut(method, option, values):
    one, other = (
        SEGMENTERS[method].make(SegmenterOptions(20), **{option: value})(photograph()).labels
        for value in values
    )
    assert not np.array_equal(one, other)


def test_unknown_and_given_are_refused_by_name():
    with pytest.raises(InputError, match="did you mean 'slic'"):
        SEGMENTERS["slick"]
    with pytest.raises(InputError, match="label map per image"):
        SEGMENTERS["given"].make(SegmenterOptions(49))
    with pytest.raises(InputError, match="got 0"):
        SegmenterOptions(0)
