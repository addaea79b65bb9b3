"""Measurements of a finished run: their rows, pairs, baselines and curves.

Proves flows.commands.measure, tasks.stages.measure.baselines, tasks.stages.measure.measure,
tasks.stages.measure.plan and tasks.stages.measure.tables.
"""

import numpy as np
import pytest
from every import every
from measured_runs import BASE, KEY, SECTION, measured, random_curves, values
from tiny_benchmark import explain, run_of

from ilime_core.errors import InputError


def test_every_metric_of_the_section_has_rows(everything):
    rows, _, _ = everything
    assert {row["metric"] for row in rows} >= {
        "insertion", "deletion", "aid", "average_drop", "average_increase", "highest_confidence", "asymmetry",
        "p_faithfulness_r2", "synergy", "r2_total", "certainty", "comprehensibility", "incompleteness",
        "representativeness",
    }  # fmt: skip
    assert {row["side"] for row in rows} == {"both", "left", "right"}
    assert {row["direction"] for row in rows} == {"higher", "lower"}
    assert len(values(rows)) == len(rows)


def test_measuring_again_computes_nothing_and_something_else_only_adds(spec_of, everything):
    rows, _, _ = everything
    again, _, outcome = measured(spec_of(SECTION))
    assert outcome.computed == 0
    assert values(again) == values(rows)
    other, _, outcome = measured(spec_of(SECTION | {"metrics": ["certainty"], "sample": 2}))
    assert outcome.computed == 2  # a block of pairs, and the leaderboard
    assert {row["metric"] for row in other} == {"certainty"}
    assert {row["pair_id"] for row in other} < {row["pair_id"] for row in rows}


def test_a_larger_sample_repeats_the_rows_of_a_smaller_one(spec_of, everything):
    rows, _, _ = everything
    fewer, _, _ = measured(spec_of(SECTION | {"sample": 2}))
    known = values(rows)
    assert {row["pair_id"] for row in fewer} < {row["pair_id"] for row in rows}
    for key, value in values(fewer).items():
        assert value == pytest.approx(known[key], abs=1e-5)


def test_relations_pairs_and_estimators_say_what_is_measured(spec_of, everything):
    run = run_of(everything[2])
    relation = {row["pair_id"]: row["relation"] for row in run.table("pairs").to_pylist()}
    lean = {"metrics": ["certainty"], "sample": 50}
    every, _, _ = measured(spec_of(lean))
    assert {row["pair_id"] for row in every} == set(relation)
    wrong, board, _ = measured(spec_of(lean | {"relations": ["hard_negative"]}))
    assert {relation[row["pair_id"]] for row in wrong} == {"hard_negative"}
    assert {row["relation"] for row in board} == {"all"}
    assert {row["relation"] for row in measured(spec_of(lean))[1]} == {"all", "positive", "hard_negative"}
    chosen = sorted(relation)[:2]
    named, _, _ = measured(spec_of(lean | {"pairs": [chosen[0], chosen[1][:20]]}))
    assert sorted({row["pair_id"] for row in named}) == chosen
    one, _, _ = measured(spec_of(lean | {"estimators": ["product_shapley"]}))
    assert {row["estimator"] for row in one} == {"product_shapley"}


def test_bad_choices_end_in_one_line(spec_of):
    with pytest.raises(InputError, match=r"'p' fits 1[0-9] pairs of run r[0-9a-f]*; needed is one"):
        explain(spec_of({"metrics": ["certainty"], "pairs": ["p"]}), "measure")
    with pytest.raises(
        InputError, match=r"'occlusion' cannot be measured in this run.*It holds banzhaf, product_shapley"
    ):
        explain(spec_of({"metrics": ["certainty"], "sample": 1, "estimators": ["occlusion"]}), "measure")
    with pytest.raises(ValueError, match="asymmetry compares sides"):
        explain(spec_of({"metrics": ["asymmetry"], "sides": ["left"]}), "measure")
    with pytest.raises(ValueError, match="localisation needs to know what captions name: give truth"):
        explain(spec_of({"metrics": ["localisation"]}), "measure")
    with pytest.raises(ValueError, match="consistency needs another model: give refits"):
        explain(spec_of({"metrics": ["consistency"]}), "measure")
    with pytest.raises(ValueError, match="metrics are named twice: certainty, certainty"):
        explain(spec_of({"metrics": ["certainty", "certainty"]}), "measure")


@pytest.mark.parametrize(
    "baseline", [{"image_baseline": "dataset_mean", "text_removal": "mask"}, {"text_removal": "mask"}]
)
def test_a_baseline_is_what_a_run_fitted_with_it_sees(corpus, spec_of, tmp_path, baseline):
    """Random orders know nothing of the fit: their curves under a baseline are those of the other run."""
    section = {"metrics": ["insertion_deletion"], "sample": 4, "steps": 5}
    own = spec_of({})["perturbation"] | baseline
    there = corpus.spec(tmp_path, **BASE, perturbation=baseline, faithfulness=section)
    outcome = explain(there)
    assert outcome.finished, outcome.failures
    _, _, here = measured(spec_of(section | {"baselines": [baseline]}))
    baseline = own.get("image_baseline", "segment_mean")
    name = f"{baseline}, {own['text_removal']}"
    curves = [random_curves(run_of(one), name) for one in (here, outcome)]
    assert curves[0].keys() == curves[1].keys()
    assert len(curves[0]) > 50
    for key, curve in curves[0].items():
        assert curve == pytest.approx(curves[1][key], abs=1e-6)
    fitted = random_curves(run_of(here), "segment_mean, drop")
    moved = [np.abs(np.subtract(curves[0][key], fitted[key])).max() for key in curves[0]]
    assert max(moved) > 0.01


def test_random_curves_stand_once_and_areas_are_theirs(everything):
    rows, _, outcome = everything
    run = run_of(outcome)
    measure_id = rows[0]["measure_id"]
    curves = [row for row in run.table("curves").to_pylist() if row["measure_id"] == measure_id]
    random = [row for row in curves if row["control"] == "random"]
    assert {row["estimator"] for row in random} == {"banzhaf"}
    assert {row["random_order"] for row in random} == {0, 1, 2}
    known = values(rows)
    for axis, column in (("count", "x"), ("area", "area")):
        areas = {
            tuple(row[name] for name in KEY[:6]): np.trapezoid(row["y"], row[column])
            for row in curves
            if row["control"] == "explanation"
        }
        for key, area in areas.items():
            pair_id, estimator, metric, *variant = key
            late = metric == "retention"  # least important first: with the deletion it makes aid
            told = area - areas[pair_id, estimator, "deletion", *variant] if late else area
            found = known[pair_id, estimator, "aid" if late else metric, *variant, axis, "explanation"]
            assert told == pytest.approx(found, abs=1e-5)
        assert every((row[column][0], row[column][-1]) == pytest.approx((0, 1)) for row in curves)


def test_items_without_effects_have_no_part_of_the_benchmark(everything):
    """All items of a block may have failed in score: its other metrics go on."""
    from tasks.stages.measure.global_parts import GlobalParts

    assert GlobalParts(everything[2].run, [], ("banzhaf",)).of("banzhaf", "i1", "i2") is None


def test_global_factors_that_are_all_kept_represent_everything(everything):
    """The planted towers have 16 dimensions; ten factors of a benchmark of four images hold nearly all."""
    rows, _, _ = everything
    shares = [row["value"] for row in rows if row["metric"] == "representativeness"]
    assert shares
    assert every(0.5 < share <= 1.0 + 1e-6 for share in shares)
    assert len({round(share, 6) for share in shares}) > 2
