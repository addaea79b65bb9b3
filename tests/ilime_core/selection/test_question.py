"""What a question refuses, and how a candidate stands in a pool.

Proves ilime_core.selection.lockstep and ilime_core.selection.search.
"""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.selection.question import Lead, SubsetQuestion
from ilime_core.selection.search import Request

POOL = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], dtype=torch.float64)


def question(**changes):
    settings = {
        "n_segments": 2,
        "empty": torch.zeros(2),
        "full": torch.tensor([0.1, 1.0]),
        "answer": POOL[0],
        "rivals": POOL[1:],
        "pool": POOL,
    }
    return SubsetQuestion(**settings | changes)


def test_a_lead_is_over_the_best_other():
    rows = torch.tensor([[0.1, 1.0], [1.0, 0.0]])
    found = question().leads(rows, 1)
    assert [one.top for one in found] == [1, 0]
    assert [one.margin for one in found] == pytest.approx([0.14, -1.0], abs=1e-6)
    assert question().first() == 1
    assert question(own_place=1).first() == 2
    assert question(own_place=1).leads(rows[:1], 2)[0].margin == pytest.approx(0.76, abs=1e-6)


def test_equals_leave_the_candidate_first():
    [lead] = question().leads(torch.tensor([[0.0, 0.0]]), 2)
    assert lead == Lead(0.0, 2)


def test_a_large_pool_is_scored_in_portions():
    rows = torch.from_numpy(np.random.default_rng(0).normal(size=(600, 2)))
    tops = [one.top for one in question().leads(rows, 1)]
    assert tops == question().pool_scores(rows).argmax(dim=1).tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_segments": 0}, "at least 1 is needed, got 0"),
        ({"pool": POOL[:1], "own_place": 0}, "at least one candidate beside the item itself"),
        ({"effects": torch.zeros(3, 2)}, "2 segments need as many effects, got 3"),
        ({"faded": (2,)}, "below 2"),
    ],
)
def test_what_does_not_belong_together_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        question(**changes)


@pytest.mark.parametrize("levels", [[0.0], [0.0, 1.0], [-0.1, 0.0]])
def test_rows_have_a_level_each_below_one(levels):
    with pytest.raises(InputError, match="2 rows need as many levels"):
        Request(np.ones((2, 3), dtype=bool), np.array(levels))
