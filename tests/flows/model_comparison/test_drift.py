"""Drift: a bound is crossed by what is known, and by nothing else.

Proves tasks.model_comparison.drift.
"""

import pyarrow as pa
import pytest

from ilime_core.errors import InputError
from tasks.model_comparison.compare import ModelComparison, compare_runs
from tasks.model_comparison.drift import DriftBounds, drift_of
from tasks.tables.comparisons import COMPARISONS


def comparison(correlation, *recalls):
    """Rows of a benchmark: (direction, A, B, adjusted p) of R@1."""
    base = {"level": "benchmark", "segment": -1, "estimator": "banzhaf"}
    rows = [base | {"name": "W", "quantity": "correlation", "side": "both", "value": correlation}]
    rows += [
        base
        | {"name": direction, "quantity": "recall_at_1", "side": direction, "value_a": a, "value_b": b}
        | {"difference": b - a, "p_adjusted": p}
        for direction, a, b, p in recalls
    ]
    table = pa.Table.from_pylist(rows, schema=COMPARISONS.schema)
    return ModelComparison(None, None, "banzhaf", table, ())


@pytest.mark.parametrize(
    ("found", "crossed"),
    [
        (comparison(0.95, ("left_to_right", 0.5, 0.5, None)), ()),
        (comparison(0.85), ("correlation of W 0.850, below 0.9",)),
        (comparison(None), ()),
        (
            comparison(0.95, ("left_to_right", 0.9, 0.8, 0.01), ("right_to_left", 0.9, 0.8, 0.06)),
            ("R@1 left_to_right 0.900 before, 0.800 now (p = 0.01)",),
        ),
        (comparison(0.95, ("left_to_right", 0.8, 0.9, 0.001)), ()),
        (comparison(0.95, ("left_to_right", 0.9, 0.8, None)), ()),
    ],
)
def test_what_is_known_to_be_worse_crosses(found, crossed):
    assert drift_of(found, DriftBounds()).crossed == crossed


def test_bounds_can_be_moved_and_are_checked():
    found = comparison(0.85, ("left_to_right", 0.9, 0.8, 0.04))
    assert drift_of(found, DriftBounds(least_correlation=0.8, level=0.03)).crossed == ()
    with pytest.raises(InputError, match=r"least_correlation: 1\.2"):
        DriftBounds(least_correlation=1.2)
    with pytest.raises(InputError, match="level: 0"):
        DriftBounds(level=0.0)


def test_real_runs_drift_where_the_model_has_changed(before, compared):
    drift = drift_of(compared, DriftBounds())
    assert drift.correlation < 0.9
    assert any(line.startswith("correlation of W") for line in drift.crossed)
    assert drift_of(compare_runs(before, before), DriftBounds(least_correlation=0.99)).crossed == ()
