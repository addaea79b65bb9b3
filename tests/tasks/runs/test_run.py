"""Opening runs by id, label or ``latest``, and reading their tables.

Proves tasks.runs.run and tasks.runs.listing.
"""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ilime_core.errors import InputError
from tasks.run_files.commits import commit_block
from tasks.run_files.naming import commit_key, plan_key
from tasks.runs.run import RunStatus, list_runs, open_run

OLD, NEW, OPEN = "r000000000000000a", "r000000000000000b", "r00ff00000000000c"


@pytest.fixture
def root(store, small, commit_run):
    commit_run(store, NEW, small, 2, "nightly", "2026-02-01T00:00:00+00:00")
    commit_run(store, OLD, small, 1, "first", "2026-01-01T00:00:00+00:00")
    commit_run(store, OPEN, small, 2, "nightly", "2026-03-01T00:00:00+00:00")
    store.delete(commit_key(OPEN, "finish", 0))
    store.delete(commit_key(OPEN, "fit", 1))
    return store.url


def test_runs_are_listed_newest_first_with_their_progress(root, small):
    runs = list_runs(root)
    assert [run.run_id for run in runs] == [OPEN, NEW, OLD]
    assert [run.status for run in runs] == [RunStatus.UNFINISHED, RunStatus.FINISHED, RunStatus.FINISHED]
    assert [run.n_failed for run in runs] == [None, 2, 2]
    assert {run.n_pairs for run in runs} == {len(small["pairs"])}
    assert (runs[0].n_images, runs[0].n_texts) == (3, 4)
    assert (runs[0].committed["fit"], runs[0].planned["fit"]) == (1, 2)
    assert (runs[1].committed["embed"], runs[1].planned["embed"]) == (2, 2)


def test_before_match_the_later_blocks_are_not_known(root, store):
    store.delete(plan_key(OPEN, "blocks.json"))
    store.delete(commit_key(OPEN, "match", 0))
    run = list_runs(root)[0]
    assert run.planned == {"embed": 2, "match": 1}
    assert run.n_pairs is None


def test_a_damaged_plan_does_not_hide_the_other_runs(root, store):
    store.write(plan_key(NEW), b"{")
    assert {run.run_id: run.status for run in list_runs(root)} == {
        OPEN: RunStatus.UNFINISHED,
        NEW: RunStatus.DAMAGED,
        OLD: RunStatus.FINISHED,
    }


@pytest.mark.parametrize(
    ("selector", "run_id"), [(OLD, OLD), ("r00ff", OPEN), ("first", OLD), ("latest", NEW), (NEW[:17], NEW)]
)
def test_a_run_is_found_by_what_people_call_it(root, selector, run_id):
    run = open_run(root, selector)
    assert run.run_id == run_id
    assert run.finished == (run_id != OPEN)
    assert run.plan["run_id"] == run_id


def test_latest_is_the_newest_unfinished_run_where_none_is_finished(root, store):
    store.delete(commit_key(NEW, "finish", 0))
    assert open_run(root, "latest").run_id == OLD
    store.delete(commit_key(OLD, "finish", 0))
    assert open_run(root, "latest").run_id == OPEN


@pytest.mark.parametrize(
    ("selector", "message", "named"),
    [
        ("r00", "fits 3 runs", {OLD, NEW, OPEN}),
        ("nightly", "fits 2 runs", {NEW, OPEN}),
        ("x", "no run", {OLD, NEW, OPEN}),
    ],
)
def test_an_unclear_selector_lists_the_candidates(root, selector, message, named):
    with pytest.raises(InputError, match=message) as caught:
        open_run(root, selector)
    assert {run for run in (OLD, NEW, OPEN) if run in str(caught.value)} == named


def test_an_empty_output_says_so(store):
    with pytest.raises(InputError, match="holds no runs"):
        open_run(store.url, "latest")


def test_tables_are_read_with_columns_and_filter(root, small):
    run = open_run(root, "latest")
    wanted = small["effects"][3]
    rows = run.table("effects", ["segment", "effect"], pc.field("item_id") == wanted["item_id"])
    assert rows.column_names == ["segment", "effect"]
    assert wanted["effect"] in rows["effect"].to_pylist()
    assert rows.num_rows < run.table("effects").num_rows == len(small["effects"])


def test_an_unfinished_run_gives_what_is_committed(root, small):
    pairs = set(open_run(root, OPEN).table("fits", ["pair_id"])["pair_id"].to_pylist())
    assert 0 < len(pairs) < len(small["fits"])


def test_measurements_are_read_together(root, store):
    names = ("estimator", "metric", "mode", "side", "baseline", "axis", "control")
    key = dict.fromkeys(names, "x")
    facts = open_run(root, OLD).commits()["match"][0].facts
    for measure in ("m00000000000a", "m00000000000b"):
        row = key | {"pair_id": "pa", "measure_id": measure, "value": 0.5}
        tables = {"faithfulness": pa.Table.from_pylist([row])}
        commit_block(store, OLD, f"measure-{measure}", 0, tables, facts)
    assert open_run(root, OLD).table("faithfulness").num_rows == 2


@pytest.mark.parametrize(
    ("name", "columns", "message"),
    [("effect", None, "did you mean 'effects'"), ("effects", ["efect"], "did you mean 'effect'")],
)
def test_an_unknown_name_answers_with_the_nearest(root, name, columns, message):
    with pytest.raises(InputError, match=message):
        open_run(root, "first").table(name, columns)
