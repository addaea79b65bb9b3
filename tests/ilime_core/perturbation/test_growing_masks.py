"""Budgets that grow: whole blocks, each set within the next one, nothing encoded twice."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch

from ilime_core.modality import Modality
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.growing_masks import (
    added_coalitions,
    merged_embeddings,
    next_budget,
    with_budget,
)
from ilime_core.perturbation.randomness import item_rng
from ilime_core.perturbation.windows import WindowRows

REQUEST = MaskRequest("foldover", 256, further={"windows": WindowRows(2)})


def drawn(n_segments, n_masks, n_held_out=16):
    return draw_masks(
        n_segments,
        request=with_budget(REQUEST, n_masks),
        rng_of=partial(item_rng, 3, Modality.IMAGE, "ab"),
        n_held_out=n_held_out,
    )


@pytest.mark.parametrize(
    ("n_segments", "first", "most", "budgets"),
    [
        (16, 32, 256, [32, 64, 128, 256]),
        (16, 33, 256, [33, 128, 256]),  # 33 rows are two blocks of 32
        (49, 64, 256, [64, 256]),  # a block of 49 segments has 128 rows
        (49, 64, 300, [64, 256, 300]),  # the bound is rounded up as a fixed budget is
        (5, 100, 100, [100]),
        (100, 16, 200, [16]),  # one block is all
    ],
)
def test_budgets_double_up_to_the_bound(n_segments, first, most, budgets):
    found = [first]
    while (further := next_budget(n_segments, found[-1], most)) is not None:
        found.append(further)
    assert found == budgets


@pytest.mark.parametrize("n_segments", [6, 20, 40])
def test_smaller_masks_are_the_first_rows_of_larger_ones(n_segments):
    budgets = [32]
    while (further := next_budget(n_segments, budgets[-1], 256)) is not None:
        budgets.append(further)
    known = [drawn(n_segments, n_masks) for n_masks in budgets]
    for smaller, larger in pairwise(known):
        if not larger.sets.enumerated:
            rows = smaller.sets.n_banzhaf
            assert np.array_equal(larger.masks[:rows], smaller.masks[:rows])
        again = {row.tobytes() for row in smaller.encoded} & {
            row.tobytes() for row in added_coalitions(smaller, larger)
        }
        assert not again
        assert len(smaller.encoded) + len(added_coalitions(smaller, larger)) == len(larger.encoded)


@pytest.mark.parametrize("n_segments", [6, 20])
def test_embeddings_are_merged_row_by_row(n_segments):
    smaller, larger = drawn(n_segments, 32), drawn(n_segments, 256)
    place = torch.arange(1.0, n_segments + 1.0)

    def embedded(rows):
        return torch.stack([torch.from_numpy(rows).float() @ place, torch.from_numpy(rows).sum(1)], dim=1)

    merged = merged_embeddings(
        smaller, larger, embedded(smaller.encoded), embedded(added_coalitions(smaller, larger))
    )
    assert torch.equal(merged, embedded(larger.encoded))


def test_a_budget_is_never_above_the_request():
    assert with_budget(REQUEST, 1000) == REQUEST
    assert with_budget(REQUEST, 32).n_masks == 32
