"""Runs may differ where scores are tied, and in what follows from it alone.

Proves tasks.comparison.allowances, tasks.comparison.ties.
"""

import numpy as np
import pytest
from comparison import both, counts, put, tolerated


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


@pytest.mark.parametrize(
    ("metric", "near", "far"), [("auroc", 8e-4, 2e-3), ("modality_gap", 8e-6, 2e-5), ("hubness", 8e-3, 2e-2)]
)
def test_metrics_that_count_no_queries_may_move_a_little(compare, metric, near, far):
    smooth = put("retrieval_metrics", "metric", metric)
    moved = lambda by: both(smooth, put("retrieval_metrics", "value", 0.5 + by))  # noqa: E731 - as above
    assert compare(moved(near), original=smooth).same
    assert counts(compare(moved(far), original=smooth)) == {("retrieval_metrics", "value"): 1}
    ends = [both(smooth, put("retrieval_metrics", "low", 0.4 + by)) for by in (0.0, 9e-3, 2e-2)]
    assert compare(ends[1], original=ends[0]).same
    assert counts(compare(ends[2], original=ends[0])) == {("retrieval_metrics", "low"): 1}


def test_hubs_may_move_with_the_queries_that_swapped(compare):
    swapped = lambda t: tie(t, 2e-6, swap=True)  # noqa: E731 - as above
    plain = lambda t: tie(t, 2e-6, swap=False)  # noqa: E731 - as above

    def hubs(candidate, k_occurrence):
        row = {"rank": 1, "candidate_id": candidate, "k_occurrence": k_occurrence, "expected": 1.0}
        return lambda t: t.update(hub_candidates=[row | {"direction": "left_to_right"}])

    assert compare(both(swapped, hubs("b", 4)), original=both(plain, hubs("a", 3))).same
    report = compare(both(swapped, hubs("b", 5)), original=both(plain, hubs("a", 3)))
    assert counts(report) == {("hub_candidates", "k_occurrence"): 1}
    report = compare(both(plain, hubs("b", 3)), original=both(plain, hubs("a", 3)))
    assert counts(report) == {("hub_candidates", "candidate_id"): 1}


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
    # Both candidates are others, and only one of them is tied.
    last = len(pairs) - 1
    assert last != third
    right = both(other, put("margins", "correct_pair_id", pairs[last]["pair_id"]))
    apart = both(near, put("pairs", "score", 0.75, row=0), put("pairs", "score", -0.75, row=last))
    assert counts(compare(both(apart, right), original=apart)) == {
        ("margins", "correct_pair_id"): 1,
        ("margins", "wrong_pair_id"): 1,
    }


def contrasted(margin, *, won, wrong_edit="shuffle"):
    """Four contrasts of one edit, of which the first has a margin; it is won or tied."""

    def change(tables):
        names = {"question": "q", "edit": "shuffle", "category": "all", "direction": "left_to_right"}
        tables["contrasts"] = [
            names
            | {name: f"{name}{n}" for name in ("query_id", "correct_id", "edited_id")}
            | {"correct_pair_id": f"pa{n}", "edited_pair_id": f"pb{n}", "score_correct": 0.2}
            | {"score_edited": 0.1, "margin": 0.1, "won": True, "tied": False, "is_explained": False}
            for n in range(4)
        ]
        first = {"score_edited": 0.2 - margin, "margin": margin, "won": won, "tied": not won}
        tables["contrasts"][0] |= first
        tables["contrast_accuracy"] = [
            {"direction": "left_to_right", "edit": edit, "category": "all", "measure": "won"}
            | {"value": 1.0 if won or edit != wrong_edit else 0.75, "low": 0.3, "high": 1.0}
            | {"chance": 0.5, "n": 4, "n_unknown": 0, "n_unedited": 0}
            for edit in ("shuffle", "detail")
        ]

    return change


def test_a_share_of_contrasts_may_move_by_those_that_are_tied(compare):
    assert compare(contrasted(0.0, won=False), original=contrasted(1e-6, won=True)).same
    apart = compare(contrasted(0.001, won=False), original=contrasted(0.001, won=True))
    assert counts(apart)["contrast_accuracy", "value"] == 1
    other = compare(
        contrasted(0.0, won=False, wrong_edit="detail"),
        original=contrasted(1e-6, won=True, wrong_edit="detail"),
    )
    assert counts(other) == {("contrast_accuracy", "value"): 1}


def test_counts_of_slices_may_move_by_the_pairs_that_a_tie_has_exchanged(compare):
    def counted(n_pairs):
        row = {"tag": "source", "n_values": 1, "n_slices": 1, "n_small": 0, "n_rare": 0}
        return lambda t: t.update(slice_counts=[row | {"n_pairs": n_pairs}])

    near = scores(0.25, 0.250002)
    one, other = both(near, counted(8), without_pair(0)), both(near, counted(9), without_pair(1))
    assert compare(other, original=one).same
    assert counts(compare(counted(9), original=counted(8))) == {("slice_counts", "n_pairs"): 1}


def test_the_best_wrong_candidate_without_a_segment_may_be_another_where_both_are_tied(compare):
    def found(name, wrong, *, hit):
        row = {"query_id": "i", "direction": "left_to_right", "segment": 0, "correct_id": "c"}
        row |= {"score_correct_before": 0.5, "score_correct": 0.2, "best_wrong_id": name}
        row |= {"score_best_wrong": wrong, "rank_before": 1, "rank_after": 1, "is_hit_before": True}
        row |= {"is_hit_after": hit, "n_pool": 9, "baseline": "mean", "selection_id": "s"}
        return lambda t: t.update(rank_effects=[row])

    assert compare(found("x", 0.200002, hit=True), original=found("y", 0.2, hit=False)).same
    report = compare(found("x", 0.1, hit=True), original=found("y", 0.1, hit=False))
    assert counts(report) == {("rank_effects", "is_hit_after"): 1}
    report = compare(found("x", 0.1, hit=True), original=found("y", 0.15, hit=True))
    assert ("rank_effects", "best_wrong_id") in counts(report)
