"""Segments of one view on another view of the same picture."""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.records import ViewGeometry
from ilime_core.segmentation.label_transfer import transfer_labels

WHOLE = ViewGeometry(80, 40, 8, 4, left=0.0, top=0.0, scale_x=0.1, scale_y=0.1)
LABELS = np.arange(32).reshape(4, 8)


def test_the_same_view_keeps_its_labels():
    assert np.array_equal(transfer_labels(LABELS, WHOLE, WHOLE), LABELS)


def test_a_finer_view_repeats_them():
    fine = ViewGeometry(80, 40, 16, 8, left=0.0, top=0.0, scale_x=0.2, scale_y=0.2)
    assert np.array_equal(transfer_labels(LABELS, WHOLE, fine), LABELS.repeat(2, axis=0).repeat(2, axis=1))


def test_a_crop_shows_its_part():
    middle = ViewGeometry(80, 40, 4, 4, left=20.0, top=0.0, scale_x=0.1, scale_y=0.1)
    assert np.array_equal(transfer_labels(LABELS, WHOLE, middle), LABELS[:, 2:6])


def test_what_the_cut_view_does_not_show_takes_its_nearest_label():
    middle = ViewGeometry(80, 40, 4, 4, left=20.0, top=0.0, scale_x=0.1, scale_y=0.1)
    found = transfer_labels(LABELS[:, 2:6], middle, WHOLE)
    assert np.array_equal(found, LABELS[:, [2, 2, 2, 3, 4, 5, 5, 5]])


def test_views_of_two_pictures_and_maps_of_another_size_are_refused():
    other = ViewGeometry(81, 40, 8, 4, left=0.0, top=0.0, scale_x=0.1, scale_y=0.1)
    with pytest.raises(InputError, match="views of one picture"):
        transfer_labels(LABELS, WHOLE, other)
    with pytest.raises(InputError, match="label map is 4 x 4"):
        transfer_labels(LABELS[:, :4], WHOLE, WHOLE)
