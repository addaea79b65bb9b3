"""What makes two runs the same, what does not, and what is only tolerated."""

import copy
import secrets

import numpy as np
import pytest

from tasks import diff
from tasks.diff import diff_runs
from tasks.runs import open_run
from tasks.storage import Storage

A, B = "r000000000000000a", "r000000000000000b"


@pytest.fixture
def compare(small, commit_run):
    """Commit the small run and a changed copy; compare them."""

    def compared(change=lambda tables: None, n_blocks=2, original=lambda tables: None):
        first, second = copy.deepcopy(small), copy.deepcopy(small)
        original(first)
        change(second)
        memory = Storage(f"memory://{secrets.token_hex(8)}")
        commit_run(memory, A, first, 1, "a")
        commit_run(memory, B, second, n_blocks, "b")
        return diff_runs(open_run(memory.url, A), open_run(memory.url, B))

    return compared


def counts(report):
    return {(c.table, column): n for c in report.comparisons for column, n in c.counts.items()}


def tolerated(report):
    return {(c.table, column): n for c in report.comparisons for column, (n, _) in c.tolerated.items()}


def add(table, column, by, row=0):
    def change(tables):
        value = tables[table][row][column]
        tables[table][row][column] = [value[0] + by, *value[1:]] if isinstance(value, list) else value + by

    return change


def put(table, column, value, row=0):
    return lambda tables: tables[table][row].update({column: value})


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


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("embeddings", "mask", b"\xe0"),
        ("views", "label_map", b"pnh"),
        ("segments", "area", 11),
        ("views", "n_segments", 5),
        ("anchors", "n_masks", 128),
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


@pytest.mark.parametrize("rows", [10, 3])
def test_slices_of_a_large_table_find_the_same(compare, monkeypatch, rows):
    monkeypatch.setattr(diff, "SLICE_ROWS", rows)
    changes = [add("interactions", "weight", 1.0, row) for row in (0, 30, -1)]
    report = compare(lambda tables: [change(tables) for change in changes])
    assert counts(report) == {("interactions", "weight"): 3}
    assert compare().bitwise


# Decompositions


def flip(*columns):
    def change(tables):
        for name in columns:
            tables["factors"][0][name] = [-x for x in tables["factors"][0][name]]

    return change


def test_both_vectors_of_a_factor_may_change_sign_but_not_one(compare):
    report = compare(flip("left_vector", "right_vector"))
    assert report.same
    assert not report.bitwise
    assert counts(compare(flip("left_vector"))) == {("factors", "left_vector"): 1}


def turn(angle):
    """Mix the left vectors of the first two components."""

    def change(tables):
        one, two = (np.array(tables["factors"][row]["left_vector"]) for row in (0, 1))
        tables["factors"][0]["left_vector"] = (np.cos(angle) * one + np.sin(angle) * two).tolist()
        tables["factors"][1]["left_vector"] = (np.cos(angle) * two - np.sin(angle) * one).tolist()

    return change


def gap(relative):
    def change(tables):
        first, second = tables["factors"][:2]
        second["strength"] = first["strength"] * (1 - relative)

    return change


def both(*changes):
    return lambda tables: [change(tables) for change in changes]


def test_vectors_of_clear_factors_may_hardly_turn(compare):
    assert compare(turn(1e-4)).same
    assert set(counts(compare(turn(0.1)))) == {("factors", "left_vector")}


def test_vectors_of_factors_without_a_gap_may_mix(compare):
    assert compare(both(gap(5e-4), turn(0.7)), original=gap(5e-4)).same
    assert not compare(both(gap(1e-1), turn(0.7)), original=gap(1e-1)).same


def test_covariance_factors_are_compared_as_covariances(compare):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 8))
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]

    def anchor(factors):
        values = {"mean": [0.0] * 8, "error_factors": factors.ravel().astype(np.float16).tolist()}
        return lambda tables: tables["anchors"][0].update(values)

    assert compare(anchor(rotation @ rows), original=anchor(rows)).same
    report = compare(anchor(1.1 * rows), original=anchor(rows))
    assert counts(report) == {("anchors", "error_factors"): 1}


def loadings(*values, strengths=(2.0, 1.0)):
    def change(tables):
        items = [row["item_id"] for row in tables["items"]]
        tables["global_factors"] = [
            {"estimator": "banzhaf", "component": k + 1, "strength": s, "left_direction": [1.0, 0.0]}
            for k, s in enumerate(strengths)
        ]
        tables["global_loadings"] = [
            {
                "estimator": "banzhaf",
                "component": 1,
                "side": "left",
                "item_id": items[n],
                "segment": 0,
                "loading": value,
            }
            for n, value in enumerate(values)
            if value
        ]

    return change


def test_loadings_on_clear_components_are_compared(compare):
    assert compare(loadings(-1.0, -0.5), original=loadings(1.0, 0.5)).same
    report = compare(loadings(1.0, 0.7), original=loadings(1.0, 0.5))
    assert counts(report) == {("global_loadings", "loading"): 1}
    close = (2.0, 1.9995)
    assert compare(loadings(0.3, 0.7, strengths=close), original=loadings(1.0, 0.5, strengths=close)).same


def test_the_last_listed_loading_may_change_place(compare):
    assert compare(loadings(1.0, 0, 0.5001), original=loadings(1.0, 0.5, 0)).same
    assert not compare(loadings(1.0, 0, 0.9), original=loadings(1.0, 0.5, 0)).same


