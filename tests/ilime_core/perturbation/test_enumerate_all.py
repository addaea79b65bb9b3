import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.perturbation.enumerate_all import enumerate_all, product_law


def test_every_coalition_comes_once():
    assert enumerate_all(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]
    masks = enumerate_all(7)
    assert len({row.tobytes() for row in masks}) == 128


@pytest.mark.parametrize("p", [0.5, 0.8])
def test_the_law_is_that_of_independent_segments(p):
    masks = enumerate_all(5)
    law = product_law(masks, p)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert law @ masks == pytest.approx(np.full(5, p), abs=1e-12)
    assert law @ (masks[:, 0] & masks[:, 3]) == pytest.approx(p * p, abs=1e-12)


@pytest.mark.parametrize("segments", [0, 21])
def test_what_cannot_be_enumerated_is_refused(segments):
    with pytest.raises(InputError, match=f"1 to 20 segments, got {segments}"):
        enumerate_all(segments)
