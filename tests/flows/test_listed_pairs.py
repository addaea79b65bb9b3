"""Pairs from a list: refused before anything is encoded, counted by ``plan``, and explained by content.

Proves tasks.corpora.named_pairs.
"""

import shutil

import pytest
from rich.console import Console
from tiny_benchmark import LEAN, Benchmark, merged, run_of

from flows.execution import execute
from tasks.spec.reading import load_parameters

ONLY = merged(LEAN, {"pairs": {"positives": False}})


@pytest.fixture
def corpus(benchmark, tmp_path):
    """Four images, the last with the content of the first under a name of its own."""
    shutil.copytree(benchmark.folder, tmp_path / "corpus")
    own = Benchmark(tmp_path / "corpus")
    shutil.copy(own.images / "shapes-0.png", own.images / "shapes-3.png")
    return own


def listed(corpus, tmp_path, text, **changes):
    (tmp_path / "pairs.csv").write_text(text, encoding="utf-8")
    changes = merged(merged(ONLY, {"pairs": {"listed": "pairs.csv"}}), changes)
    return corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,caption\n0,0\n", "pairs.csv, line 2: there is no column 'left'; needed are left and right"),
        (
            "left,right\n0,0#0\n99,1#0\n",
            "pairs.csv, line 3: left '99' is no item of the corpus, as split and limit",
        ),
        ("left,right\n0,nine\n", "pairs.csv, line 2: right 'nine' is no item of the corpus"),
        ("left,right\n", "pairs.csv: has no row below its header"),
        ("", "pairs.csv: is empty"),
        ("left,right\n0\n", "pairs.csv, line 2: got 1 fields; the header has 2"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_before_anything_is_encoded(
    call, corpus, tmp_path, text, message
):
    status, out, err = call("explain", listed(corpus, tmp_path, text))
    assert (status, out) == (2, "")
    assert f"{tmp_path}/{message}" in err
    assert not (tmp_path / "tables").exists()


def test_an_item_with_itself_and_no_pairs_at_all_are_refused(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **ONLY)
    status, _, err = call("plan", spec)
    assert status == 2
    assert "pairs: no pair would be explained; ask for positives" in err


def test_only_listed_pairs_are_counted_and_explained(call, corpus, tmp_path):
    """Ids 0 and 3 are one content: three rows are two pairs of one image."""
    spec = listed(corpus, tmp_path, "left,right\n3,0#0\n0,0#0\n3,2#1\n")
    status, out, _ = call("plan", spec)
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert lines["pairs"] == "2 listed"
    assert out.count("(whole items 3, perturbed ") == 1
    outcome = execute("explain", load_parameters(spec), Console(quiet=True))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    assert run.run_id in out
    pairs = run.table("pairs", ["left_id", "right_id", "relation"]).to_pylist()
    assert len(pairs) == 2
    assert len({row["left_id"] for row in pairs}) == 1
    scored = run.table("item_fits", ["item_id"])["item_id"].unique()
    assert len(scored) == 3
