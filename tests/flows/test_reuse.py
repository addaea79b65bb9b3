"""What an earlier run has explained is not encoded again, and the new run needs nothing of the old one.

Proves tasks.forecast.reuse.
"""

import re
import shutil
from pathlib import Path

import planted_plugin
import pyarrow.compute as pc
import pytest
from tiny_benchmark import LEAN, add_picture, explain, make_benchmark, merged, run_of

from ilime_core.errors import InputError
from tasks.comparison.diff import diff_runs
from tasks.forecast.reuse import forecast_reuse
from tasks.planning.draft import draft_plan
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.plan import OpenRun
from tasks.runs.run import open_run
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters

OF_ITEMS = ("segments", "views", "embeddings", "effects", "item_fits")


REUSED = r"reused +(\d+) of the images and (\d+) of the texts.* ([\d,]+) image encodes and ([\d,]+) text"


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A run, one more photograph, a second run into the same output; rows that the towers saw for it."""
    folder = tmp_path_factory.mktemp("grown")
    corpus = make_benchmark(folder / "corpus", n_images=3)
    first = run_of(explain(corpus.spec(folder / "tables")))
    add_picture(corpus)
    before = dict(planted_plugin.rows)
    spec = corpus.spec(folder / "tables", faithfulness={"sample": 0})
    second = run_of(explain(spec))
    seen = {kind: planted_plugin.rows[kind] - before[kind] for kind in before}
    return first, second, seen, spec


def items_of(run):
    return {row["item_id"]: row for row in run.table("items").to_pylist()}


def test_only_the_new_photograph_and_its_captions_are_encoded(grown):
    first, second, seen, _ = grown
    [row] = second.table("runs").to_pylist()
    new = items_of(second).keys() - items_of(first).keys()
    assert len(new) == 3
    item_fits = second.table("item_fits").filter(pc.field("estimator") == "banzhaf").to_pylist()
    texts = {name for name, item in items_of(second).items() if item["modality"] == "text"}
    own = {row["item_id"]: row["n_encodes"] + 1 for row in item_fits if row["item_id"] in new}
    assert seen == {
        "image": sum(n for name, n in own.items() if name not in texts),
        "text": sum(n for name, n in own.items() if name in texts),
    }
    assert seen == {"image": row["image_encodes"], "text": row["text_encodes"]}


def test_everything_else_is_counted_as_reused(grown):
    first, second, _, _ = grown
    counts = [run.table("runs").to_pylist()[0] for run in (first, second)]
    for kind in ("image", "text"):
        assert counts[1][f"{kind}_encodes_reused"] == counts[0][f"{kind}_encodes"]
        assert counts[0][f"{kind}_encodes_reused"] == 0


@pytest.mark.parametrize("table", OF_ITEMS)
def test_rows_of_unchanged_items_are_the_same_bits(grown, table):
    first, second, _, _ = grown
    old = set(items_of(first))
    kept = second.table(table).filter(pc.field("item_id").isin(sorted(old)))
    names = [name for name in ("item_id", "estimator", "set", "row", "segment") if name in kept.column_names]
    order = [(name, "ascending") for name in names]
    assert kept.num_rows > 0
    assert kept.sort_by(order).equals(first.table(table).sort_by(order))


def test_the_new_run_equals_one_without_an_earlier_run(grown, tmp_path):
    _, second, _, spec = grown
    fresh = run_of(explain(spec | {"output": str(tmp_path)}))
    assert fresh.run_id == second.run_id
    report = diff_runs(fresh, second)
    assert report.same, report.lines
    # Its blocks are others: pairs are fitted in other batches, and sums over blocks have another order.
    moved = {one.table for one in report.comparisons if one.tolerated}
    assert moved <= {"fits", "global_factors", "aggregates"}


def test_the_new_run_lives_without_the_old_one(grown, tmp_path):
    first, second, _, _ = grown
    root = tmp_path / "tables"
    shutil.copytree(first.storage.url, root)
    for place in [*root.glob(f"*/run_id={first.run_id}"), root / "_runs" / first.run_id]:
        shutil.rmtree(place)
    alone = open_run(str(root), "latest")
    assert alone.run_id == second.run_id
    assert verify_run(alone.storage, alone.run_id, expected_blocks(OpenRun(str(root), alone.run_id))) == []
    assert diff_runs(second, alone).bitwise


def test_a_second_start_computes_nothing_and_says_so(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, err = call("explain", spec)
    assert status == 0, err
    assert "nothing to compute" not in out
    files = {path: path.stat().st_mtime_ns for path in Path(tmp_path).rglob("*") if path.is_file()}
    before = dict(planted_plugin.rows)
    status, out, err = call("explain", spec)
    assert status == 0, err
    assert f"nothing to compute: run {open_run(str(tmp_path / 'tables'), 'latest').run_id} is finished" in out
    assert planted_plugin.rows == before
    assert {path: path.stat().st_mtime_ns for path in Path(tmp_path).rglob("*") if path.is_file()} == files


@pytest.mark.slow
def test_other_parameters_reuse_no_effects_but_whole_items(benchmark, tmp_path):
    explain(benchmark.spec(tmp_path, faithfulness={"sample": 0}))
    run = run_of(
        explain(benchmark.spec(tmp_path, faithfulness={"sample": 0}, perturbation={"image_baseline": "blur"}))
    )
    [row] = run.table("runs").to_pylist()
    assert (row["image_encodes_reused"], row["text_encodes_reused"]) == (4, 8)
    assert row["image_encodes"] > 100


def test_measuring_differently_adds_rows_and_measuring_again_none(benchmark, tmp_path):
    spec = benchmark.spec(tmp_path)
    run = run_of(explain(spec))
    one = run.table("faithfulness")
    assert explain(spec, "measure").computed == 0
    more = benchmark.spec(tmp_path, faithfulness={"random_orders": 5})
    assert explain(more, "measure").computed > 0
    both = run_of(explain(more)).table("faithfulness")
    measures = dict.fromkeys(both["measure_id"].to_pylist())
    assert len(measures) == 2
    own = both.filter(pc.field("measure_id") == one["measure_id"][0]).sort_by("pair_id")
    assert own.num_rows == one.num_rows
    assert both.num_rows == 2 * one.num_rows


def test_a_night_is_measured_although_the_corpus_has_grown_since(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    spec = corpus.spec(tmp_path / "tables", faithfulness={"sample": 2, "random_orders": 2})
    night = run_of(explain(spec | {"faithfulness": {"sample": 0}}))
    add_picture(corpus)
    morning = explain(spec, "measure")
    assert (morning.run.run_id, morning.finished, morning.computed > 0) == (night.run_id, True, True)
    measured = set(run_of(morning).table("faithfulness")["pair_id"].to_pylist())
    assert len(measured) == 2
    assert measured < set(night.table("pairs")["pair_id"].to_pylist())
    for other in ({"seed": 1}, {"corpus": spec["corpus"] | {"limit": 1}}):
        with pytest.raises(InputError, match="is not finished"):
            explain(spec | other, "measure")


def test_every_night_pays_for_new_items_only_and_says_so_before(call, tmp_path):
    """The corpus grows three times; `ilime plan` counts what the run then reuses, to the encode."""
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    spec = corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **LEAN)
    for night in range(4):
        if night:
            add_picture(corpus, seed=90 + night)
        known = items_of(open_run(str(tmp_path / "tables"), "latest")) if night else {}
        status, said, err = call("plan", spec)
        assert status == 0, err
        before = dict(planted_plugin.rows)
        status, _, err = call("explain", spec)
        assert status == 0, err
        seen = {kind: planted_plugin.rows[kind] - before[kind] for kind in before}
        run = open_run(str(tmp_path / "tables"), "latest")
        new = {name: item["modality"] for name, item in items_of(run).items() if name not in known}
        assert len(new) == (6, 3, 2, 2)[night]  # one of the new captions is the same every night
        own = {row["item_id"]: row["n_encodes"] + 1 for row in run.table("item_fits").to_pylist()}
        expected = {kind: sum(own[name] for name, of in new.items() if of == kind) for kind in seen}
        assert seen == expected
        [row] = run.table("runs").to_pylist()
        reused = re.search(REUSED, said)
        assert (reused is not None) == bool(night)
        if reused:
            numbers = [int(text.replace(",", "")) for text in reused.groups()]
            old = [item["modality"] for item in known.values()]
            assert numbers[:2] == [old.count("image"), old.count("text")]
            assert numbers[2:] == [row["image_encodes_reused"], row["text_encodes_reused"]]


@pytest.mark.parametrize(
    ("n_random", "names"), [(0, {"0", "0#0"}), (1, None)], ids=["listed", "listed-and-random"]
)
def test_the_forecast_counts_the_items_that_the_pairs_ask_for(grown, tmp_path, n_random, names):
    """Random candidates of every item: all are explained, and not only those of the listed pair."""
    _, run, _, spec = grown
    (tmp_path / "pairs.csv").write_text("left,right\n0,0#0\n", encoding="utf-8")
    pairs = {"positives": False, "errors": False, "retrieved": 0, "random": n_random}
    changes = {"pairs": pairs | {"listed": str(tmp_path / "pairs.csv")}}
    found = forecast_reuse(draft_plan(ExplainParameters.model_validate(merged(spec, changes))))
    items = run.table("items").to_pylist()
    fits = run.table("item_fits").to_pylist()
    encodes = {row["item_id"]: row["n_encodes"] for row in fits}
    for kind, whole, every in (
        ("image", found.images, found.image_encodes),
        ("text", found.texts, found.text_encodes),
    ):
        own = [row for row in items if row["modality"] == kind]
        assert whole == len(own)
        asked = [row["item_id"] for row in own if names is None or row["external_id"] in names]
        assert every - whole == sum(encodes[name] for name in asked) > 0
