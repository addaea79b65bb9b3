import numpy as np
import pytest

from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.iid import check_rank, iid


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_segments_are_kept_with_probability_p_on_their_own(p):
    masks = iid(p)(6, 20_000, np.random.default_rng(0))
    assert masks.mean(axis=0) == pytest.approx(np.full(6, p), abs=0.015)
    assert np.corrcoef(masks.T) == pytest.approx(np.eye(6), abs=0.03)


def test_too_few_masks_are_refused_with_the_number_that_is_needed():
    with pytest.raises(RankDeficientError, match="20 masks of 20 segments have centred rank 19: at least 21"):
        iid(0.5)(20, 20, np.random.default_rng(0))


def test_masks_that_keep_two_segments_alike_are_refused():
    masks = np.random.default_rng(0).random((50, 4)) < 0.5
    check_rank(masks)
    masks[:, 3] = ~masks[:, 0]
    with pytest.raises(RankDeficientError, match="centred rank 3"):
        check_rank(masks)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_a_probability_that_leaves_nothing_to_vary_is_refused(p):
    with pytest.raises(InputError, match="strictly between 0 and 1"):
        iid(p)
