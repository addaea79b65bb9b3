"""A run of adaptive budgets: what it encodes and stores, the same under any grouping and after an end.

Proves tasks.stages.item_budgets, tasks.stages.score.explained_item and tasks.stages.score.grown_items.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from killing import Ended, ended_after
from planted_plugin import rows as seen
from refit_runs import pairs_of, refitted
from tiny_benchmark import explain, make_benchmark, run_of

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.modality import Modality
from tasks.comparison.diff import diff_runs
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan
from tasks.process.models import encoder_of
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.refits import RefitParameters
from tasks.stages.item_budgets import item_budgets
from tasks.stages.method_cost import method_costs

LEAN = {
    "estimators": ["banzhaf", "occlusion"],
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0},
    "segmentation": {"image": {"method": "grid", "n_segments": 12}},
    "blocks": {"image_encodes": 2000, "text_encodes": 300},
}
BOUNDS = {"max_image_masks": 512, "max_text_masks": 64, "image_baseline": "constant"}
ALL_ONE = {"image_encodes": 1, "text_encodes": 1, "pairs": 1}


def spec_of(corpus, folder, wanted, **changes):
    adaptive = {"standard_error": wanted, "first_image_masks": 64, "first_text_masks": 16}
    known = BOUNDS | {"adaptive": adaptive if wanted else {}}
    return corpus.spec(folder, **(LEAN | {"perturbation": known} | changes))


def explained(corpus, folder, wanted, **changes):
    outcome = explain(spec_of(corpus, folder, wanted, **changes))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_benchmark(tmp_path_factory.mktemp("adaptive") / "corpus", n_images=3)


@pytest.fixture(scope="module")
def fixed(corpus, tmp_path_factory):
    return explained(corpus, tmp_path_factory.mktemp("fixed"), None)


def of_images(run):
    columns = ["item_id", "estimator", "n_masks", "n_encodes", "effect_error", "budget_ended", "sampled"]
    fits = run.table("item_fits", columns).to_pandas().query("estimator == 'banzhaf'").set_index("item_id")
    kinds = run.table("items", ["item_id", "modality"]).to_pandas().set_index("item_id")["modality"]
    return fits[kinds[fits.index] == "image"], fits[kinds[fits.index] == "text"]


def encodes_of(run):
    """Of perturbed images and texts."""
    return [int(rows["n_encodes"].sum()) for rows in of_images(run)]


@pytest.fixture(scope="module")
def wanted(fixed):
    """An error between those of the images, of which half are met before the bound."""
    return float(of_images(fixed)[0]["effect_error"].median() * 2**0.5)


@pytest.fixture(scope="module")
def run(corpus, wanted, tmp_path_factory):
    seen.update(image=0, text=0)
    found = explained(corpus, tmp_path_factory.mktemp("adaptive"), wanted)
    return found, dict(seen)


def test_each_image_has_the_smallest_budget_that_meets_the_error(corpus, fixed, run, wanted, tmp_path):
    images, _ = of_images(run[0])
    assert set(images["budget_ended"]) <= {"met", "bound"}
    assert len(set(images["n_masks"])) > 1
    assert images["n_masks"].isin([64, 128, 256, 512]).all()
    met = images["budget_ended"] == "met"
    assert (images["effect_error"][met] <= wanted).all()
    assert (images["n_masks"][~met] == 512).all()
    assert (images["effect_error"][~met] > wanted).all()
    for smaller, larger in pairwise([64, 128, 256, 512]):
        changes = {"perturbation": BOUNDS | {"max_image_masks": smaller}}
        before = of_images(explained(corpus, tmp_path / str(smaller), None, **changes))[0]
        grown = images.index[images["n_masks"] >= larger]
        assert (before.loc[grown, "effect_error"].fillna(np.inf) > wanted).all()
        stopped = images.index[images["n_masks"] == smaller]
        # The numbers are those of a fixed budget of that size.
        assert np.allclose(
            before.loc[stopped, "effect_error"], images.loc[stopped, "effect_error"], rtol=1e-5
        )


def test_small_texts_are_enumerated(run):
    _, texts = of_images(run[0])
    known = ~texts["sampled"]
    assert (texts["budget_ended"] == "enumerated").equals(known)
    assert (texts["effect_error"][known] == 0.0).all()


def test_what_is_counted_is_what_the_towers_see(run):
    found, rows = run
    counted = found.table("item_fits", ["item_id", "n_encodes", "estimator"]).to_pandas()
    of_score = counted.query("estimator == 'banzhaf'")["n_encodes"].sum()
    embedded = found.table("items", ["item_id"]).num_rows
    checks = sum(rows.values()) - of_score - embedded
    assert 0 <= checks <= 12  # the check of the model's contract
    spent = found.table("runs", ["image_encodes", "text_encodes"]).to_pylist()[0]
    assert spent["image_encodes"] + spent["text_encodes"] == of_score + embedded


def test_the_plan_foresees_the_range(corpus, fixed, run, wanted, tmp_path):
    found, _ = run
    budget = estimate_budget(draft_plan(ExplainParameters.model_validate(spec_of(corpus, tmp_path, wanted))))
    assert not budget.is_exact
    assert budget.fewest_score_images < encodes_of(found)[0] < budget.score_images
    assert budget.fewest_score_texts < encodes_of(found)[1] <= budget.score_texts
    fewest = explained(
        corpus, tmp_path, None, perturbation=BOUNDS | {"max_image_masks": 64, "max_text_masks": 16}
    )
    assert [budget.fewest_score_images, budget.fewest_score_texts] == encodes_of(fewest)
    assert [budget.score_images, budget.score_texts] == encodes_of(fixed)


def test_the_cost_of_a_method_is_that_of_the_masks_that_items_have(run):
    found, _ = run
    pairs = found.table("pairs", ["left_id", "right_id"]).to_pylist()
    opened = OpenRun(found.root, found.run_id)
    costs = method_costs(opened, ["banzhaf"], [(row["left_id"], row["right_id"]) for row in pairs])
    [counts] = [cost.counts for cost in costs if cost.mode == "image_encodes"]
    # Of 4,096 coalitions few repeat; beside them the whole and the empty item.
    n_masks = np.sort(of_images(found)[0]["n_masks"])
    assert (np.sort(counts) <= n_masks + 2).all()
    assert (np.sort(counts) > 0.9 * n_masks).all()


def test_what_is_explained_again_gets_the_masks_that_it_has(run):
    found, _ = run
    opened, pairs = OpenRun(found.root, found.run_id), pairs_of(found, 3, ("banzhaf",))
    names = {pair.left_id for pair in pairs}
    budgets = item_budgets(opened, item_blocks_of(opened, names), names)
    images = of_images(found)[0]
    assert budgets == images["n_masks"][sorted(names)].to_dict()
    digests = {
        row["item_id"]: row["sha256"] for row in found.table("items", ["item_id", "sha256"]).to_pylist()
    }
    draw = replace(MaskDraw.of(Modality.IMAGE, opened.plan.parameters), held_out=0)
    rows = [
        draw.of_budget(n_masks).draw(digests[name], 12).of_sets({"banzhaf"}).n_encodes
        for name, n_masks in budgets.items()
    ]
    parameters = RefitParameters(sensitivity_draws=2)
    encoder = TimedEncoder(encoder_of(opened))
    _, result = refitted(opened, encoder, parameters, ["max_sensitivity"], pairs)
    assert result.encodes.image_encodes == 2 * sum(n + 1 for n in rows)  # and the whole image


def test_fixed_budgets_say_so(fixed):
    images, texts = of_images(fixed)
    assert images["budget_ended"].isna().all()
    assert texts["budget_ended"].isna().all()
    assert (images["effect_error"] > 0).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": ALL_ONE},
        {"blocks": {"image_encodes": 700, "text_encodes": 90, "image_batch": 7, "text_batch": 3}},
        pytest.param({"runner": {"name": "threads"}}, marks=pytest.mark.slow),
    ],
)
def test_any_grouping_gives_the_same_budgets(corpus, run, wanted, tmp_path, changes):
    again = explained(corpus, tmp_path, wanted, **changes)
    assert again.run_id == run[0].run_id
    report = diff_runs(run[0], again)
    assert report.same, report.lines


def test_an_end_at_any_write_is_made_good_by_the_next_start(corpus, run, wanted, tmp_path, monkeypatch):
    for writes in (14, 9):
        with ended_after(monkeypatch, writes, before=True), pytest.raises(Ended):
            explained(corpus, tmp_path, wanted)
    again = explained(corpus, tmp_path, wanted)
    assert diff_runs(run[0], again).bitwise
    assert list(verify_run(again.storage, again.run_id)) == []


def test_refined_effects_need_no_more(corpus, run, wanted, tmp_path):
    refined = explained(corpus, tmp_path, wanted, estimation={"refine": "posterior"})
    assert (of_images(refined)[0]["n_masks"] <= of_images(run[0])[0]["n_masks"]).all()
