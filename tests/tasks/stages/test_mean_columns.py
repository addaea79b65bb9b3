"""Columns of a mean: they are in all three tables of means, and pairs without a value are counted."""

import numpy as np
import pytest

from ilime_core.aggregates.clustered_mean import clustered_mean
from tasks.stages.mean_columns import mean_columns
from tasks.tables import TABLES

MEAN = clustered_mean(np.array([1.0, 2.0, 6.0, np.nan]), ["a", "a", "b", "c"], ["x", "y", "z", "z"])


def test_values_are_those_of_the_mean():
    found = mean_columns(MEAN, 5)
    assert (found["mean"], found["median"], found["n"], found["n_unknown"]) == (3.0, 2.0, 3, 2)
    assert (found["n_left"], found["n_right"], found["degrees"]) == (2, 3, MEAN.degrees)
    assert (found["low"], found["high"], found["standard_error"]) == (
        MEAN.low,
        MEAN.high,
        MEAN.standard_error,
    )


@pytest.mark.parametrize("table", ["leaderboard", "method_differences", "aggregates"])
def test_every_table_of_means_has_the_columns(table):
    assert mean_columns(MEAN, 5).keys() <= set(TABLES[table].schema.names)
