import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.segmentation.grid import grid_shape, make_grid
from ilime_core.segmentation.registry import SegmenterOptions


def view(height, width):
    return np.zeros((height, width, 3), dtype=np.uint8)


def test_four_cells_of_a_small_view():
    segments = make_grid(SegmenterOptions(4))(view(4, 6))
    assert segments.n_segments == 4
    assert segments.labels.tolist() == [[0, 0, 0, 1, 1, 1]] * 2 + [[2, 2, 2, 3, 3, 3]] * 2


def test_forty_nine_cells_are_the_patches_of_vit_b_32():
    segments = make_grid(SegmenterOptions(49, 32))(view(224, 224))
    y, x = np.mgrid[:224, :224]
    np.testing.assert_array_equal(segments.labels, y // 32 * 7 + x // 32)


@pytest.mark.parametrize(("side", "patch"), [(224, 14), (224, 16), (384, 14)])
def test_cells_are_whole_patches(side, patch):
    segments = make_grid(SegmenterOptions(49, patch))(view(side, side))
    assert segments.n_segments == 49
    whole = side // patch * patch
    patches = segments.labels[:whole, :whole].reshape(whole // patch, patch, whole // patch, patch)
    np.testing.assert_array_equal(patches.min(axis=(1, 3)), patches.max(axis=(1, 3)))


def test_without_patches_cells_are_equal_to_a_pixel():
    areas = np.bincount(make_grid(SegmenterOptions(49))(view(100, 100)).labels.ravel())
    assert set(areas.tolist()) <= {14 * 14, 14 * 15, 15 * 15}


def test_no_more_cells_than_patches():
    assert make_grid(SegmenterOptions(49, 32))(view(64, 96)).n_segments == 6


@pytest.mark.parametrize(
    ("n", "height", "width", "shape"),
    [
        (49, 224, 224, (7, 7)),
        (12, 300, 400, (3, 4)),
        (12, 400, 300, (4, 3)),
        (1, 9, 9, (1, 1)),
        (6, 1, 100, (1, 6)),
    ],
)
def test_rows_and_columns_give_nearly_square_cells(n, height, width, shape):
    assert grid_shape(n, height, width) == shape


@pytest.mark.parametrize(("n", "patch"), [(0, None), (4, 0)])
def test_nonsense_is_refused(n, patch):
    with pytest.raises(InputError, match="at least 1"):
        make_grid(SegmenterOptions(n, patch))
