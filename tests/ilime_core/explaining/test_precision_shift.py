"""Shift of W in standard errors, known by hand."""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.explaining.interaction import InteractionExplanation
from ilime_core.explaining.precision_shift import precision_shift


def explained(weights, errors):
    """An explanation of which nothing else is known."""
    made = object.__new__(InteractionExplanation)
    object.__setattr__(made, "weights", np.array(weights, dtype=np.float32))
    object.__setattr__(made, "standard_errors", np.array(errors, dtype=np.float32))
    return made


def test_quantiles_are_over_the_cells_of_all_pairs_that_have_an_error():
    exact = [
        explained([[1.0, 2.0]], [[0.5, 0.0]]),
        explained([[0.0], [3.0], [1.0]], [[1.0], [2.0], [np.nan]]),
    ]
    lower = [explained([[1.1, 9.0]], [[9.0, 9.0]]), explained([[-0.4], [4.0], [7.0]], [[9.0], [9.0], [9.0]])]
    found = precision_shift(exact, lower)  # shifts 0.2, 0.4 and 0.5 of the errors of the first
    assert found.n_cells == 3
    assert found.median == pytest.approx(0.4)
    assert found.p99 == pytest.approx(0.4 + 0.98 * 0.1)


@pytest.mark.parametrize("errors", [[[0.0, np.nan]], None])
def test_without_an_error_there_is_no_unit(errors):
    pairs = [] if errors is None else [explained([[1.0, 2.0]], errors)]
    with pytest.raises(InputError, match=f"none of {len(pairs)} pairs"):
        precision_shift(pairs, pairs)
