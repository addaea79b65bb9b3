"""Texts that answer texts, from end to end."""

from itertools import combinations

import numpy as np
import planted_plugin
import pytest
import yaml
from every import every
from tiny_benchmark import SPEC, explain, merged, run_of

from tasks.comparison.diff import diff_runs
from tasks.figures.links import strong_links
from tasks.figures.pair_picture import read_pair
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan
from tasks.query.database import Database
from tasks.report.terminal import match_lines, overview_lines
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters

ROWS = """query\tcandidate\trelevance
a red cat\tthe "ginger" kitten\t1
the big dog\ta hound\t1
the big dog\ta red cat\t0
a hound\tthe big dog\t1
\tnothing\t1
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Four texts, some of them on both sides, and an empty one; every coalition encoded."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "pairs.tsv").write_text(ROWS)
    changes = {
        "perturbation": {"design": "enumerate", "max_text_masks": 64},
        "faithfulness": {"sample": 1},
        "failures": {"tolerate": 1.0},
    }
    spec = merged(SPEC, changes) | {
        "corpus": {"format": "text_pairs", "annotations": str(folder / "pairs.tsv")},
        "output": str(folder / "tables"),
    }
    budget = estimate_budget(draft_plan(ExplainParameters.model_validate(spec)))
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome), budget, spec


def embeddings(text):
    """Embedding of every set of a text's words; removed words are dropped."""
    tower = planted_plugin.make("cpu", "float32").text
    words = text.split()
    sets = [kept for size in range(len(words) + 1) for kept in combinations(range(len(words)), size)]
    rows = tower.tokenise([" ".join(words[n] for n in kept) for kept in sets])
    return {kept: row.double().numpy() for kept, row in zip(sets, tower.encode(rows), strict=True)}


def test_views_have_the_words_of_both_texts(texts):
    run, _, _ = texts
    items = {row["item_id"]: row["text"] for row in run.table("items").to_pylist()}
    words = {(row["item_id"], row["segment"]): row["word"] for row in run.table("segments").to_pylist()}
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    with Database(run) as database:
        cells = database.query("FROM matches").read_all().to_pylist()
        effects = database.query("FROM word_effects").read_all().to_pylist()
    assert cells
    for row in cells:
        left, right = (pairs[row["pair_id"]][side] for side in ("left_id", "right_id"))
        assert (row["file"], row["caption"]) == (items[left], items[right])
        assert row["left_word"] == words[left, row["region"]]
        assert row["word"] == words[right, row["word_number"]]
    own = [row for row in run.table("main_effects").to_pylist() if row["estimator"] == "banzhaf"]
    by_place = {(row["pair_id"], row["side"], row["segment"]): row for row in own}
    assert len(effects) == len(own)
    assert {row["side"] for row in effects} == {"left", "right"}
    for row in effects:
        one = by_place[row["pair_id"], row["side"], row["word_number"]]
        assert row["effect"] == one["intact_effect"]
        assert row["word"] == words[pairs[row["pair_id"]][f"{row['side']}_id"], row["word_number"]]
        mates = [m for m in own if (m["pair_id"], m["side"]) == (row["pair_id"], row["side"])]
        assert row["n_words"] == len(mates)
        assert row["share_of_mass"] == pytest.approx(one["mass"] / sum(m["mass"] for m in mates), rel=1e-5)


def test_w_of_two_texts_is_the_banzhaf_interaction_by_its_definition(texts):
    run, _, _ = texts
    names = {row["item_id"]: row["text"] for row in run.table("items").to_pylist()}
    pairs = {
        (names[r["left_id"]], names[r["right_id"]]): r["pair_id"] for r in run.table("pairs").to_pylist()
    }
    pair = pairs["the big dog", "a hound"]
    cells = run.table("interactions").to_pylist()
    mine = [row for row in cells if (row["pair_id"], row["estimator"]) == (pair, "banzhaf")]
    g, h = embeddings("the big dog"), embeddings("a hound")
    assert len(mine) == 6
    for cell in mine:
        i, j = cell["left_segment"], cell["right_segment"]
        mixed = [
            (g[tuple(sorted((*s, i)))] - g[s]) @ (h[tuple(sorted((*t, j)))] - h[t])
            for s in g if i not in s
            for t in h if j not in t
        ]  # fmt: skip
        assert cell["weight"] == pytest.approx(np.mean(mixed), abs=1e-5)
    assert max(abs(cell["weight"]) for cell in mine) > 1e-3


