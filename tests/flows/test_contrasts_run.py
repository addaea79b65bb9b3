"""Contrasts from end to end: scores, margins and accuracies by their definitions, in blocks of any size.

Proves tasks.stages.match.contrasts, tasks.stages.match.contrast_accuracy, tasks.corpora.contrasted_pairs,
tasks.run_files.planned_contrasts and tasks.query.views.edited_captions.
"""

import json
import shutil

import numpy as np
import planted_plugin
import pytest
from contrast_runs import spec_of, write
from tiny_benchmark import explain, merged, picture, run_of

from ilime_core.aggregates.wilson import wilson_interval
from tasks.comparison.diff import diff_runs
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan
from tasks.query.database import Database
from tasks.report.terminal import overview_lines
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters

WAYS = ("left_to_right", "right_to_left")


WINOGROUND = [
    {
        "id": n, "image_0": f"{2 * n}", "image_1": f"{2 * n + 1}", "collapsed_tag": ("Object", "Relation")[n],
        "caption_0": f"a {picture(2 * n)[1]}", "caption_1": f"a {picture(2 * n + 1)[1]}",
    }
    for n in range(2)
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two questions of Winoground, whose right captions are edited, too."""
    folder = tmp_path_factory.mktemp("contrasts")
    corpus = write(folder, "examples.jsonl", "\n".join(map(json.dumps, WINOGROUND)))
    corpus["edits"] = ["colours", "number", "shuffle", "detail"]
    spec = spec_of(corpus, folder / "tables")
    draft = draft_plan(ExplainParameters.model_validate(spec))
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome), draft, spec


def embedding(items, name):
    return np.array(items[name]["embedding"], dtype=np.float64)


def test_scores_are_inner_products_and_the_higher_one_wins(made):
    run, _, _ = made
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    rows = run.table("contrasts").to_pylist()
    assert {row["edit"] for row in rows} == {"winoground", "colours", "shuffle", "detail"}
    for row in rows:
        query = embedding(items, row["query_id"])
        good, bad = (query @ embedding(items, row[name]) for name in ("correct_id", "edited_id"))
        assert (row["score_correct"], row["score_edited"]) == pytest.approx((good, bad), abs=2e-6)
        assert row["margin"] == pytest.approx(good - bad, abs=4e-6)
        assert row["won"] is bool(row["score_correct"] > row["score_edited"])
        assert row["tied"] is bool(row["score_correct"] == row["score_edited"])
        assert row["is_explained"] is True
    own = [row for row in rows if row["edit"] == "winoground"]
    assert sorted((row["question"], row["direction"]) for row in own) == sorted(
        (name, way) for name in "01" for way in WAYS for _ in range(2)
    )
    first = next(row for row in own if (row["question"], row["direction"]) == ("1", "right_to_left"))
    assert items[first["query_id"]]["text"] in {WINOGROUND[1]["caption_0"], WINOGROUND[1]["caption_1"]}
    assert items[first["correct_id"]]["modality"] == "image"


def test_edited_pairs_are_explained_and_named_contrasts(made):
    run, draft, _ = made
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    fitted = set(run.table("fits")["pair_id"].to_pylist())
    held = set()
    for row in run.table("contrasts").to_pylist():
        assert pairs[row["correct_pair_id"]]["relation"] == "positive"
        assert pairs[row["edited_pair_id"]]["relation"] == "contrast"
        assert pairs[row["edited_pair_id"]]["score"] == row["score_edited"]
        held |= {row["correct_pair_id"], row["edited_pair_id"]}
    assert held <= fitted
    assert estimate_budget(draft).n_contrasts == len(held)


def test_margins_of_contrasts_by_brute_force_over_all_coalitions(made, tmp_path):
    """With every coalition encoded a Banzhaf value is a mean of differences of scores."""
    _, _, spec = made
    changes = {
        "perturbation": {"design": "enumerate", "max_text_masks": 16384, "max_image_masks": 16},
        "segmentation": {"image": {"n_segments": 4}},
        "corpus": {"edits": ["detail"]},
    }
    run = run_of(explain(merged(spec, changes) | {"output": str(tmp_path / "tables")}))
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    rows = [row for row in run.table("margins").to_pylist() if row["reason"] == "contrast"]
    contrasts = {
        (row["correct_pair_id"], row["edited_pair_id"], row["direction"]): row
        for row in run.table("contrasts").to_pylist()
    }
    assert {(row["correct_pair_id"], row["wrong_pair_id"], row["direction"]) for row in rows} == set(
        contrasts
    )
    parts = run.table("margin_effects").to_pylist()
    tower = planted_plugin.make("cpu", "float32").text
    checked = 0
    for row in rows:
        known = contrasts[row["correct_pair_id"], row["wrong_pair_id"], row["direction"]]
        assert row["margin"] == pytest.approx(known["margin"], abs=4e-6)
        if row["direction"] != "left_to_right":
            continue
        keys = ("query_id", "direction", "reason", "number", "estimator")
        own = [one for one in parts if all(one[key] == row[key] for key in keys)]
        query = embedding(items, row["query_id"])
        for part, name, sign in (("correct", "correct_id", 1), ("wrong", "edited_id", -1)):
            words = items[known[name]]["text"].split()
            if len(words) > 9:
                continue
            found = {one["segment"]: one["effect"] for one in own if one["part_of"] == part}
            assert found == pytest.approx(
                {n: sign * value for n, value in enumerate(banzhaf(tower, words, query))}, abs=2e-4
            )
            checked += 1
    assert checked >= 4


def banzhaf(tower, words, query):
    """Mean change of the score with a query when a word comes, over all sets of the others."""
    count = len(words)
    sets = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    texts = [" ".join(word for word, kept in zip(words, row, strict=True) if kept) for row in sets]
    scores = tower.encode(tower.tokenise(texts)).double().numpy() @ query
    return [scores[sets[:, n]].mean() - scores[~sets[:, n]].mean() for n in range(count)]


def test_accuracy_is_counted_by_direction_edit_and_category(made):
    run, _, _ = made
    rows = run.table("contrasts").to_pylist()
    found = {
        (row["direction"], row["edit"], row["category"], row["measure"]): row
        for row in run.table("contrast_accuracy").to_pylist()
    }
    groups = {(row["direction"], row["edit"], name) for row in rows for name in (row["category"], "all")}
    for way, edit, category in groups:
        own = [
            row
            for row in rows
            if (row["direction"], row["edit"]) == (way, edit) and category in {"all", row["category"]}
        ]
        won = found[way, edit, category, "won"]
        n_won = sum(row["won"] for row in own)
        assert (won["value"], won["n"], won["chance"]) == (n_won / len(own), len(own), 0.5)
        assert (won["low"], won["high"]) == wilson_interval(n_won, len(own))
        margins = np.array([row["margin"] for row in own], dtype=np.float64)
        assert found[way, edit, category, "lost"]["value"] == np.mean(margins < 0)
        assert found[way, edit, category, "margin"]["value"] == pytest.approx(margins.mean())
        assert found[way, edit, category, "change"]["value"] == pytest.approx(np.abs(margins).mean())
    assert found[WAYS[0], "number", "all", "won"]["value"] is None
    assert found[WAYS[0], "number", "all", "won"]["n_unedited"] == 4
    assert found[WAYS[0], "colours", "all", "won"]["n_unedited"] == 0
    changes = {
        edit: [abs(row["margin"]) for row in rows if row["edit"] == edit]
        for edit in ("colours", "shuffle", "detail")
    }
    scale = np.mean(changes["colours"] + changes["detail"])
    told = found[WAYS[0], "shuffle", "all", "relative_change"]
    assert told["value"] == pytest.approx(np.mean(changes["shuffle"]) / scale)


def test_questions_are_won_when_all_their_contrasts_are(made):
    run, _, _ = made
    own = [row for row in run.table("contrasts").to_pylist() if row["edit"] == "winoground"]
    found = {
        (row["direction"], row["category"]): row
        for row in run.table("contrast_accuracy").to_pylist()
        if row["measure"] == "all_won"
    }
    assert {key[0] for key in found} == {*WAYS, "both"}
    for (way, category), row in found.items():
        chosen = [
            one for one in own if category in {"all", one["category"]} and way in {one["direction"], "both"}
        ]
        names = {one["question"] for one in chosen}
        won = [all(one["won"] for one in chosen if one["question"] == name) for name in names]
        assert (row["value"], row["n"]) == (np.mean(won), len(names))
        assert row["chance"] == pytest.approx(1 / 6 if way == "both" else 1 / 4)


def test_blocks_of_another_size_give_the_same_tables(made, tmp_path):
    run, _, spec = made
    changes = {"blocks": {"image_encodes": 4000, "text_encodes": 40, "pairs": 2}, "output": str(tmp_path)}
    other = run_of(explain(merged(spec, changes)))
    assert diff_runs(run, other).same
    assert verify_run(other.storage, other.run_id) == []


def test_people_read_the_accuracies(made):
    run, _, _ = made
    lines = overview_lines(run)
    start = next(n for n, line in enumerate(lines) if line.startswith("contrasts"))
    table = "\n".join(lines[start:])
    for word in ("winoground", "shuffle", "chance"):
        assert word in table


def test_contrasts_are_scored_but_not_explained_where_that_is_off(made, tmp_path):
    run, _, spec = made
    changed = merged(spec, {"pairs": {"contrasts": False}, "output": str(tmp_path)})
    plain = run_of(explain(changed))
    assert plain.run_id != run.run_id
    columns = ["question", "edit", "correct_pair_id", "edited_pair_id", "score_edited", "won"]
    assert plain.table("contrasts", columns).equals(run.table("contrasts", columns))
    assert set(plain.table("margins")["reason"].to_pylist()) <= {"error"}
    assert "contrast" not in plain.table("pairs")["relation"].to_pylist()
    foreseen = estimate_budget(draft_plan(ExplainParameters.model_validate(changed)))
    assert foreseen.n_contrasts == 0
    # Edited captions may be the wrong candidates that won, and are explained then.
    spent = sum(one.facts.counts.text_encodes for one in plain.commits()["score"].values())
    assert foreseen.score_texts >= spent > 0


def test_queries_that_are_not_sampled_are_scored_but_not_explained(made, tmp_path):
    _, _, spec = made
    run = run_of(explain(merged(spec, {"pairs": {"sample_queries": 1}, "output": str(tmp_path)})))
    rows = run.table("contrasts").to_pylist()
    explained = {row["query_id"] for row in rows if row["is_explained"]}
    assert len(rows) > sum(row["is_explained"] for row in rows) > 0
    margins = run.table("margins").to_pylist()
    assert {row["query_id"] for row in margins if row["reason"] == "contrast"} <= explained


def test_a_killed_run_is_finished_with_the_same_tables(made, tmp_path):
    """Stopped when match has committed: what is left is computed from the frozen plan."""
    run, _, spec = made
    shutil.copytree(run.root, tmp_path / "tables")
    commits = tmp_path / "tables" / "_runs" / run.run_id / "commits"
    for stage in ("fit", "summarise", "finish", "measure"):
        shutil.rmtree(commits / stage, ignore_errors=True)
    (commits.parent / "records.jsonl").unlink()
    outcome = explain(merged(spec, {"output": str(tmp_path / "tables"), "runner": {"blocks_per_task": 2}}))
    assert outcome.finished
    assert outcome.run.run_id == run.run_id
    assert diff_runs(run, run_of(outcome)).bitwise


def test_the_view_names_all_three_items(made):
    run, _, _ = made
    items = {row["item_id"]: row["text"] or row["uri"] for row in run.table("items").to_pylist()}
    contrasts = run.table("contrasts").to_pylist()
    with Database(run) as database:
        found = database.query("FROM edited_captions").read_all().to_pylist()
    assert len(found) == len(contrasts) > 4
    names = {
        (*(items[row[name]] for name in ("query_id", "correct_id", "edited_id")), row["won"])
        for row in contrasts
    }
    assert {(row["query"], row["correct"], row["edited"], row["won"]) for row in found} == names
