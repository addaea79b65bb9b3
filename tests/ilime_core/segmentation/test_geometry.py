import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.records import ViewGeometry
from ilime_core.segmentation.geometry import label_map_to_original, seen_share, view_pixel_in_original

# 8 x 4 original, its middle 4 x 4 seen at half size: a 2 x 2 view.
CENTRE_CROP = ViewGeometry(8, 4, 2, 2, left=2.0, top=0.0, scale_x=0.5, scale_y=0.5)
# 2 x 1 original in a 4 x 4 view at double size: one row of padding above and below.
PADDED = ViewGeometry(2, 1, 4, 4, left=0.0, top=-0.5, scale_x=2.0, scale_y=2.0)
# 4 x 2 original squashed into 2 x 2.
SQUASHED = ViewGeometry(4, 2, 2, 2, left=0.0, top=0.0, scale_x=0.5, scale_y=1.0)


def brute_force(labels, geometry):
    original = np.full((geometry.original_height, geometry.original_width), -1)
    for y in range(geometry.original_height):
        for x in range(geometry.original_width):
            view_x = int(np.floor((x + 0.5 - geometry.left) * geometry.scale_x))
            view_y = int(np.floor((y + 0.5 - geometry.top) * geometry.scale_y))
            if 0 <= view_x < geometry.view_width and 0 <= view_y < geometry.view_height:
                original[y, x] = labels[view_y, view_x]
    return original


def test_a_centre_crop_leaves_its_sides_unseen():
    original = label_map_to_original(np.array([[0, 1], [2, 3]]), CENTRE_CROP)
    expected = [[-1, -1, 0, 0, 1, 1, -1, -1]] * 2 + [[-1, -1, 2, 2, 3, 3, -1, -1]] * 2
    assert original.tolist() == expected
    assert seen_share(CENTRE_CROP) == 0.5


def test_a_squashed_view_covers_everything():
    assert label_map_to_original(np.array([[0, 1], [2, 3]]), SQUASHED).tolist() == [
        [0, 0, 1, 1],
        [2, 2, 3, 3],
    ]
    assert seen_share(SQUASHED) == 1.0


def test_padding_belongs_to_no_original_pixel():
    labels = np.array([[0] * 4, [1] * 4, [2] * 4, [3] * 4])
    assert label_map_to_original(labels, PADDED).tolist() == [[2, 2]]
    assert seen_share(PADDED) == 1.0
    rows, columns = view_pixel_in_original(PADDED)
    assert (rows.tolist(), columns.tolist()) == ([0, 0, 0, 0], [0, 0, 1, 1])


@pytest.mark.parametrize("seed", range(5))
def test_any_view_agrees_with_pixel_by_pixel_mapping(seed):
    rng = np.random.default_rng(seed)
    scale_x, scale_y = rng.uniform(0.2, 3, size=2)
    geometry = ViewGeometry(
        31, 23, 14, 10, float(rng.uniform(-5, 20)), float(rng.uniform(-5, 20)), float(scale_x), float(scale_y)
    )
    labels = rng.integers(0, 9, size=(10, 14))
    np.testing.assert_array_equal(label_map_to_original(labels, geometry), brute_force(labels, geometry))


def test_the_seen_share_follows_the_crop():
    quarter = ViewGeometry(8, 8, 4, 4, left=4.0, top=4.0, scale_x=1.0, scale_y=1.0)
    beyond = ViewGeometry(8, 8, 4, 4, left=6.0, top=4.0, scale_x=1.0, scale_y=1.0)
    assert seen_share(quarter) == 0.25
    assert seen_share(beyond) == 0.125
    before = ViewGeometry(8, 8, 4, 4, left=-2.0, top=-1.0, scale_x=1.0, scale_y=1.0)
    assert seen_share(before) == 2 * 3 / 64
    outside = ViewGeometry(8, 8, 4, 4, left=9.0, top=0.0, scale_x=1.0, scale_y=1.0)
    assert seen_share(outside) == 0.0


def test_a_label_map_of_another_size_is_refused():
    with pytest.raises(InputError, match="3 x 2 pixels, the view 2 x 2"):
        label_map_to_original(np.zeros((2, 3), dtype=int), CENTRE_CROP)
