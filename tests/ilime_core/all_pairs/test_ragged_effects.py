import numpy as np
import pytest
import torch

from ilime_core.all_pairs.ragged_effects import RaggedEffects, item_blocks
from ilime_core.errors import InputError


def test_items_are_cut_out_and_put_in_the_order_of_their_sizes(whole):
    side = whole.left()
    assert side.starts.tolist() == [0, 4, 5, 8, 12, 14, 18]
    assert side.segments.tolist() == [0, 1, 2, 3, 0, 0, 1, 2, 0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 0, 1, 2]
    ordered = side.by_size()
    assert ordered.positions.tolist() == [1, 4, 2, 6, 0, 3, 5]
    expected = np.concatenate([whole.a[place] for place in ordered.positions])
    assert ordered.rows.numpy().tolist() == expected.tolist()


def test_items_follow_each_other_from_a_position():
    side = RaggedEffects.of([torch.ones(2, 3), torch.zeros(1, 3)], first_position=7)
    assert side.positions.tolist() == [7, 8]
    assert side.rows.tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3]


def test_sums_of_items_give_joint_effects(whole):
    joint = whole.left().sums() @ whole.right().sums().T
    for x, y in whole.pairs:
        assert float(joint[x, y]) == pytest.approx(whole.w(x, y).sum(), abs=1e-12)


def test_sums_do_not_lose_small_effects_beside_large_ones():
    side = RaggedEffects.of([torch.tensor([[1e8], [1.0], [-1e8]])])
    assert side.sums().tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("n_segments", "blocks"),
    [
        (1, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (5, [(0, 2), (2, 3), (3, 4)]),
        (7, [(0, 2), (2, 4)]),
        (99, [(0, 4)]),
    ],
)
def test_blocks_hold_whole_items_up_to_a_number_of_segments(n_segments, blocks):
    assert list(item_blocks(np.array([2, 3, 6, 1]), n_segments)) == blocks


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": np.array([2, 0])}, "at least one segment"),
        ({"sizes": np.array([1, 2])}, "got 2 rows for 3 segments"),
        ({"sizes": np.array([2])}, "got 2 for 1 items"),
        ({"positions": np.array([3, 3])}, "unique"),
        ({"rows": torch.tensor([[1.0], [float("nan")]])}, "finite"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    fine = {
        "rows": torch.ones(2, 1),
        "sizes": np.array([1, 1]),
        "positions": np.array([0, 1]),
    }
    RaggedEffects(**fine)
    with pytest.raises(InputError, match=message):
        RaggedEffects(**{**fine, **change})


def test_no_item_is_refused():
    with pytest.raises(InputError, match="got none"):
        RaggedEffects.of([])
