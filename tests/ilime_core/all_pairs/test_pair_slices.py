import numpy as np
import pytest

from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.errors import InputError

LEFT = [{"source": "air"}, {"source": "book"}, {}, {"source": "air", "size": "big"}]
RIGHT = [{"source": "book"}, {}, {"source": "sky"}]


def test_slices_are_numbered_by_tag_and_by_their_pairs():
    """air: 2 of 4 left items, 6 pairs; book: 1 left and 1 right, 3 + 4 - 1 = 6; sky: 4; big: 3."""
    found = PairSlices.of(LEFT, RIGHT, 9)
    assert found.names == ("size=big", "source=air", "source=book", "source=sky")
    assert found.left.tolist() == [[-1, -1, -1, 0], [1, 2, -1, 1]]
    assert found.right.tolist() == [[-1, -1, -1], [2, -1, 3]]


def test_rare_values_have_no_slice():
    found = PairSlices.of(LEFT, RIGHT, 1)
    assert found.names == ("size=big", "source=air")
    assert found.left.tolist() == [[-1, -1, -1, 0], [1, -1, -1, 1]]


def test_without_tags_there_is_none():
    found = PairSlices.of([{}, {}], [{}], 5)
    assert (found.names, found.left.shape, found.right.shape) == ((), (0, 2), (0, 1))


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="must be below 1, got 1"):
        PairSlices(("a=b",), np.array([[0, 1]]), np.array([[0]]))
    with pytest.raises(InputError, match="the same tags, got 1 and 2"):
        PairSlices(("a=b",), np.array([[0]]), np.array([[0], [0]]))
