"""The leaderboard of a measurement, and method against method, from the rows that were measured."""

import numpy as np
import pytest
from measured_runs import KEY, values
from tiny_benchmark import run_of

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.faithfulness.registry import REPORTED, reported


def test_the_leaderboard_is_the_clustered_mean_of_the_rows(everything):
    rows, board, outcome = everything
    pairs = {row["pair_id"]: row for row in run_of(outcome).table("pairs").to_pylist()}
    checked = 0
    for row in board:
        if row["metric"] == "cost" or row["scale"] != "raw":
            continue
        mine = {
            control: {
                one["pair_id"]: np.nan if one["value"] is None else one["value"]
                for one in rows
                if all(one[name] == row[name] for name in KEY[1:7]) and one["control"] == control
            }
            for control in {row["control"], row["versus"]} - {"none"}
        }
        ids = [
            name
            for name in sorted(mine[row["control"]])
            if row["relation"] in {"all", pairs[name]["relation"]}
        ]
        found = np.array([mine[row["control"]][name] for name in ids])
        if row["versus"] != "none":
            found -= np.array([mine[row["versus"]][name] for name in ids])
        bounds = reported(row["metric"]).range_of(row["mode"])
        mean = clustered_mean(
            found,
            *([pairs[name][side] for name in ids] for side in ("left_id", "right_id")),
            bounds=bounds if row["versus"] == "none" else bounds.of_difference,
        )
        assert (row["n"], row["n_unknown"]) == (mean.n, len(ids) - mean.n)
        for name in ("mean", "median", "low", "high"):
            assert row[name] == pytest.approx(getattr(mean, name), abs=1e-6), row
        assert (row["n_left"], row["n_right"]) == (mean.n_left, mean.n_right)
        assert row["p_value"] is None  # four photographs are too few to test anything
        checked += 1
    assert checked > 200


def test_methods_are_held_against_each_other_on_what_was_measured(everything):
    rows, _, outcome = everything
    found = run_of(outcome).table("method_differences").to_pylist()
    mine = [row for row in found if row["measure_id"] == rows[0]["measure_id"]]
    assert {(row["estimator"], row["rival"]) for row in mine} == {("banzhaf", "product_shapley")}
    known = values(rows)
    ids = {row["pair_id"] for row in rows}
    checked = 0
    for row in mine:
        variant = [row[name] for name in KEY[2:7]]
        both = [
            [known.get((one, row[role], *variant, "explanation")) for role in ("estimator", "rival")]
            for one in ids
        ]
        gaps = [ours - theirs for ours, theirs in both if None not in (ours, theirs)]
        if row["relation"] == "all":
            assert (row["n"], row["mean"]) == (len(gaps), pytest.approx(np.mean(gaps), abs=1e-5))
            checked += 1
        assert row["p_value"] is row["smallest_difference"] is None  # four photographs are too few
    assert checked > 20


def test_every_value_lies_in_the_range_that_its_metric_declares(everything):
    rows, board, _ = everything
    assert {row["metric"] for row in board} <= set(REPORTED)
    for row in rows:
        bounds = reported(row["metric"]).range_of(row["mode"])
        if row["value"] is not None:
            assert bounds.low is None or row["value"] >= bounds.low - 1e-6, row
            assert bounds.high is None or row["value"] <= bounds.high + 1e-6, row
    for row in board:
        if row["low"] is not None and row["versus"] == "none":
            bounds = reported(row["metric"]).range_of(row["mode"], row["scale"])
            assert bounds.low is None or row["low"] >= bounds.low
            assert bounds.high is None or row["high"] <= bounds.high