# Ties


def tie(tables, apart, swap):
    """Make the first image equally near to its first two ranked captions, up to ``apart``."""
    items = {row["item_id"]: row for row in tables["items"]}
    image = tables["pairs"][0]["left_id"]
    ranked = [row for row in tables["rankings"] if row["query_id"] == image]
    one, two = ranked[0]["candidate_id"], ranked[1]["candidate_id"]
    query = np.array(items[image]["embedding"])
    vector = np.array(items[two]["embedding"])
    wanted = ranked[0]["score"] - apart
    side = vector - (vector @ query) * query
    moved = wanted * query + np.sqrt(1 - wanted**2) * side / np.linalg.norm(side)
    items[two]["embedding"] = moved.tolist()
    ranked[1]["score"] = wanted
    if swap:
        ranked[0]["candidate_id"], ranked[1]["candidate_id"] = two, one
    return image, one, two


def test_tied_candidates_may_change_places_and_others_may_not(compare):
    report = compare(lambda t: tie(t, 2e-6, swap=True), original=lambda t: tie(t, 2e-6, swap=False))
    assert report.same
    assert tolerated(report) == {("rankings", "candidate_id"): 2}
    report = compare(lambda t: tie(t, 1e-3, swap=True), original=lambda t: tie(t, 1e-3, swap=False))
    assert counts(report) == {("rankings", "candidate_id"): 2}


@pytest.mark.parametrize(("apart", "same"), [(2e-6, True), (1e-3, False)])
def test_ranks_may_move_by_as_many_as_are_tied(compare, apart, same):
    def of_first_pair(rank):
        """The tied pair in ``pairs``, whichever of the two captions was selected."""

        def change(tables):
            image, one, two = tie(tables, apart, swap=False)
            score = next(r["score"] for r in tables["rankings"] if r["query_id"] == image and r["rank"] == 1)
            pair = next(r for r in tables["pairs"] if r["left_id"] == image and r["right_id"] in {one, two})
            pair |= {"rank_left_to_right": rank, "score": score if pair["right_id"] == one else score - apart}

        return change

    assert compare(of_first_pair(2), original=of_first_pair(1)).same == same
    assert not compare(of_first_pair(4), original=of_first_pair(1)).same


def without_pair(row):
    """Leave out a pair and what was fitted to it."""

    def change(tables):
        pair = tables["pairs"][row]["pair_id"]
        for name in ("pairs", "fits", "interactions", "factors"):
            tables[name] = [r for r in tables[name] if r["pair_id"] != pair]
        tables["margins"] = []
        tables["runs"][0]["n_pairs"] = len(tables["pairs"])

    return change


def scores(*values):
    def change(tables):
        rows = [r for r in tables["pairs"] if r["left_id"] == tables["pairs"][0]["left_id"]][:2]
        for row, value in zip(rows, values, strict=True):
            row["score"] = value

    return change


def test_a_tied_pair_may_stand_in_for_another_with_all_that_follows(compare, small):
    image = small["pairs"][0]["left_id"]
    assert [row["left_id"] for row in small["pairs"][:2]] == [image, image]
    near, far = scores(0.25, 0.250002), scores(0.25, 0.2501)
    assert compare(both(near, without_pair(1)), original=both(near, without_pair(0))).same
    report = compare(both(far, without_pair(1)), original=both(far, without_pair(0)))
    assert {table for table, _ in counts(report)} == {"pairs", "fits", "interactions", "factors"}
    assert not compare(
        both(near, without_pair(1)), original=both(near, lambda tables: tables["margins"].clear())
    ).same


def test_metrics_may_move_with_the_queries_that_swapped(compare):
    swapped = lambda t: tie(t, 2e-6, swap=True)  # noqa: E731 - two lines in one test
    plain = lambda t: tie(t, 2e-6, swap=False)  # noqa: E731 - as above
    assert compare(both(swapped, put("retrieval_metrics", "value", 0.5 + 1 / 3)), original=plain).same
    report = compare(both(swapped, put("retrieval_metrics", "value", 0.5 - 2 / 3)), original=plain)
    assert counts(report) == {("retrieval_metrics", "value"): 1}
    report = compare(both(swapped, put("retrieval_metrics", "value", 0.75, row=2)), original=plain)
    assert counts(report) == {("retrieval_metrics", "value"): 1}


def test_a_failure_that_hangs_on_a_tie_may_be_in_one_run_only(compare):
    alone = lambda tables: tables["margins"].clear()  # noqa: E731 - two lines in one test
    assert compare(alone, original=put("margins", "margin", -2e-6)).same
    assert counts(compare(alone, original=put("margins", "margin", -0.1))) == {("margins", ""): 1}


def test_a_wrong_candidate_may_be_another_one_if_tied(compare, small):
    pairs = small["pairs"]
    image = pairs[0]["left_id"]
    third = next(n for n, row in enumerate(pairs) if row["left_id"] != image)
    other = put("margins", "wrong_pair_id", pairs[third]["pair_id"])
    near = both(put("pairs", "score", 0.25, row=1), put("pairs", "score", 0.250002, row=third))
    far = both(put("pairs", "score", 0.25, row=1), put("pairs", "score", 0.2501, row=third))
    assert compare(both(near, other), original=near).same
    assert counts(compare(both(far, other), original=far)) == {("margins", "wrong_pair_id"): 1}
