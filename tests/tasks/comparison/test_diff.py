"""What makes two runs the same, what does not, and what is only tolerated."""

import pytest
from comparison import add, counts, put, tolerated

from tasks.comparison import diff


@pytest.mark.parametrize("n_blocks", [1, 2, 5])
def test_ids_and_blocks_of_a_run_play_no_part(compare, n_blocks):
    report = compare(n_blocks=n_blocks)
    assert report.same
    assert report.bitwise
    assert report.lines == ("the same, to the bit",)


def test_volatile_columns_play_no_part(compare):
    def change(tables):
        tables["runs"][0] |= {"label": "other", "device": "cuda", "image_encodes": 9}
        tables["pairs"][0]["block"] = 7
        tables["executions"] = [{"execution": "e1"}]

    assert compare(change).bitwise


@pytest.mark.parametrize(
    ("table", "column", "below", "above"),
    [
        ("items", "embedding", 5e-6, 2e-5),
        ("embeddings", "embedding", 5e-6, 2e-5),
        ("effects", "effect", 5e-6, 2e-5),
        ("interactions", "weight", 1e-6, 1e-3),
        ("interactions", "standard_error", 5e-6, 2e-5),
        ("fits", "f_full", 5e-6, 2e-5),
        ("fits", "r2_cross", 5e-4, 3e-3),
        ("fits", "max_z", 2e-2, 1e-1),
        ("pairs", "score", 5e-6, 2e-5),
        ("rankings", "score", 5e-6, 2e-5),
        ("factors", "strength", 1e-5, 1e-2),
        ("margins", "margin", 1e-5, 5e-5),
        ("aggregates", "mean", 1e-3, 1e-2),
    ],
)
def test_reals_may_differ_by_their_tolerance_and_no_more(compare, table, column, below, above):
    report = compare(add(table, column, below))
    assert report.same
    assert not report.bitwise
    assert tolerated(report) == {(table, column): 1}
    report = compare(add(table, column, above))
    assert counts(report) == {(table, column): 1}
    assert report.lines[0] == "not the same"


def test_a_remainder_as_large_as_the_margin_may_exceed_it_or_not(compare):
    def with_remainder(share, exceeds):
        def change(tables):
            row = tables["margins"][0]
            row |= {"query_remainder": -share * row["margin"], "query_remainder_exceeds": exceeds}

        return change

    same = with_remainder(1.0, exceeds=True)
    assert compare(same, original=with_remainder(1.0, exceeds=False)).same
    far = compare(with_remainder(1.5, exceeds=True), original=with_remainder(1.5, exceeds=False))
    assert counts(far) == {("margins", "query_remainder_exceeds"): 1}


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("embeddings", "mask", b"\xe0"),
        ("views", "label_map", b"pnh"),
        ("segments", "area", 11),
        ("views", "n_segments", 5),
        ("item_fits", "n_masks", 128),
        ("items", "modality", "text"),
        ("runs", "n_failed", 3),
        ("aggregates", "n", 5),
        ("rankings", "relevant", True),
        ("retrieval_metrics", "value", 0.25),
        ("fits", "r2_cross", None),
        ("effects", "effect", [0.0]),
    ],
)
def test_masks_segments_counts_and_null_are_exact(compare, table, column, value):
    report = compare(put(table, column, value))
    assert counts(report) == {(table, column): 1}


def test_a_difference_names_table_key_column_and_both_values(compare, small):
    report = compare(put("segments", "area", 999, row=2))
    key = f"[{small['segments'][2]['item_id']}, 2]"
    assert report.lines[1] == f"segments{key}: area 20 in the first run, 999 in the second"


def test_a_row_too_few_or_too_many_is_told(compare, small):
    report = compare(lambda tables: tables["effects"].pop(4))
    assert counts(report) == {("effects", ""): 1}
    row = small["effects"][4]
    assert f"effects[{row['item_id']}, banzhaf, {row['segment']}]: row present" in report.lines[1]
    extra = {"stage": "embed", "entry": 9, "reason": "empty"}
    assert counts(compare(lambda tables: tables["failures"].append(extra))) == {("failures", ""): 1}


def test_many_differences_are_counted_and_few_are_told(compare, small):
    def change(tables):
        for row in tables["segments"]:
            row["area"] += 1

    report = compare(change)
    assert counts(report) == {("segments", "area"): len(small["segments"])}
    assert len(report.lines) == 1 + 3 + 1


def test_a_vector_of_another_length_differs(compare):
    report = compare(lambda tables: tables["effects"][0]["effect"].append(0.0))
    assert counts(report) == {("effects", "effect"): 1}


def test_minus_zero_is_the_same_but_not_to_the_bit(compare):
    report = compare(put("fits", "f_full", -0.0), original=put("fits", "f_full", 0.0))
    assert report.same
    assert not report.bitwise


def test_slices_of_a_large_table_find_the_same(compare, monkeypatch):
    monkeypatch.setattr(diff, "SLICE_ROWS", 7)
    changes = [add("interactions", "weight", 1.0, row) for row in (0, 30, -1)]
    report = compare(lambda tables: [change(tables) for change in changes])
    assert counts(report) == {("interactions", "weight"): 3}
    assert compare().bitwise
