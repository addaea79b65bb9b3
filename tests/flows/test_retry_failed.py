"""A further try at what failed is a run of its own: only that is encoded, and no earlier run moves.

Proves tasks.planning.attempts, tasks.planning.run_changes.
"""

import planted_plugin
import pytest
from killing import Ended, ended_after
from tiny_benchmark import explain, make_benchmark, run_of, yaml_of

from ilime_core.errors import FailureReason, ItemError
from tasks.comparison.diff import diff_runs
from tasks.planning.attempts import in_attempt, newest_attempt
from tasks.planning.draft import draft_plan
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.plan import OpenRun
from tasks.runs.run import list_runs, open_run
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters
from tasks.stages.segment import segment

LATE = "shapes-1"
"""The picture that cannot be read at first."""


def files_below(root):
    return {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def seen_by(act):
    before = dict(planted_plugin.rows)
    result = act()
    return result, {kind: planted_plugin.rows[kind] - before[kind] for kind in before}


def whole(run):
    opened = OpenRun(run.root, run.run_id)
    return verify_run(run.storage, run.run_id, expected_blocks(opened)) == []


@pytest.fixture
def unread(tmp_path, monkeypatch):
    """A spec of which one picture cannot be read when it is cut, and what makes it readable again."""
    corpus = make_benchmark(tmp_path / "corpus", n_images=3)
    read = segment.read_unchanged

    def refuse(files, entry, sha256):
        if entry.uri.startswith(LATE):
            raise ItemError(FailureReason.UNDECODABLE, f"{entry.uri}: a decoder of yesterday")
        return read(files, entry, sha256)

    monkeypatch.setattr(segment, "read_unchanged", refuse)
    spec = corpus.spec(tmp_path / "tables", faithfulness={"sample": 0})
    return spec, lambda: monkeypatch.setattr(segment, "read_unchanged", read)


def test_what_failed_is_done_in_a_new_run_and_all_else_is_carried(unread, tmp_path):
    spec, heal = unread
    first = run_of(explain(spec))
    [failed] = first.table("failures").to_pylist()
    assert (failed["stage"], failed["reason"]) == ("segment", "undecodable")
    kept = files_below(tmp_path / "tables")
    heal()
    assert explain(spec).computed == 0  # the corpus is the same: without being asked nothing is tried again

    second, seen = seen_by(lambda: run_of(explain(spec, retry_failed=True)))
    assert second.run_id != first.run_id
    assert second.table("failures").num_rows == 0
    item_fits = second.table("item_fits").to_pylist()
    own = {row["item_id"]: row["n_encodes"] for row in item_fits if row["item_id"] == failed["item_id"]}
    assert seen == {"image": own[failed["item_id"]], "text": 0}
    [row] = second.table("runs").to_pylist()
    assert (row["image_encodes"], row["text_encodes"]) == (seen["image"], 0)

    now = files_below(tmp_path / "tables")
    assert {path: now[path] for path in kept} == kept
    assert whole(first)
    assert whole(second)
    fresh = run_of(explain(spec | {"output": str(tmp_path / "fresh")}))
    report = diff_runs(fresh, second)
    assert report.same, report.lines


def test_without_being_asked_the_newest_attempt_is_the_run_of_a_spec(unread):
    spec, heal = unread
    explain(spec)
    heal()
    second = run_of(explain(spec, retry_failed=True))
    outcome = explain(spec)
    assert (outcome.computed, outcome.run.run_id) == (0, second.run_id)
    measured = explain(spec | {"faithfulness": {"sample": 2, "steps": 4}}, "measure")
    assert measured.computed > 0
    assert measured.run.run_id == second.run_id


def test_a_further_try_that_was_killed_goes_on_by_either_command(unread, monkeypatch):
    spec, heal = unread
    explain(spec)
    heal()
    for writes in (3, 9):
        with ended_after(monkeypatch, writes), pytest.raises(Ended):
            explain(spec, retry_failed=True)
    assert len(list_runs(spec["output"])) == 2
    with ended_after(monkeypatch, 4), pytest.raises(Ended):
        explain(spec)
    outcome = explain(spec, retry_failed=True)
    assert outcome.finished
    assert len(list_runs(spec["output"])) == 2
    assert run_of(outcome).table("failures").num_rows == 0


def test_what_cannot_be_explained_fails_again_and_is_said_again(call, tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=3)
    (corpus.images / "shapes-0.png").write_bytes(b"no picture")
    spec = yaml_of(corpus.spec(tmp_path / "tables", faithfulness={"sample": 0}), tmp_path / "spec.yaml")
    status, _, said = call("explain", spec)
    assert status == 1
    (status, _, said), seen = seen_by(lambda: call("explain", spec, "--retry-failed"))
    assert status == 1
    assert "attempt 1: tries again what failed in r" in said
    assert "failed: shapes-0.png: undecodable (" in said
    assert seen == {"image": 0, "text": 0}
    runs = list_runs(str(tmp_path / "tables"))
    assert [run.n_failed for run in runs] == [1, 1]


def test_where_nothing_failed_nothing_is_started(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", faithfulness={"sample": 0})
    status, _, _ = call("explain", spec, "--retry-failed")  # no run yet: it is simply run
    assert status == 0
    status, out, _ = call("explain", spec, "--retry-failed")
    assert status == 0
    run = open_run(str(tmp_path / "tables"), "latest")
    assert f"nothing to compute: run {run.run_id} is finished, and no item of it failed" in out
    assert len(list_runs(str(tmp_path / "tables"))) == 1


def test_a_picture_that_was_absent_heals_without_being_asked(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=3)
    spec = corpus.spec(tmp_path / "tables", faithfulness={"sample": 0})
    picture = corpus.images / "shapes-1.png"
    data = picture.read_bytes()
    picture.unlink()
    first = run_of(explain(spec))
    [failed] = first.table("failures").to_pylist()
    assert failed["uri"] == "shapes-1.png"
    picture.write_bytes(data)
    second, seen = seen_by(lambda: run_of(explain(spec)))
    assert second.table("failures").num_rows == 0
    item_fits = second.table("item_fits").filter(_estimator("banzhaf")).to_pylist()
    new = {row["item_id"]: row["n_encodes"] for row in item_fits} | {}
    old = set(first.table("item_fits")["item_id"].to_pylist())
    images = {row["item_id"] for row in second.table("items").to_pylist() if row["modality"] == "image"}
    assert seen["image"] == 1 + sum(n for name, n in new.items() if name in images - old)
    assert seen["text"] == sum(n for name, n in new.items() if name not in images | old)


def test_the_first_attempt_keeps_its_id_and_others_have_their_own(benchmark, tmp_path):
    draft = draft_plan(ExplainParameters.model_validate(benchmark.spec(tmp_path)))
    assert in_attempt(draft, 0).run_id == draft.run_id
    ids = [in_attempt(draft, number).run_id for number in range(4)]
    assert len(set(ids)) == 4
    again = in_attempt(in_attempt(draft, 2), 1)
    assert again.run_id == ids[1]
    assert newest_attempt(draft).run_id == draft.run_id


def test_an_attempt_is_found_when_those_before_it_are_gone(unread):
    import shutil
    from pathlib import Path

    spec, heal = unread
    first = run_of(explain(spec))
    heal()
    second = run_of(explain(spec, retry_failed=True))
    root = Path(spec["output"])
    for place in [*root.glob(f"*/run_id={first.run_id}"), root / "_runs" / first.run_id]:
        shutil.rmtree(place)
    outcome = explain(spec)
    assert (outcome.computed, outcome.run.run_id) == (0, second.run_id)


def _estimator(name):
    import pyarrow.compute as pc

    return pc.field("estimator") == name
