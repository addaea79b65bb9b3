"""What the towers saw is what the stages counted, and what the plan said before any model was loaded.

Proves tasks.forecast.budget.
"""

import planted_plugin
import pytest
from every import every
from tiny_benchmark import explain, run_of

from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.spec import ExplainParameters


def counted_run(spec):
    """Run a spec; the rows that the towers saw, the plan's budget, the run."""
    parameters = ExplainParameters.model_validate(spec)
    draft = draft_plan(parameters)
    encoder_of(freeze_plan(draft))  # the check of a plugin's contract encodes, too
    before = dict(planted_plugin.rows)
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    seen = {name: planted_plugin.rows[name] - before[name] for name in before}
    return seen, estimate_budget(draft), run_of(outcome)


def counts_of(run, *, measured):
    return [
        commit.facts.counts
        for stage, blocks in run.commits().items()
        for commit in blocks.values()
        if stage.startswith("measure") == measured
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"estimators": ["banzhaf"]},
        pytest.param({"perturbation": {"held_out": {"image": 0, "text": 0}}}, marks=pytest.mark.slow),
        {"perturbation": {"held_out": {"image_share": 0.5, "text_share": 0.5}}},
        pytest.param(
            {"perturbation": {"max_image_masks": 128, "max_text_masks": 64}}, marks=pytest.mark.slow
        ),
        {"perturbation": {"design": "iid", "p": 0.7, "max_image_masks": 40, "max_text_masks": 40}},
        pytest.param({"segmentation": {"image": {"n_segments": 25}}}, marks=pytest.mark.slow),
    ],
    ids=["both", "banzhaf", "no-held-out", "half-held-out", "more", "iid", "finer"],
)
def test_towers_stages_and_plan_agree(benchmark, tmp_path, changes):
    spec = benchmark.spec(tmp_path, **{"faithfulness": {"sample": 0}, **changes})
    seen, budget, run = counted_run(spec)
    [row] = run.table("runs").to_pylist()
    assert budget.is_exact
    assert seen == {"image": row["image_encodes"], "text": row["text_encodes"]}
    assert seen == {"image": budget.image_encodes, "text": budget.text_encodes}


def test_a_second_estimator_costs_only_its_own_rows(benchmark, reference, tmp_path):
    spec = benchmark.spec(tmp_path, estimators=["banzhaf"], faithfulness={"sample": 0})
    seen, _, alone = counted_run(spec)
    both, one = (
        {row["item_id"]: row for row in run.table("item_fits").to_pylist() if row["estimator"] == "banzhaf"}
        for run in (reference, alone)
    )
    assert both.keys() == one.keys()
    extra = {name: both[name]["n_encodes"] - one[name]["n_encodes"] for name in one}
    images = {row["item_id"] for row in alone.table("items").to_pylist() if row["modality"] == "image"}
    # 9 segments: 512 coalitions against 16 further rows, of which some were encoded for Banzhaf already.
    assert every(8 <= extra[name] <= 16 for name in images)
    [row] = reference.table("runs").to_pylist()
    assert row["image_encodes"] - seen["image"] == sum(extra[name] for name in images)


def test_measurement_is_counted_apart(benchmark, tmp_path):
    seen, budget, run = counted_run(benchmark.spec(tmp_path))
    [row] = run.table("runs").to_pylist()
    measured = counts_of(run, measured=True)
    images, texts = (sum(getattr(one, f"{kind}_encodes") for one in measured) for kind in ("image", "text"))
    assert images > 0
    assert texts > 0
    assert images + texts <= budget.measure_encodes_at_most
    assert row["image_encodes"] == budget.image_encodes
    assert seen == {"image": row["image_encodes"] + images, "text": row["text_encodes"] + texts}
    [execution] = run.table("executions").to_pylist()
    assert (execution["image_encodes"], execution["text_encodes"]) == (seen["image"], seen["text"])


def test_padding_is_seen_by_the_towers_and_counted_by_nobody(benchmark, reference, tmp_path):
    """Batches of 32: every block is filled up to whole batches, and the counts stay those of single rows."""
    seen, _, run = counted_run(benchmark.spec(tmp_path, blocks={"image_batch": 32, "text_batch": 32}))
    counts = ("image_encodes", "text_encodes")
    [row], [known] = (
        run.table("runs", list(counts)).to_pylist(),
        reference.table("runs", list(counts)).to_pylist(),
    )
    assert row == known
    blocks = [*counts_of(run, measured=False), *counts_of(run, measured=True)]
    padded = {kind: sum(-(-getattr(one, f"{kind}_encodes") // 32) * 32 for one in blocks) for kind in seen}
    assert seen == padded
