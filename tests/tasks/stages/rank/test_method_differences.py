"""Method against method: in the order of the spec, only where both have values and where they compete."""

import numpy as np
import pytest
from every import every

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.faithfulness.registry import reported
from tasks.stages.rank.method_differences import difference_rows
from tasks.stages.rank.ranked_values import MetricKind, MetricValues, RankedPair

N = 24
PAIRS = {
    f"p{place:02}": RankedPair(f"i{place // 2}", f"t{place}", "positive" if place < 16 else "hard_negative")
    for place in range(N)
}
IDS = sorted(PAIRS)
RNG = np.random.default_rng(3)
PAIR = RNG.normal(size=N) / 5
"""What makes a pair easy for every method: intervals of means are wide, those of differences are not."""


def values(estimator, metric, numbers, mode="score", known=slice(None), **controls):
    found = {("raw", "explanation"): numbers[known], ("normalised", "explanation"): numbers[known] * 2}
    found |= {("raw", control): other[known] for control, other in controls.items()}
    kind = MetricKind(estimator, metric, mode, "both", "grey", "count")
    return MetricValues(kind, "higher", IDS[known], found)


def noisy(mean, spread=0.03):
    return mean + PAIR + RNG.normal(size=N) * spread


INSERTION = {"occlusion": noisy(0.4), "banzhaf": noisy(0.46), "grid": noisy(0.46)}
DELETION = {name: noisy(0.3) for name in INSERTION}


@pytest.fixture(scope="module")
def rows():
    measured = [
        values(name, metric, numbers, random=np.zeros(N))
        for metric, methods in (("insertion", INSERTION), ("deletion", DELETION))
        for name, numbers in methods.items()
    ]
    return difference_rows(measured, PAIRS, ("grid", "banzhaf", "occlusion"))


def of(rows, estimator, rival, metric="insertion", relation="all"):
    [found] = [
        row
        for row in rows
        if (row["estimator"], row["rival"], row["metric"], row["relation"])
        == (estimator, rival, metric, relation)
    ]
    return found


def test_each_two_methods_are_compared_once_in_the_order_of_the_spec(rows):
    two = [("banzhaf", "occlusion"), ("grid", "banzhaf"), ("grid", "occlusion")]
    found = [(row["metric"], row["relation"], row["estimator"], row["rival"]) for row in rows]
    assert sorted(found) == sorted(
        (metric, relation, *names)
        for metric in ("insertion", "deletion")
        for relation in ("all", "positive", "hard_negative")
        for names in two
    )
    assert {row["scale"] for row in rows} == {"raw"}


def test_a_difference_is_the_clustered_mean_over_pairs(rows):
    row = of(rows, "banzhaf", "occlusion")
    items = [[getattr(PAIRS[name], side) for name in IDS] for side in ("left_id", "right_id")]
    gaps = INSERTION["banzhaf"] - INSERTION["occlusion"]
    wanted = clustered_mean(gaps, *items, bounds=reported("insertion").range_of("score").of_difference)
    for name in ("mean", "median", "low", "high", "standard_error", "degrees", "n", "n_left", "n_right"):
        assert row[name] == pytest.approx(getattr(wanted, name)), name
    assert row["p_value"] == pytest.approx(wanted.p_value(0.0))
    assert (row["n_left"], row["n_right"], row["n_unknown"]) == (12, 24, 0)


def test_methods_are_compared_on_pairs_that_both_have():
    some = [values("banzhaf", "insertion", INSERTION["banzhaf"])]
    some += [values("occlusion", "insertion", INSERTION["occlusion"], known=slice(2, 14))]
    row = of(difference_rows(some, PAIRS), "banzhaf", "occlusion")
    gaps = (INSERTION["banzhaf"] - INSERTION["occlusion"])[2:14]
    assert (row["n"], row["n_unknown"], row["n_left"]) == (12, 12, 6)
    assert row["mean"] == pytest.approx(gaps.mean())
    apart = [values("banzhaf", "insertion", INSERTION["banzhaf"], known=slice(0, 6))]
    apart += [values("occlusion", "insertion", INSERTION["occlusion"], known=slice(6, 9))]
    assert difference_rows(apart, PAIRS) == []


def test_relations_are_questions_of_their_own(rows):
    tested = [row for row in rows if row["p_value"] is not None]
    assert {row["relation"] for row in tested} == {"all"}  # eight images and four are too few
    assert len(tested) == 6
    assert every(row["p_value"] <= row["p_adjusted"] <= 1.0 for row in tested)
    assert every(row["smallest_difference"] > row["standard_error"] for row in tested)
    assert of(rows, "grid", "banzhaf", relation="positive")["smallest_difference"] is None


def test_checks_and_values_by_construction_are_not_compared():
    ones = np.ones(N)
    measured = [values(name, "stability_spearman", ones, "seed") for name in ("occlusion", "banzhaf", "grid")]
    measured += [values(name, "randomised_weights", ones / 2, "weights") for name in ("occlusion", "banzhaf")]
    found = {(row["metric"], row["estimator"], row["rival"]) for row in difference_rows(measured, PAIRS)}
    assert found == {("stability_spearman", "banzhaf", "grid")}
    controls = MetricValues(
        MetricKind("banzhaf", "missed_rows", "none", "both", "grey", "none"),
        "lower",
        IDS,
        {("raw", "main_effects"): ones},
    )
    assert difference_rows([controls, controls], PAIRS) == []
