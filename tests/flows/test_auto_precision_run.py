"""A run whose spec leaves the precision open: chosen before its plan is frozen, kept ever after."""

import pickle
import re

import pytest
from rich.console import Console
from tiny_benchmark import LEAN, add_picture, explain, make_benchmark, merged, run_of

from flows import execution
from flows.actions import plan as planning
from flows.console.log_lines import LogLines
from tasks.forecast import auto_precision
from tasks.forecast.trial_memory import PrecisionTrial, TowerSpeeds
from tasks.planning.draft import draft_plan
from tasks.spec import ExplainParameters

FASTER = TowerSpeeds(float32=0.02, bfloat16=0.01)
SAFE = PrecisionTrial(image=FASTER, text=FASTER, median=0.01, p99=0.1, n_pairs=16)


@pytest.fixture
def asked(monkeypatch):
    """Requests for trials; every run is worth one, and each finds bfloat16 safe and twice as fast."""
    requests = []

    def answer(request):
        requests.append(request)
        return SAFE

    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: True)
    monkeypatch.setattr(auto_precision, "fewest_encodes", lambda *_: 1)
    for module in (execution, planning):
        monkeypatch.setattr(module, "try_precisions", answer)
    return requests


def test_the_choice_is_frozen_and_later_starts_ask_nobody(benchmark, tmp_path, asked, capsys):
    spec = merged(benchmark.spec(tmp_path / "tables"), {**LEAN, "faithfulness": {"sample": 1}})
    first = explain(spec)
    [row] = run_of(first).table("runs").to_pylist()
    assert row["precision"] == first.run.plan.model.precision == "bfloat16"
    assert [one.may_try for one in asked] == [True]
    again, measured = explain(spec), explain(spec, "measure")
    assert (again.run.run_id, again.computed) == (first.run.run_id, 0)
    assert measured.run.run_id == first.run.run_id
    planning.print_plan(ExplainParameters.model_validate(spec), calibrate=False)
    printed = capsys.readouterr().out
    assert f"{first.run.run_id}, finished already" in printed
    assert re.search(r"precision +bfloat16, as an earlier run", printed)
    assert len(asked) == 1


def test_a_night_later_the_precision_is_that_of_the_night_before(tmp_path, asked, monkeypatch):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    spec = merged(corpus.spec(tmp_path / "tables"), LEAN)
    first = explain(spec)
    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: False)
    add_picture(corpus)
    second = explain(spec)
    assert second.run.run_id != first.run.run_id
    assert second.run.plan.model.precision == "bfloat16"
    assert len(asked) == 1


@pytest.mark.parametrize("calibrate", [False, True])
def test_a_plan_loads_the_model_only_when_it_calibrates(benchmark, tmp_path, asked, capsys, calibrate):
    spec = ExplainParameters.model_validate(merged(benchmark.spec(tmp_path / "tables"), LEAN))
    planning.print_plan(spec, calibrate=calibrate)
    assert "plugin on cpu, bfloat16" in capsys.readouterr().out
    assert [one.may_try for one in asked] == [calibrate]


def test_a_small_run_says_why_it_is_float32(benchmark, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(auto_precision, "processor_has_bfloat16", lambda: True)
    spec = ExplainParameters.model_validate(benchmark.spec(tmp_path / "tables"))
    planning.print_plan(spec, calibrate=False)
    assert re.search(r"precision +float32, because [\d,]+ encodes are too few", capsys.readouterr().out)


class Worker:
    """A process that is sent bytes."""

    def __init__(self):
        self.asked = []

    def call(self, body, argument):
        body, argument = pickle.loads(pickle.dumps((body, argument)))
        self.asked.append(argument[1])
        return body(argument)


def test_a_worker_makes_the_trial_where_the_model_is(benchmark, tmp_path, monkeypatch):
    monkeypatch.setattr(auto_precision, "fewest_encodes", lambda *_: 1)
    monkeypatch.setattr("tasks.forecast.precision_trial.processor_has_bfloat16", lambda: False)
    draft = draft_plan(ExplainParameters.model_validate(benchmark.spec(tmp_path / "tables")))
    worker = Worker()
    settled = execution._settled(draft, LogLines(Console(quiet=True)), worker, may_try=True)
    assert settled.draft.run_id == draft.run_id
    assert [one.fingerprint for one in worker.asked] == [draft.model.fingerprint]
