"""The same numbers whoever runs the blocks, however large they are: by the comparison that users have."""

import pytest
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs


def compared(reference, spec):
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome), diff_runs(reference, run_of(outcome))


@pytest.mark.parametrize(
    "blocks",
    [
        {"image_encodes": 1, "text_encodes": 1, "pairs": 1},
        {"image_encodes": 10_000, "text_encodes": 10_000, "pairs": 10_000},
        {"image_batch": 7, "text_batch": 64},
    ],
    ids=["one-item-a-block", "one-block", "batches"],
)
def test_blocks_and_batches_change_no_number(benchmark, reference, tmp_path, blocks):
    run, report = compared(reference, benchmark.spec(tmp_path, blocks=blocks))
    assert run.run_id == reference.run_id
    assert report.same, report.lines
    counts = [{stage: len(done) for stage, done in one.commits().items()} for one in (run, reference)]
    assert ("image_batch" in blocks) == (counts[0] == counts[1])


@pytest.mark.parametrize(
    ("workers", "blocks_per_task"),
    [pytest.param(1, 1, marks=pytest.mark.slow), pytest.param(2, 1, marks=pytest.mark.slow), (2, 3)],
    ids=["one", "two", "two-grouped"],
)
def test_runners_give_the_same_bits(prefect_server, benchmark, reference, tmp_path, workers, blocks_per_task):
    runner = {"name": "threads", "workers": workers, "blocks_per_task": blocks_per_task}
    run, report = compared(reference, benchmark.spec(tmp_path, runner=runner))
    assert report.bitwise, report.lines
    assert run.table("executions")["runner"].to_pylist() == ["threads"]


def test_another_seed_is_another_run_and_not_the_same(benchmark, reference, tmp_path):
    run, report = compared(reference, benchmark.spec(tmp_path, seed=1))
    assert run.run_id != reference.run_id
    assert not report.same
    assert {one.table for one in report.comparisons if one.counts} >= {"effects", "interactions", "fits"}
    assert not {one.table for one in report.comparisons if one.counts} & {
        "items",
        "rankings",
        "segments",
        "views",
    }
