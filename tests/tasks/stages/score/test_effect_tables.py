"""Effects read from their tables are those written, with absent columns and in any order of rows.

Proves tasks.tables.arrays and tasks.tables.tensors.
"""

import numpy as np
import pyarrow as pa
import pytest
import torch

from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.records import Effects, LowRankCovariance, MaskSets
from tasks.stages.score.effect_tables import (
    effect_table,
    item_effects,
    item_fit_table,
    read_effects,
)
from tasks.tables import TABLES
from tasks.tables.arrays import item_runs

DIM = 5


def effects_of(n_segments, *, error=True, halves=True, condition=2.5):
    return Effects(
        effects=torch.randn(n_segments, DIM),
        mean=torch.randn(DIM),
        intercept=torch.randn(DIM),
        empty=torch.randn(DIM),
        full=torch.randn(DIM),
        error=LowRankCovariance(torch.randn(3, DIM), torch.tensor(0.25)) if error else None,
        error_scale=torch.rand(n_segments),
        degrees=8 + torch.rand(n_segments) if error and halves else None,
        spread=LowRankCovariance(torch.randn(n_segments, DIM), torch.tensor(0.5)),
        halves=torch.randn(2, n_segments, DIM) if halves else None,
        sampled=halves,
        rank=n_segments,
        condition=condition,
        n_masks=2 * n_segments,
    )


@pytest.fixture
def items():
    torch.manual_seed(0)
    return {
        "i0b": effects_of(4),
        "i0a": effects_of(2, error=False),
        "i0d": effects_of(7, halves=False, condition=float("inf")),
        "i0c": effects_of(1),
    }


def tables_of(items):
    """Rows of every item in a chunk of its own, as they come from several parts."""
    scored = [{name: {"banzhaf": effects}} for name, effects in items.items()]
    rows = np.eye(3, dtype=bool)
    sets = MaskSets({"banzhaf": slice(0, 3)}, "foldover", 0.5)
    masks = dict.fromkeys(items, ItemMasks(rows, sets, rows[:0]))
    effects = pa.concat_tables([effect_table(one) for one in scored])
    fits = pa.concat_tables([item_fit_table(one, masks, lambda _: 9, dict.fromkeys(one)) for one in scored])
    assert set(zip(fits["design"].to_pylist(), fits["n_encodes"].to_pylist(), strict=True)) == {
        ("foldover", 9)
    }
    return effects, fits


def assert_equal(found, wanted):
    for name in ("effects", "mean", "intercept", "empty", "full", "error_scale"):
        assert torch.equal(getattr(found, name), getattr(wanted, name)), name
    assert (found.degrees is None) == (wanted.degrees is None)
    assert wanted.degrees is None or torch.equal(found.degrees, wanted.degrees)
    for name in ("error", "spread"):
        one, other = getattr(found, name), getattr(wanted, name)
        assert (one is None) == (other is None), name
        if one is not None:
            assert torch.equal(one.factors, other.factors)
            assert one.rest == other.rest
    assert (found.halves is None) == (wanted.halves is None)
    if found.halves is not None:
        assert torch.equal(found.halves, wanted.halves)
    for name in ("sampled", "rank", "condition", "n_masks"):
        assert getattr(found, name) == getattr(wanted, name), name


def test_effects_survive_their_tables_in_any_order(items):
    effects, item_fits = tables_of(items)
    for order in (sorted(items), list(reversed(items))):
        for found, name in zip(read_effects(effects, item_fits, order), order, strict=True):
            assert_equal(found, items[name])


def test_a_slice_of_the_tables_gives_its_own_items(items):
    effects, item_fits = tables_of(items)
    (found,) = read_effects(effects.slice(6, 7), item_fits.slice(2, 1), ["i0d"])
    assert_equal(found, items["i0d"])


def test_no_items_are_no_effects(items):
    effects, item_fits = tables_of(items)
    assert read_effects(effects.slice(0, 0), item_fits.slice(0, 0), []) == []


def test_effects_alone_know_the_item_and_segment_of_each_row():
    rows = [("ib", 1, [3.0, 4.0]), ("ia", 0, [5.0, 6.0]), ("ib", 0, [1.0, 2.0])]
    table = pa.Table.from_pylist(
        [{"item_id": item, "segment": segment, "effect": effect} for item, segment, effect in rows],
        schema=pa.schema([TABLES["effects"].schema.field(name) for name in ("item_id", "segment", "effect")]),
    )
    found = item_effects(table)
    assert found.item_ids == ("ia", "ib")
    assert {found.place(row): found.rows[row].tolist() for row in range(3)} == {
        (item, segment): effect for item, segment, effect in rows
    }
    assert item_effects(table.slice(0, 0)).item_ids == ()


def test_rows_are_sorted_only_where_an_item_lies_apart_or_out_of_order():
    def table(*rows):
        return pa.table({"item_id": [item for item, _ in rows], "segment": [place for _, place in rows]})

    tidy = table(("ib", 0), ("ib", 2), ("ia", 0), ("ia", 1))
    found, first, counts = item_runs(tidy, "segment")
    assert found is tidy
    assert (first.tolist(), counts.tolist()) == ([0, 2], [2, 2])
    for untidy in (
        table(("ib", 0), ("ia", 0), ("ib", 2), ("ia", 1)),
        table(("ib", 2), ("ib", 0), ("ia", 0), ("ia", 1)),
    ):
        found, first, counts = item_runs(untidy, "segment")
        assert found["item_id"].to_pylist() == ["ia", "ia", "ib", "ib"]
        assert found["segment"].to_pylist() == [0, 1, 0, 2]
        assert (first.tolist(), counts.tolist()) == ([0, 2], [2, 2])
    assert item_runs(tidy.slice(0, 0), "segment")[1].tolist() == []
