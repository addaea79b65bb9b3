"""Items are fitted a batch at a time, in order; failures pass by what waits."""

import pytest

from tasks.run_files.commits import Failure
from tasks.stages.score.explainer import in_batches

LOST = Failure("score", 0, "i0", "not_finite", "no embedding", "a.png")


@pytest.mark.parametrize(
    ("found", "batches", "given"),
    [
        ([1, 2, LOST, 3, 4, 5], [[1, 2], [3, 4], [5]], [10, 20, LOST, 30, 40, 50]),
        ([1, LOST, 2, LOST], [[1, 2]], [LOST, 10, 20, LOST]),
        ([LOST], [], [LOST]),
        ([], [], []),
    ],
)
def test_batches_are_filled_across_failures(found, batches, given):
    fitted = []

    def fit(items):
        fitted.append(list(items))
        return [10 * item for item in items]

    assert list(in_batches(found, fit, 2)) == given
    assert fitted == batches
