"""Which segments a global factor keeps is what sorting all of them would say."""

import numpy as np
import pytest

from tasks.stages.summarise.summarise import LOADINGS_KEPT, _largest


@pytest.mark.parametrize("n_rows", [3, LOADINGS_KEPT, 400])
def test_the_largest_of_either_sign_are_found(n_rows):
    scores = np.random.default_rng(n_rows).normal(size=n_rows)
    wanted = sorted(range(n_rows), key=lambda row: -abs(scores[row]))[:LOADINGS_KEPT]
    assert set(_largest(scores)) == set(wanted)


def test_ties_with_the_last_are_all_there_for_the_ids_to_decide():
    scores = np.concatenate([np.full(4, -0.5), np.arange(2.0, LOADINGS_KEPT + 1), [0.5, 0.1, 0.5]])
    assert set(_largest(scores)) == set(range(len(scores))) - {len(scores) - 2}
