"""Entries that the corpus reader rejects: counted, named in ``failures``, and in no one's way.

Proves flows.actions.plan, flows.launch.
"""

from dataclasses import replace

import pytest
from tiny_benchmark import explain, make_benchmark, run_of

from flows.actions.plan import print_plan
from flows.exit_status import DONE, TOO_MANY_FAILED
from flows.launch import launch_explain
from ilime_core.errors import FailureReason
from tasks.corpora.rejections import Rejection
from tasks.planning import draft as planning
from tasks.planning.attempts import next_attempt
from tasks.planning.draft import draft_plan
from tasks.spec import ExplainParameters, FailureParameters

REJECTED = (
    Rejection(FailureReason.EMPTY, "dataset.json.images[7]: the caption is null", "dataset.json"),
    Rejection(FailureReason.DUPLICATE, "dataset.json.images[8]: stands already", "dataset.json"),
)


@pytest.fixture
def rejecting(monkeypatch):
    listed = planning.open_corpus
    monkeypatch.setattr(planning, "open_corpus", lambda asked: replace(listed(asked), rejected=REJECTED))


def test_rejected_entries_are_rows_of_failures_and_of_another_run(tmp_path, monkeypatch, rejecting):
    spec = make_benchmark(tmp_path / "corpus", n_images=3).spec(
        tmp_path / "tables", faithfulness={"sample": 0}
    )
    run = run_of(explain(spec))
    assert run.table("failures").to_pylist() == [
        {
            "stage": "plan",
            "entry": number,
            "item_id": None,
            "reason": one.reason.value,
            "message": one.message,
            "uri": one.uri,
        }
        for number, one in enumerate(REJECTED)
    ]
    assert run.table("runs")["n_failed"].to_pylist() == [2]
    draft = draft_plan(ExplainParameters(**spec))
    assert draft.run_id == run.run_id
    assert next_attempt(draft).run_id == run.run_id  # another try would meet the same entries

    monkeypatch.undo()
    assert draft_plan(ExplainParameters(**spec)).run_id != run.run_id


def test_they_count_against_what_is_tolerated_and_are_said(tmp_path, rejecting, capsys):
    corpus = make_benchmark(tmp_path / "corpus", n_images=3)
    parameters = ExplainParameters(**corpus.spec(tmp_path / "tables", faithfulness={"sample": 0}))
    said = "2 entries of the corpus cannot be used: 1 empty, 1 duplicate; the first: dataset.json.images[7]"

    assert print_plan(parameters, calibrate=False) == DONE
    assert said in capsys.readouterr().out

    strict, lenient = (
        parameters.model_copy(update={"failures": FailureParameters(tolerate=share)}) for share in (0.1, 0.5)
    )
    assert launch_explain(strict) == TOO_MANY_FAILED
    assert said in capsys.readouterr().err
    assert launch_explain(lenient) == DONE
