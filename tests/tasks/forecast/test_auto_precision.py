"""Choice of `precision: auto`: by size of the run, by a trial, by what an earlier start has frozen."""

import pytest
from tiny_benchmark import PACKAGE, make_benchmark

from ilime_core.modality import Modality
from tasks.forecast import auto_precision
from tasks.forecast.auto_precision import (
    LEAST_SPEEDUP,
    MOST_MEDIAN,
    MOST_P99,
    fewest_encodes,
    judge_trial,
    settle_precision,
)
from tasks.forecast.trial_memory import PrecisionTrial, TowerSpeeds
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.planning.precision import in_precision
from tasks.spec import ExplainParameters

ENCODES = {Modality.IMAGE: 1_000, Modality.TEXT: 4_000}


def trial(median=0.01, p99=0.1, image=2.0, text=1.0, **further):
    """Speedups of both towers; an image takes 8 times as long as a text."""
    return PrecisionTrial(
        image=TowerSpeeds(float32=0.08, bfloat16=0.08 / image),
        text=TowerSpeeds(float32=0.01, bfloat16=0.01 / text),
        median=median,
        p99=p99,
        n_pairs=16,
        **further,
    )


@pytest.fixture
def has_bfloat16(monkeypatch):
    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: True)


@pytest.fixture
def large(monkeypatch, has_bfloat16):
    """Runs of any size are worth a trial."""
    monkeypatch.setattr(auto_precision, "fewest_encodes", lambda *_: 1)


@pytest.fixture
def drafted(tmp_path, monkeypatch):
    monkeypatch.setenv("ILIME_PLUGINS", PACKAGE)
    benchmark = make_benchmark(tmp_path / "corpus", n_images=2)

    def make(**changes):
        spec = benchmark.spec(tmp_path / "tables", **changes)
        return draft_plan(ExplainParameters.model_validate(spec))

    return make


@pytest.fixture
def draft(drafted):
    return drafted()


def never(request):
    raise AssertionError("nobody is to be asked")


def test_speedup_is_that_of_the_encodes_of_the_run():
    # 80 s of images and 40 s of texts become 40 s and 40 s; of texts alone nothing is gained.
    chosen, why = judge_trial(trial(), ENCODES)
    assert (chosen, "1.50 times as fast" in why) == ("bfloat16", True)
    chosen, why = judge_trial(trial(), {Modality.IMAGE: 0, Modality.TEXT: 4_000})
    assert (chosen, "1.00 times as fast" in why) == ("float32", True)


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        (trial(median=MOST_MEDIAN, p99=MOST_P99), "bfloat16"),
        (trial(median=MOST_MEDIAN * 1.01), "float32"),
        (trial(p99=MOST_P99 * 1.01), "float32"),
        (trial(image=LEAST_SPEEDUP * 1.01, text=LEAST_SPEEDUP * 1.01), "bfloat16"),
        (trial(image=LEAST_SPEEDUP * 0.99, text=LEAST_SPEEDUP * 0.99), "float32"),
        (trial(problem="bfloat16: an embedding is not finite"), "float32"),
    ],
)
def test_bfloat16_has_to_be_safe_and_faster(found, chosen):
    precision, why = judge_trial(found, ENCODES)
    assert precision == chosen
    assert why.startswith(f"{chosen}, because")
    assert found.problem in why


def test_a_trial_of_both_modalities_is_worth_its_cost_from_some_hundred_items_on(draft):
    # 2 precisions x 16 pairs x (64 + 2 + 32 + 2) encodes, of which 1 - 1 / 1.15 would be saved
    assert fewest_encodes(draft.parameters, tuple(Modality)) == pytest.approx(3_200 / (0.15 / 1.15), abs=1)
    assert fewest_encodes(draft.parameters, (Modality.TEXT,)) == pytest.approx(2_176 / (0.15 / 1.15), abs=1)


def test_a_small_run_is_float32_and_nobody_is_asked(draft, has_bfloat16):
    found = settle_precision(draft, never, may_try=True)
    assert found.draft.run_id == draft.run_id
    assert "encodes are too few to try bfloat16" in found.why


@pytest.mark.parametrize(("shift", "chosen"), [(0.01, "bfloat16"), (0.2, "float32")])
def test_a_large_run_takes_what_the_trial_says(draft, large, shift, chosen):
    asked = []
    found = settle_precision(draft, lambda request: asked.append(request) or trial(shift), may_try=True)
    assert found.draft.run_id == in_precision(draft, chosen).run_id
    assert found.draft.model.precision == chosen
    assert found.why.startswith(f"precision: {chosen}, because in bfloat16 W moves by {shift}")
    assert (asked[0].may_try, asked[0].modalities) == (True, tuple(Modality))


def test_without_a_trial_it_stays_float32(draft, large, monkeypatch):
    found = settle_precision(draft, lambda _: None, may_try=False)
    assert (found.draft.run_id, "unless the first start" in found.why) == (draft.run_id, True)
    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: False)
    assert settle_precision(draft, lambda _: None, may_try=False).why == ""


@pytest.mark.parametrize("estimators", [["banzhaf", "occlusion"], ["banzhaf", "grid"]])
def test_estimators_that_no_trial_compares_stay_float32(drafted, large, estimators):
    draft = drafted(estimators=estimators, faithfulness={"sample": 0})
    found = settle_precision(draft, never, may_try=True)
    assert found.draft is draft
    assert estimators[1] in found.why


def test_a_precision_that_is_named_is_no_choice(drafted, large):
    draft = drafted(model={"precision": "float32"})
    found = settle_precision(draft, never, may_try=True)
    assert (found.draft, found.why) == (draft, "")


@pytest.mark.parametrize(("has", "said"), [(True, ""), (False, "has to emulate it")])
def test_a_frozen_plan_is_taken_on_any_machine(draft, monkeypatch, has, said):
    freeze_plan(in_precision(draft, "bfloat16"))
    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: has)
    found = settle_precision(draft, never, may_try=True)
    assert found.draft.model.precision == "bfloat16"
    assert found.draft.run_id == in_precision(draft, "bfloat16").run_id
    assert "as an earlier run of this spec has it" in found.why
    assert said in found.why