def test_a_text_that_asks_and_answers_is_one_item_and_never_answers_itself(texts):
    run, budget, _ = texts
    row = run.table("runs").to_pylist()[0]
    assert (row["n_images"], row["n_texts"], row["n_failed"]) == (0, 5, 1)
    assert (budget.n_images, budget.n_texts) == (0, 6)
    pairs = run.table("pairs").to_pylist()
    assert {(one["left_modality"], one["right_modality"]) for one in pairs} == {("text", "text")}
    assert every(one["left_id"] != one["right_id"] for one in pairs)
    (failed,) = run.table("failures").to_pylist()
    assert failed["reason"] == "empty"
    assert verify_run(run.storage, run.run_id) == []
    assert diff_runs(run, run).bitwise


def test_people_read_of_texts_and_words(texts, tmp_path, call):
    run, _, _ = texts
    text = "\n".join(overview_lines(run))
    assert text.splitlines()[-2].startswith("5 texts; ")
    assert "query asks, candidates answer" in text
    assert "of what query and candidate do together" in text
    for word in ("caption", "photograph", "image", "region"):
        assert word not in text
    pair = run.table("fits")["pair_id"][0].as_py()
    assert every("  with " in line for line in match_lines(read_pair(run, pair)) if line.startswith("  "))
    status, out, err = call("show", run.run_id, pair, "--root", run.root, "--out", tmp_path / "pictures")
    assert status == 0, err
    assert "picture: " in out


def test_the_plan_times_texts_alone(texts, call, tmp_path):
    _, _, spec = texts
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(spec | {"output": str(tmp_path / "new")}))
    status, out, err = call("plan", path, "--calibrate", "--set", "blocks.text_batch=8")
    assert status == 0, err
    assert "0 images, 6 texts" in out
    assert " texts/s" in out
    assert "images/s" not in out


@pytest.mark.slow
def test_a_language_model_matches_words_of_one_meaning(tmp_path):
    """Espresso is coffee, a saucer is a plate, and dusk is nightfall."""
    rows = [
        ("A cup of espresso sits on a red saucer.", "Strong black coffee stands on a red plate."),
        (
            "A rocket stands upright on its launch pad at dusk.",
            "At nightfall, a spacecraft waits to be launched.",
        ),
    ]
    (tmp_path / "pairs.tsv").write_text("\n".join(["query\tcandidate", *map("\t".join, rows)]))
    spec = merged(SPEC, {"perturbation": {"max_text_masks": 128}, "faithfulness": {"sample": 0}}) | {
        "corpus": {"format": "text_pairs", "annotations": str(tmp_path / "pairs.tsv")},
        "model": {"name": "conse"},
        "estimators": ["banzhaf"],
        "blocks": {"text_batch": 32},
        "output": str(tmp_path / "tables"),
    }
    run = run_of(explain(spec))
    found = set()
    for name in run.table("pairs")["pair_id"].to_pylist():
        pair = read_pair(run, name)
        if pair.is_positive:
            links = strong_links(pair)[:4]
            found |= {(pair.left.words[a.left].text, pair.right.words[a.right].text) for a in links}
    assert {("espresso", "coffee"), ("red", "red"), ("saucer", "plate")} <= found
    assert {("dusk", "nightfall"), ("rocket", "spacecraft"), ("launch", "launched")} <= found


def test_all_pairs_leave_out_a_text_with_itself(texts, tmp_path):
    _, _, spec = texts
    run = run_of(explain(merged(spec, {"pairs": {"all": True}, "output": str(tmp_path)})))
    scored = {row["item_id"] for row in run.table("item_fits").to_pylist()}
    sides = {side: set() for side in ("left", "right")}
    for row in run.table("segment_totals").to_pylist():
        sides[row["side"]].add(row["item_id"])
    assert sides["left"] | sides["right"] == scored
    both = sides["left"] & sides["right"]
    assert len(both) == 3
    counted = sum(row["n"] for row in run.table("pair_histograms").to_pylist() if row["measure"] == "norm")
    assert counted == len(sides["left"]) * len(sides["right"]) - len(both)
    summaries = run.table("pair_summaries").to_pylist()
    assert len(summaries) == 2 * counted
    assert every(row["query_id"] != row["candidate_id"] for row in summaries)
