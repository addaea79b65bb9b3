"""The measurement that says most is shown."""

import pyarrow as pa

from tasks.report.leaderboard.records import MeasurementSummary, widest_first


def rows(*said):
    return pa.table(dict(zip(("measure_id", "metric", "estimator"), zip(*said, strict=True), strict=True)))


def test_most_metrics_of_methods_come_first_and_repetitions_count_once():
    table = rows(
        ("m9", "insertion", "banzhaf"),
        ("m9", "insertion", "banzhaf"),
        ("m9", "insertion", "banzhaf"),
        ("m1", "insertion", "banzhaf"),
        ("m1", "deletion", "banzhaf"),
        ("m1", "deletion", "occlusion"),
    )
    assert widest_first(table) == (MeasurementSummary("m1", 2, 2, 3), MeasurementSummary("m9", 1, 1, 1))


def test_of_equal_ones_the_last_by_id_comes_first():
    table = rows(("m1", "insertion", "banzhaf"), ("m2", "aid", "banzhaf"))
    assert [one.measure_id for one in widest_first(table)] == ["m2", "m1"]


def test_nothing_was_measured():
    table = rows(("m1", "insertion", "banzhaf")).slice(0, 0)
    assert widest_first(table) == ()
