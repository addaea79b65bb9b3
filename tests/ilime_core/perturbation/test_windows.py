import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.windows import WindowRows, nearest_regions, nearest_words, windows


def removed(kept):
    return [tuple(np.flatnonzero(~row)) for row in kept]


def test_windows_of_a_text_are_consecutive_words_around_each():
    assert removed(windows(nearest_words(6), 3)) == [
        (0, 1, 2),
        (0, 1, 2),
        (1, 2, 3),
        (2, 3, 4),
        (3, 4, 5),
        (3, 4, 5),
    ]


def test_regions_are_near_by_their_centroids_and_ties_go_by_label():
    grid = np.repeat(np.repeat(np.arange(9).reshape(3, 3), 4, axis=0), 4, axis=1)
    near = nearest_regions(grid)
    assert near[0].tolist() == [0, 1, 3, 4, 2, 6, 5, 7, 8]
    assert near[4].tolist() == [4, 1, 3, 5, 7, 0, 2, 6, 8]


def test_a_ring_around_a_region_of_the_same_centroid_comes_itself_first():
    labels = np.zeros((5, 5), dtype=int)
    labels[2, 2] = 1
    assert nearest_regions(labels).tolist() == [[0, 1], [1, 0]]


def test_regions_of_any_size_are_as_far_as_their_centroids():
    labels = np.repeat([0, 1, 2], [2, 8, 3])[None]  # centroids .5, 5.5 and 11
    assert nearest_regions(labels).tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 0]]


def test_windows_larger_than_the_item_remove_it_all():
    assert not windows(nearest_words(3), 4).any()


def test_impossible_windows_and_maps_are_refused():
    with pytest.raises(InputError, match="got 0"):
        windows(nearest_words(3), 0)
    with pytest.raises(InputError, match="label 1 of a map of 3"):
        nearest_regions(np.array([[0, 2]]))


@pytest.mark.parametrize(("n_masks", "enumerated"), [(4, False), (64, True)])
def test_windows_stand_beside_an_enumeration_too(n_masks, enumerated):
    request = MaskRequest("foldover", n_masks, further={"windows": WindowRows(2)})
    near = np.array([[(i + k) % 5 for k in range(5)] for i in range(5)])
    plan = draw_masks(5, request=request, rng_of=lambda _: np.random.default_rng(0), neighbours=near)
    assert plan.sets.enumerated == enumerated
    assert removed(plan.masks[plan.sets.rows["windows"]]) == [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    assert plan.sets.n_banzhaf == (32 if enumerated else 16)
