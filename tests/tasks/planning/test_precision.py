"""A draft in a precision is the draft of a spec that names it, and frozen plans are found."""

import pytest
from tiny_benchmark import PACKAGE, make_benchmark

from tasks.planning.attempts import in_attempt
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.planning.precision import as_planned_before, in_precision, is_open
from tasks.spec import ExplainParameters


@pytest.fixture
def drafted(tmp_path, monkeypatch):
    monkeypatch.setenv("ILIME_PLUGINS", PACKAGE)
    benchmark = make_benchmark(tmp_path / "corpus", n_images=2)

    def make(**changes):
        spec = benchmark.spec(tmp_path / "tables", **changes)
        return draft_plan(ExplainParameters.model_validate(spec))

    return make


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_draft_in_a_precision_is_that_of_a_spec_that_names_it(drafted, precision):
    named = drafted(model={"precision": precision})
    found = in_precision(drafted(), precision)
    assert (found.run_id, found.model) == (named.run_id, named.model)
    assert found.embed_digest == named.embed_digest


def test_only_auto_on_the_processor_is_open(drafted):
    assert is_open(drafted())
    assert not is_open(drafted(model={"precision": "float32"}))


def test_the_plan_of_the_same_run_decides_in_whatever_attempt(drafted):
    draft = drafted()
    assert as_planned_before(draft) is None
    freeze_plan(in_attempt(in_precision(draft, "bfloat16"), 3))
    found = as_planned_before(draft)
    assert (found.model.precision, found.run_id) == ("bfloat16", in_precision(draft, "bfloat16").run_id)


def test_a_plan_that_was_left_open_counts_before_one_that_named_its_precision(drafted):
    freeze_plan(drafted(model={"precision": "float32"}))
    freeze_plan(in_precision(drafted(), "bfloat16"))
    freeze_plan(drafted(model={"precision": "float32"}))
    assert as_planned_before(drafted()).model.precision == "bfloat16"


def test_an_unfinished_run_of_another_spec_decides_nothing(drafted):
    freeze_plan(in_precision(drafted(pairs={"retrieved": 2}), "bfloat16"))
    assert as_planned_before(drafted()) is None
