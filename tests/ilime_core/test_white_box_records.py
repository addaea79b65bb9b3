"""Refusals of the records of white-box estimators."""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.white_box_records import GatedImage, WhiteBoxOptions

PIXELS = np.zeros((2, 2, 3), dtype=np.uint8)


def test_every_pixel_has_a_gate():
    labels = np.array([[0, 1], [2, 1]])
    assert GatedImage(PIXELS, PIXELS, labels, n_segments=3).labels is labels
    with pytest.raises(InputError, match="got labels 0 to 2 for 2 segments"):
        GatedImage(PIXELS, PIXELS, labels, n_segments=2)
    with pytest.raises(InputError, match="got labels -1 to 1 for 3 segments"):
        GatedImage(PIXELS, PIXELS, labels - 1, n_segments=3)


@pytest.mark.parametrize("options", [{"path_steps": 0}, {"batch_rows": 0}])
def test_numbers_of_rows_and_steps_are_positive(options):
    with pytest.raises(InputError, match="must be positive"):
        WhiteBoxOptions(**options)
