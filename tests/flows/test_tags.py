"""Tags of a run: columns of the corpus in its items, and what a change of them makes of the run's id."""

import json
import shutil

import pytest
from tiny_benchmark import LEAN, Benchmark, explain, run_of

from tasks.planning.draft import draft_plan
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters

HOSTILE = "<script>alert(1)</script>\n" + "x" * 100_000


@pytest.fixture(scope="module")
def tagged(benchmark, tmp_path_factory):
    """The tiny benchmark with tags; the last image is the first one under another name."""
    folder = tmp_path_factory.mktemp("tagged") / "corpus"
    shutil.copytree(benchmark.folder, folder)
    tree = json.loads((folder / "annotations.json").read_text())
    for entry, source in zip(tree["images"], ["coco", "flickr", HOSTILE, None], strict=True):
        entry["source"] = source
    shutil.copy(folder / "images" / tree["images"][0]["filename"], folder / "images" / "again.png")
    again = {"filename": "again.png", "imgid": 9, "split": "test", "source": "other", "level": 4}
    tree["images"].append(again | {"sentences": [{"raw": "the same once more"}]})
    (folder / "annotations.json").write_text(json.dumps(tree))
    return Benchmark(folder)


def spec(corpus, output, tags):
    return corpus.spec(output, corpus={"tags": tags}, **LEAN)


def tags_of(run):
    rows = run.table("items", ["external_id", "modality", "tags"]).to_pylist()
    return {(row["modality"], row["external_id"]): row["tags"] and dict(row["tags"]) for row in rows}


def test_items_have_the_tags_of_all_their_rows_and_copied_ones_those_of_their_own_run(tagged, tmp_path):
    first = run_of(explain(spec(tagged, tmp_path, ["source"])))
    found = tags_of(first)
    images = {name: tags for (modality, name), tags in found.items() if modality == "image"}
    script = "<script>alert(1)</script> " + "x" * 73 + "…"
    assert images == {
        "0": {"source": "coco"},
        "1": {"source": "flickr"},
        "2": {"source": script},
        "3": None,
    }
    texts = [tags for (modality, _), tags in found.items() if modality == "text"]
    assert texts.count({"source": "coco"}) == 2
    assert texts.count({"source": "other"}) == 1
    assert texts.count(None) == 2
    outcome = explain(spec(tagged, tmp_path, ["level", "source"]))
    second = open_run(str(tmp_path), outcome.run.run_id)
    assert second.run_id != first.run_id
    assert tags_of(second)["image", "0"] == {"source": "coco", "level": "4"}
    counts = second.table("runs").to_pylist()[0]
    assert counts["image_encodes"] == 0  # all was copied, but for the tags


def test_tags_define_the_run_and_no_tags_leave_its_id(tagged, tmp_path):
    def run_id(tags, **changes):
        given = ExplainParameters.model_validate(spec(tagged, tmp_path, tags) | changes)
        return draft_plan(given).run_id

    plain = run_id([])
    assert len({plain, run_id(["source"]), run_id(["level"]), run_id(["source", "level"])}) == 4
    assert run_id(["source", "level"]) == run_id(["level", "source"])
