from dataclasses import fields, replace

import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.interactions.stack import join_stacks, stack_effects
from ilime_core.synthetic.planted import TanhTower


def test_items_are_padded_with_zeros_and_keep_their_values(sampled):
    items = [sampled(TanhTower(seed, n, 12), 64, seed) for seed, n in enumerate((3, 6))]
    stack = stack_effects(items)
    assert stack.counts.tolist() == [3, 6]
    torch.testing.assert_close(stack.effects[0, :3], items[0].effects)
    torch.testing.assert_close(stack.error_scale[0, :3], items[0].error_scale)
    assert (stack.effects[0, 3:] == 0).all()
    assert (stack.error_scale[0, 3:] == 0).all()
    torch.testing.assert_close(stack.spread.factors[1], items[1].spread.factors)
    assert stack.halves is None


def test_covariances_of_several_ranks_are_padded(sampled):
    narrow, wide = sampled(TanhTower(1, 4, 12), 64, 1, spread_rank=2), sampled(TanhTower(2, 4, 12), 64, 2, 7)
    stack = stack_effects([narrow, wide])
    assert stack.spread.factors.shape == (2, 7, 12)
    assert (stack.spread.factors[0, 2:] == 0).all()
    torch.testing.assert_close(stack.spread.rest[0], narrow.spread.rest)


def test_unknown_errors_are_told_from_errors_of_zero(sampled, enumerated):
    known, exact = sampled(TanhTower(1, 4, 12), 64, 1), enumerated(TanhTower(1, 4, 12))
    unknown = replace(known, error=None, spread=None)
    stack = stack_effects([known, exact, unknown])
    assert stack.has_error.tolist() == [True, True, False]
    assert stack.has_spread.tolist() == [True, True, False]
    assert (stack.error_scale[1] == 0).all()
    assert stack.degrees[0].tolist() == known.degrees.tolist()
    assert stack.degrees[1].isinf().all()
    assert stack.degrees[2, : unknown.effects.shape[0]].isnan().all()
    assert stack_effects([replace(exact, error=None)]).has_error.tolist() == [True]


def test_halves_of_an_exact_item_are_the_item(sampled, enumerated):
    known, exact = sampled(TanhTower(1, 4, 12), 64, 1), enumerated(TanhTower(1, 3, 12))
    halved = replace(known, halves=torch.stack([known.effects + 1, known.effects - 1]))
    stack = stack_effects([halved, exact, known])
    assert stack.has_halves.tolist() == [True, True, False]
    torch.testing.assert_close(stack.halves[0, 0], known.effects + 1)
    torch.testing.assert_close(stack.halves[1, 1, :3], exact.effects)


def test_parts_of_other_sizes_join_to_the_stack_of_all(sampled, enumerated):
    wide = sampled(TanhTower(1, 6, 12), 64, 1, spread_rank=7)
    halved = replace(wide, halves=torch.stack([wide.effects + 1, wide.effects - 1]))
    unknown = replace(sampled(TanhTower(2, 3, 12), 64, 2, spread_rank=2), error=None, spread=None)
    items = [enumerated(TanhTower(3, 4, 12)), unknown, halved, enumerated(TanhTower(4, 2, 12))]
    whole = stack_effects(items, p=None)
    parts = [stack_effects(some, p=None) for some in (items[:2], items[2:3], items[3:])]
    assert [part.halves is None for part in parts] == [True, False, True]
    joined = join_stacks(parts)
    assert parts == []
    for one in fields(whole):
        ours, theirs = getattr(joined, one.name), getattr(whole, one.name)
        if one.name in {"error", "spread"}:
            ours, theirs = (
                torch.cat([ours.factors.flatten(), ours.rest]),
                torch.cat([theirs.factors.flatten(), theirs.rest]),
            )
        if isinstance(theirs, torch.Tensor):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)
        else:
            assert ours == theirs


def test_parts_without_halves_stay_without(sampled):
    item = sampled(TanhTower(1, 4, 12), 64, 1)
    joined = join_stacks([stack_effects([item], posterior=True), stack_effects([item], posterior=True)])
    assert joined.halves is None
    assert (joined.n_items, joined.posterior, joined.p) == (2, True, 0.5)


def test_parts_of_no_or_two_widths_are_refused(sampled):
    with pytest.raises(InputError, match=r"widths \[\]"):
        join_stacks([])
    with pytest.raises(InputError, match=r"widths \[10, 12\]"):
        join_stacks([stack_effects([sampled(TanhTower(1, 4, dim), 64, 1)]) for dim in (12, 10)])


def test_what_cannot_be_stacked_is_refused(sampled):
    item = sampled(TanhTower(1, 4, 12), 64, 1)
    with pytest.raises(InputError, match="no item"):
        stack_effects([])
    with pytest.raises(InputError, match=r"widths \[10, 12\]"):
        stack_effects([item, sampled(TanhTower(1, 4, 10), 64, 1)])
    with pytest.raises(InputError, match="p = 1"):
        stack_effects([item], p=1.0)
    without = replace(item, effects=item.effects[:0], error_scale=item.error_scale[:0], degrees=None)
    with pytest.raises(InputError, match="without segments"):
        stack_effects([without])
