"""Pairs of entries become pairs of items: equal contents once, failed ones not, nothing with itself."""

from types import SimpleNamespace

import pyarrow as pa

from tasks.stages.match.match import _places

LEFT = SimpleNamespace(places={0: 0, 1: 1, 2: 0}, ids=("ia", "ib"))
"""Entries 0 and 2 are one item, and entry 1 lies on both sides."""
RIGHT = SimpleNamespace(places={1: 0, 3: 1}, ids=("ib", "ic"))


def places(*pairs):
    lefts, rights = zip(*pairs, strict=True)
    return _places(pa.table({"left": lefts, "right": rights}), LEFT, RIGHT).tolist()


def test_an_item_does_not_match_itself_and_equal_contents_match_once():
    assert places((2, 3), (0, 1), (1, 1), (0, 3), (1, 3)) == [[0, 0], [0, 1], [1, 1]]
    assert places((1, 1)) == []


def test_a_pair_of_which_an_item_has_failed_is_gone():
    assert places((9, 1), (0, 9), (1, 3)) == [[1, 1]]
