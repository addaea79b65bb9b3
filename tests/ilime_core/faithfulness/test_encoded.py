import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import EncodedCoalitions, MaskSet, merge_masks


def all_masks(n_segments: int) -> np.ndarray:
    return (np.arange(2**n_segments)[:, None] >> np.arange(n_segments) & 1).astype(bool)


@pytest.mark.parametrize("n_segments", [1, 3, 8, 9, 17])
def test_merging_keeps_each_inner_coalition_once(n_segments):
    rng = np.random.default_rng(n_segments)
    masks = rng.random((300, n_segments)) < 0.5
    masks[::7], masks[1::7] = False, True
    merged = merge_masks([("i1", masks[:100]), ("i1", masks[50:]), ("i2", masks[:2])])
    expected = {tuple(row) for row in masks.tolist() if any(row) and not all(row)}
    rows = merged["i1"].rows
    assert len(rows) == len(expected)
    assert {tuple(row) for row in rows.tolist()} == expected
    assert len(merged["i2"].rows) == 0
    placed = merged["i1"].locate(masks)
    for mask, place in zip(masks, placed, strict=True):
        assert place == -1 if not mask.any() else place == -2 if mask.all() else (rows[place] == mask).all()


def test_the_merged_set_does_not_depend_on_who_asks_first():
    masks = np.random.default_rng(0).random((60, 11)) < 0.5
    forth = merge_masks([("i1", masks[:30]), ("i1", masks[30:])])["i1"].rows
    back = merge_masks([("i1", masks[30:]), ("i1", masks[:30])])["i1"].rows
    assert (forth == back).all()


def test_embeddings_are_found_again():
    masks = all_masks(4)
    known = merge_masks([("i1", masks)])["i1"]
    values = torch.tensor(known.rows @ (2.0 ** np.arange(4)))[:, None]
    item = EncodedCoalitions(
        known, values, torch.tensor([0.0], dtype=torch.float64), torch.tensor([15.0], dtype=torch.float64)
    )
    assert item.embed(masks)[:, 0].tolist() == list(range(16))


def test_a_coalition_that_nobody_encoded_is_refused():
    known = MaskSet(np.asarray([[True, False, False]]))
    with pytest.raises(InputError, match="1 of 3 coalitions were not encoded"):
        known.locate(np.asarray([[False, False, True], [True, False, False], [True, True, True]]))
    with pytest.raises(InputError, match="1 of 1 coalitions"):
        MaskSet(np.zeros((0, 2), dtype=bool)).locate(np.asarray([[True, False]]))


def test_an_item_has_one_number_of_segments():
    with pytest.raises(InputError, match="i1 has 2 segments in one pair and 3 in another"):
        merge_masks([("i1", np.zeros((1, 2), dtype=bool)), ("i1", np.zeros((1, 3), dtype=bool))])
