"""Rows come from several earlier runs, and a run that is gone strands nobody.

Proves tasks.planning.reuse.
"""

import json
import shutil
from types import SimpleNamespace

import planted_plugin
import pytest
from tiny_benchmark import LEAN, explain, make_benchmark, run_of

from tasks.comparison.diff import diff_runs
from tasks.planning import reuse
from tasks.planning.reuse import choose_sources, known_contents, split_by_source
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.run_files.pruning import remove_run
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage

OF_ITEMS = ("segments", "views", "embeddings", "effects", "item_fits")


@pytest.fixture(scope="module")
def two_halves(tmp_path_factory):
    """Two runs over different pictures, and then a run over both; rows that the towers saw for the last."""
    folder = tmp_path_factory.mktemp("halves")
    corpus = make_benchmark(folder / "corpus", n_images=4)
    tree = json.loads(corpus.annotations.read_text())
    halves = []
    for half in (tree["images"][:2], tree["images"][2:]):
        corpus.annotations.write_text(json.dumps(tree | {"images": half}))
        halves.append(run_of(explain(corpus.spec(folder / "tables", **LEAN))))
    corpus.annotations.write_text(json.dumps(tree))
    before = dict(planted_plugin.rows)
    both = run_of(explain(corpus.spec(folder / "tables", **LEAN)))
    seen = {kind: planted_plugin.rows[kind] - before[kind] for kind in before}
    return corpus, halves, both, seen


def test_rows_come_from_several_runs(two_halves):
    _, halves, both, seen = two_halves
    assert seen == {"image": 0, "text": 0}
    opened = OpenRun(both.root, both.run_id)
    assert {block.source_run for block in opened.plan.embed_blocks} == {run.run_id for run in halves}
    assert {block.source_run for block in match_plan(opened).item_blocks} == {run.run_id for run in halves}
    assert verify_run(both.storage, both.run_id, expected_blocks(opened)) == []


@pytest.mark.parametrize("gone", ["embed", "segment", "score", "half the records", "one part"])
def test_a_source_that_is_pruned_after_planning_strands_nobody(two_halves, tmp_path, monkeypatch, gone):
    corpus, halves, both, _ = two_halves
    root = tmp_path / "tables"
    shutil.copytree(both.root, root)
    remove_run(Storage(str(root)), both.run_id)
    prune_before(gone, monkeypatch, Storage(str(root)), halves[0].run_id)
    before = dict(planted_plugin.rows)
    outcome = explain(corpus.spec(root, **LEAN))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    seen = {kind: planted_plugin.rows[kind] - before[kind] for kind in before}
    assert seen["image"] > 0
    [row] = run.table("runs").to_pylist()
    assert seen == {"image": row["image_encodes"], "text": row["text_encodes"]}
    assert row["image_encodes_reused"] > 0  # the other source is still there
    opened = OpenRun(str(root), run.run_id)
    assert verify_run(run.storage, run.run_id, expected_blocks(opened)) == []
    report = diff_runs(both, run)
    assert report.same, report.lines


def prune_before(what, monkeypatch, storage, run_id):
    """Make a source go when a stage that has planned with it begins."""
    import tasks.stages.embed
    import tasks.stages.score.score
    import tasks.stages.segment.segment
    from tasks.run_files.naming import commits_prefix, table_prefix

    def go():
        if what == "half the records":
            for file in storage.list(commits_prefix(run_id))[::2]:
                storage.delete(file.key)
        elif what == "one part":
            storage.delete(storage.list(table_prefix("items", run_id))[0].key)
            storage.delete(storage.list(table_prefix("item_fits", run_id))[0].key)
        else:
            remove_run(storage, run_id)

    module = {"segment": tasks.stages.segment.segment, "score": tasks.stages.score.score}.get(
        what, tasks.stages.embed
    )
    name = "reuse_rows" if module is tasks.stages.embed else "reuse_items"
    carry = getattr(module, name)

    def first_gone(*arguments):
        monkeypatch.setattr(module, name, carry)
        go()
        return carry(*arguments)

    monkeypatch.setattr(module, name, first_gone)


def test_few_sources_that_know_most_are_chosen_the_newest_first():
    known = {"new": {1, 2}, "old": {1, 2}, "wide": {2, 3, 4, 5}, "far": {9}}
    chosen = choose_sources([1, 2, 3, 4, 5, 6], known)
    assert [(one.run_id, set(one.contents)) for one in chosen] == [("wide", {2, 3, 4, 5}), ("new", {1})]
    assert choose_sources([7], known) == ()
    assert choose_sources([1], {}) == ()
    many = {f"run-{n}": {n} for n in range(9)}
    assert len(choose_sources(range(9), many)) == 4
    places = dict(split_by_source([6, 5, 1, 3], chosen))
    assert places == {"wide": [1, 3], "new": [2], None: [0]}


def test_the_newest_runs_are_read_first_and_no_more_than_are_needed(monkeypatch):
    days = {"r1": "2026-01-01", "r3": "2026-01-03", "r2": "2026-01-02", "r0": "2025-12-31"}
    plans = [SimpleNamespace(run_id=name, created=day) for name, day in days.items()]
    contents = {"r3": {1}, "r2": {1, 2, 9}, "r1": {3}, "r0": {1, 2, 3}}
    seen = []

    def read(run_id):
        seen.append(run_id)
        return frozenset(contents[run_id])

    assert known_contents(plans, {1, 2, 3}, read) == {"r3": {1}, "r2": {1, 2}, "r1": {3}}
    assert seen == ["r3", "r2", "r1"]
    monkeypatch.setattr(reuse, "CONSIDERED", 2)
    assert list(known_contents(plans, {1, 2, 3}, read)) == ["r3", "r2"]
