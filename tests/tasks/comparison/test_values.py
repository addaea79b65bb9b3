"""How far values of two runs are apart, and how near they have to be.

Proves tasks.comparison.tables, tasks.comparison.tolerances.
"""

import numpy as np
import pyarrow as pa
import pytest

from tasks.comparison.tables import Comparison
from tasks.comparison.tolerances import Tolerance
from tasks.comparison.values import bit_equal, distances, group_codes, within

NO_GROUPS = np.zeros(3, np.int64)


def column(*values, kind=None):
    return pa.chunked_array([pa.array(list(values), kind or pa.float64())])


def test_unknown_is_infinitely_far_from_any_number_however_small():
    first, second = column(1e-9, None, None), column(None, 0.0, None)
    assert distances(first, second).tolist() == [np.inf, np.inf, 0.0]
    assert within(Tolerance(absolute=1.0), first, second, NO_GROUPS).tolist() == [False, False, True]
    assert bit_equal(first, second).tolist() == [False, False, True]


def test_vectors_are_as_far_as_their_farthest_entries_and_other_lengths_infinitely():
    kind = pa.list_(pa.float32())
    first = column([1.0, 2.0], [0.0], None, [], kind=kind)
    second = column([1.5, 1.0], [0.0, 0.0], [0.0], [], kind=kind)
    assert distances(first, second).tolist() == [1.0, np.inf, np.inf, 0.0]


@pytest.mark.parametrize("turned", [False, True])
def test_the_scale_of_a_relative_tolerance_is_the_larger_of_both_values(turned):
    sides = column(1.0, -1.0, 0.0), column(1.105, -1.2, 0.1)
    first, second = sides[::-1] if turned else sides
    # A tenth of 1.105 is more than .105, one of 1.2 less than .2, and one of .1 less than .1.
    assert within(Tolerance(relative=0.1), first, second, NO_GROUPS).tolist() == [True, False, False]


def test_a_group_shares_the_scale_of_its_largest_value():
    rows = pa.table({"pair": ["a", "a", "b"], "other": [1, 1, 1]})
    groups = group_codes(rows, ["pair", "other"])
    assert groups[0] == groups[1] != groups[2]
    rule = Tolerance(relative=0.01, group=("pair", "other"))
    first, second = column(0.0, 10.0, 0.0), column(0.09, 10.0, 0.09)
    assert within(rule, first, second, groups).tolist() == [True, True, False]


def test_what_is_tolerated_adds_up_and_keeps_the_largest():
    found = Comparison("fits")
    for count, largest in ((1, 0.5), (2, 0.125), (3, 0.25)):
        found.tolerate("r2_cross", count, largest)
    assert found.tolerated == {"r2_cross": (6, 0.5)}
