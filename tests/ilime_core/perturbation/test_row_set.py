"""Row sets count the rows that they draw."""

import numpy as np
import pytest

from ilime_core.perturbation.quadrature_rows import QuadratureRows
from ilime_core.perturbation.row_set import RowSet
from ilime_core.perturbation.windows import WindowRows


@pytest.mark.parametrize(
    ("rows", "placed", "n_rows"), [(QuadratureRows(400, 4), False, 400), (WindowRows(2), True, 6)]
)
def test_the_count_is_the_number_of_drawn_rows(rows, placed, n_rows):
    assert isinstance(rows, RowSet)
    assert rows.placed is placed
    assert rows.count(6) == n_rows
    assert rows.draw(6, np.random.default_rng(0), None).shape == (n_rows, 6)
