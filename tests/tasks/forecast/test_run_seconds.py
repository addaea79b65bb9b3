"""Parts of a run of four pictures with two captions each, by hand: known speeds, counts of the budget.

Proves tasks.forecast.run_seconds, tasks.forecast.unit_costs.
"""

from dataclasses import replace

import pytest
from tiny_benchmark import LEAN, make_benchmark, merged

from tasks.forecast.budget import estimate_budget
from tasks.forecast.reuse import ReuseForecast
from tasks.forecast.run_seconds import Further, Speeds, expected_pairs, run_seconds
from tasks.forecast.unit_costs import (
    ENGINE_S,
    FIT_BLOCK_S,
    FITS_PER_S,
    GATHERED_PER_S,
    REPORT_S,
    REPORTED_PER_S,
    SWEPT_PER_S,
)
from tasks.planning.draft import draft_plan
from tasks.run_files.plan import ResolvedModel
from tasks.spec import ExplainParameters
from tasks.stages.measure.cost import resolved_faithfulness

SPEEDS = Speeds(start_s=3.0, each_s={"images": 0.5, "texts": 0.25}, first_s=1.0, stretch=2.0)
MODEL = ResolvedModel(device="cpu", precision="float32", fingerprint="of no model")


@pytest.fixture
def drafted(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus")

    def draft(**changes):
        spec = merged(corpus.spec(tmp_path / "tables"), LEAN)
        found = draft_plan(ExplainParameters.model_validate(merged(spec, changes)), lambda _: MODEL)
        return replace(
            found,
            parameters=found.parameters.model_copy(update={"faithfulness": resolved_faithfulness(found)}),
        )

    return draft


def test_encodes_take_what_was_measured_and_all_else_is_stretched(drafted):
    draft = drafted(blocks={"pairs": 3}, pairs={"errors": True}, estimators=["banzhaf"])
    budget, parts = estimate_budget(draft), run_seconds(draft, SPEEDS, Further())
    assert expected_pairs(draft) == 14  # 8 matches, and half of 12 queries
    assert parts["images"] == pytest.approx(0.5 * budget.image_encodes)
    assert parts["texts"] == pytest.approx(0.25 * budget.text_encodes)
    engine = ENGINE_S if draft.parameters.runner.name != "inline" else 0.0
    assert parts["start"] == pytest.approx(3.0 + 1.0 + 2.0 * engine)
    assert parts["fit"] == pytest.approx(2.0 * (14 / FITS_PER_S + 5 * FIT_BLOCK_S))
    assert parts["report"] == pytest.approx(2.0 * (REPORT_S + 14 / REPORTED_PER_S))
    assert "every pair" not in parts


def test_what_earlier_runs_hold_is_not_encoded_again(drafted):
    draft = drafted()
    whole = run_seconds(draft, SPEEDS, Further())
    reuse = ReuseForecast(images=2, texts=1, image_encodes=20, text_encodes=10_000)
    parts = run_seconds(draft, SPEEDS, Further.of(reuse, {"images": 4}))
    assert parts["images"] == pytest.approx(whole["images"] - 0.5 * (20 - 4))
    assert "texts" not in parts


def test_every_pair_of_the_grid_is_swept_by_all_workers(drafted):
    parts = run_seconds(
        drafted(pairs={"all": True}, runner={"name": "threads", "workers": 4}), SPEEDS, Further()
    )
    assert parts["every pair"] == pytest.approx(2.0 * 32 * (1 / (4 * SWEPT_PER_S) + 1 / GATHERED_PER_S))


def test_pairs_of_a_sample_are_those_of_its_queries(drafted):
    draft = drafted(pairs={"sample_queries": 3, "errors": False, "hard_negatives": 2})
    assert expected_pairs(draft) == 4 + 12  # half of the queries, and two wrong candidates of each of six
