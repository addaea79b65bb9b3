"""A grid of an opaque pair takes the masks that score has drawn for Banzhaf effects, and no others."""

import numpy as np
import pytest

from ilime_core.perturbation.coalitions import MaskRequest
from ilime_core.records import Modality
from tasks.spec.core_options import given_rows
from tasks.spec.mask_draws import MaskDraw


@pytest.mark.parametrize(("n_segments", "n_rows"), [(9, 64), (4, 16)])
def test_rows_of_other_estimators_stay_out(n_segments, n_rows):
    draw = MaskDraw(Modality.IMAGE, 0, MaskRequest("foldover", 64, shapley_masks=16), 32, 1.0)
    drawn = draw.draw("ab" * 32, n_segments)
    given = given_rows(drawn)
    assert len(drawn.masks) == n_rows + (0 if drawn.sets.enumerated else 16)
    assert given.enumerated == (n_segments == 4)
    assert np.array_equal(given.masks, drawn.masks[:n_rows])
    assert np.array_equal(given.held_out, drawn.held_out)
    assert len(given.held_out)
