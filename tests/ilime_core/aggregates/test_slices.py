"""Slices by tags: who is in them, how many there are, and how they are compared."""

import numpy as np
import pytest

from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.group_differences import group_difference
from ilime_core.aggregates.slices import ALL, SliceLimits, named_slices, slice_differences, tag_slices

LEFT = [{"source": "coco"}, {"source": "coco", "kind": "x"}, {"source": "flickr"}, {}, {}]
RIGHT = [{"source": "coco"}, {"source": "flickr"}, {"source": "flickr"}, {"source": "coco"}, {}]
TINY = SliceLimits(pairs=2, items=2, values=50)


def test_a_pair_is_in_the_slices_of_both_its_items():
    kind, source = tag_slices(LEFT, RIGHT, 50)
    assert (kind.tag, source.tag) == ("kind", "source")
    assert {one.name: one.pairs.tolist() for one in source.slices} == {
        "source=coco": [True, True, False, True, False],
        "source=flickr": [False, True, True, False, False],
    }
    assert source.tagged.tolist() == [True, True, True, True, False]
    assert [(one.name, one.pairs.nonzero()[0].tolist()) for one in kind.slices] == [("kind=x", [1])]
    assert tag_slices([{}], [{}], 50) == []


def test_the_most_frequent_values_are_kept_and_ties_go_by_name():
    tags = [{"t": value} for value in "bbbaacceef"]
    [found] = tag_slices(tags, [{}] * 10, 3)
    assert [one.name for one in found.slices] == ["t=b", "t=a", "t=c"]
    assert found.n_values == 5
    assert found.tagged.all()


def test_slices_of_some_pairs_are_those_of_all():
    _, source = tag_slices(LEFT, RIGHT, 50)
    some = source.of(np.array([4, 2, 1]))
    assert [one.pairs.tolist() for one in some.slices] == [[False, False, True], [False, True, True]]
    assert some.tagged.tolist() == [False, True, True]


def test_all_pairs_come_first():
    names = [(name, here.sum()) for name, here in named_slices(tag_slices(LEFT, RIGHT, 50), 5)]
    assert names == [(ALL, 5), ("kind=x", 1), ("source=coco", 3), ("source=flickr", 2)]


@pytest.mark.parametrize(("n", "n_items", "admitted"), [(20, 10, True), (19, 19, False), (27, 9, False)])
def test_a_slice_needs_pairs_and_items(n, n_items, admitted):
    codes = np.arange(n) % n_items
    mean = mean_by_codes(np.arange(float(n)), np.arange(n), codes)
    assert SliceLimits().admit(mean) == admitted
    assert SliceLimits().admit_pairs(np.arange(n), codes) == admitted


def test_a_slice_is_compared_with_the_other_pairs_that_have_its_tag():
    rng = np.random.default_rng(1)
    tags = [{"t": value} if value else {} for value in ["a"] * 5 + ["b"] * 4 + ["c"] * 3 + [""] * 4 + ["d"]]
    values, codes = rng.normal(size=17), np.arange(17)
    [tag] = tag_slices(tags, [{}] * 17, 50)
    found = dict(slice_differences(values, tag, codes, codes, limits=TINY))
    assert list(found) == ["t=a", "t=b", "t=c"]  # d has one pair
    tagged = tag.tagged
    for name, one in found.items():
        [here] = [own.pairs[tagged] for own in tag.slices if own.name == name]
        assert one == group_difference(values[tagged], here, codes[tagged], codes[tagged])
    assert found["t=a"].rest.n == 8


def test_two_slices_that_are_each_others_rest_are_compared_once():
    tags = [{"t": value} for value in "aaaabbb"]
    [tag] = tag_slices(tags, [{}] * 7, 50)
    found = slice_differences(np.arange(7.0), tag, np.arange(7), np.arange(7), limits=TINY)
    assert [name for name, _ in found] == ["t=a"]
    assert found[0][1].difference == pytest.approx(1.5 - 5)


def test_a_slice_of_all_pairs_with_the_tag_has_no_rest():
    [tag] = tag_slices([{"t": "a"}] * 6, [{}] * 6, 50)
    assert slice_differences(np.arange(6.0), tag, np.arange(6), np.arange(6), limits=TINY) == []
