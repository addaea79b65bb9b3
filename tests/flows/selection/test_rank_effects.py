"""Ranks without a segment in a run, against brute force on the towers.

Proves tasks.stages.select.rank_effects.
"""

import numpy as np
import planted_plugin
import pytest
from every import every
from killing import Ended, ended_after
from planted_brute_force import picture_embeddings, text_embeddings
from selected_runs import BASE, finished
from tiny_benchmark import explain, merged

from tasks.comparison.diff import diff_runs
from tasks.query.database import Database

WANTED = merged(
    BASE,
    {"selection": {"methods": ["ranks"], "sides": ["left", "right"], "sample": 5}, "estimators": ["banzhaf"]},
)


@pytest.fixture(scope="module")
def ranked(corpus, tmp_path_factory):
    return finished(corpus.spec(tmp_path_factory.mktemp("ranked"), **WANTED))


def test_rows_are_those_of_brute_force(corpus, ranked):
    items = {row["item_id"]: row for row in ranked.table("items").to_pylist()}
    pools = {
        kind: {name: np.array(row["embedding"]) for name, row in items.items() if row["modality"] == kind}
        for kind in ("image", "text")
    }
    matches = {}
    for row in ranked.table("pairs").to_pylist():
        matches.setdefault(row["left_id"], set()).add(row["right_id"])
        matches.setdefault(row["right_id"], set()).add(row["left_id"])
    first = {
        (row["query_id"], row["direction"]): row["candidate_id"]
        for row in ranked.table("rankings").to_pylist()
        if row["rank"] == 1
    }
    rows = ranked.table("rank_effects").to_pylist()
    assert {row["direction"] for row in rows} == {"left_to_right", "right_to_left"}
    queries = {}
    for row in rows:
        queries.setdefault(row["query_id"], []).append(row)
    for query, own in queries.items():
        item = items[query]
        if item["modality"] == "image":
            embeddings, pool = picture_embeddings(corpus.images / item["uri"]), pools["text"]
        else:
            embeddings, pool = text_embeddings(item["text"]), pools["image"]
        n = max(map(len, embeddings))
        assert sorted(row["segment"] for row in own) == list(range(n))
        for row in own:
            kept = tuple(segment for segment in range(n) if segment != row["segment"])
            for members, rank, score in (
                (tuple(range(n)), "rank_before", "score_correct_before"),
                (kept, "rank_after", "score_correct"),
            ):
                scores = {name: float(vector @ embeddings[members]) for name, vector in pool.items()}
                order = sorted(scores, key=lambda name: (-scores[name], name))
                place = next(place for place, name in enumerate(order) if name in matches[query])
                assert row[rank] == place + 1
                assert row[score] == pytest.approx(scores[order[place]], abs=2e-6)
            assert row["correct_id"] == order[place]
            wrong = next(name for name in order if name not in matches[query])
            assert (row["best_wrong_id"], row["n_pool"]) == (wrong, len(pool))
            assert row["score_best_wrong"] == pytest.approx(scores[wrong], abs=2e-6)
            assert row["is_hit_before"] == (first[query, row["direction"]] in matches[query])
            assert row["is_hit_after"] == (row["rank_after"] == 1)
    assert len({row["rank_after"] for row in rows}) > 1


def test_a_query_of_several_pairs_is_asked_once_in_any_cut_of_blocks(corpus, ranked, tmp_path):
    cut = finished(corpus.spec(tmp_path, **merged(WANTED, {"blocks": {"image_encodes": 8}})))
    stages = [next(name for name in run.commits() if name.startswith("select-")) for run in (ranked, cut)]
    assert len(ranked.commits()[stages[0]]) < len(cut.commits()[stages[1]])
    assert diff_runs(ranked, cut).same
    rows = cut.table("rank_effects").to_pylist()
    keys = [(row["query_id"], row["direction"], row["segment"]) for row in rows]
    assert len(keys) == len(set(keys)) > 0


def test_each_segment_is_encoded_once_and_counted(corpus, ranked, tmp_path):
    plain = corpus.spec(tmp_path, **merged(WANTED, {"selection": {"methods": []}}))
    finished(plain)
    before = dict(planted_plugin.rows)
    run = finished(corpus.spec(tmp_path, **WANTED), "measure")
    spent = {name: planted_plugin.rows[name] - before[name] for name in before}
    rows = run.table("rank_effects").to_pylist()
    kinds = {"left_to_right": "image", "right_to_left": "text"}
    assert spent == {
        kind: sum(row["direction"] == direction for row in rows) for direction, kind in kinds.items()
    }
    counts = [
        commit.facts.counts
        for stage, blocks in run.commits().items()
        for commit in blocks.values()
        if stage.startswith("select")
    ]
    assert spent == {
        kind: sum(getattr(one, f"{kind}_encodes") for one in counts) for kind in ("image", "text")
    }
    assert every(row["selection_id"] == rows[0]["selection_id"] for row in rows)


@pytest.mark.parametrize("seed", range(2))
def test_an_end_at_any_write_is_made_good(corpus, tmp_path, monkeypatch, seed):
    blocks = {"blocks": {"image_encodes": 8}}
    whole = finished(corpus.spec(tmp_path / "whole", **merged(WANTED, blocks)))
    finished(corpus.spec(tmp_path / "ended", **merged(WANTED, blocks | {"selection": {"methods": []}})))
    spec = corpus.spec(tmp_path / "ended", **merged(WANTED, blocks))
    rng = np.random.default_rng(seed)
    for _ in range(2):
        before = bool(rng.random() < 0.5)
        with ended_after(monkeypatch, int(rng.integers(2, 5)), before=before), pytest.raises(Ended):
            explain(spec, "measure")
    report = diff_runs(whole, finished(spec, "measure"))
    assert report.bitwise, report.lines
    assert whole.table("rank_effects").num_rows > 0


def test_the_view_names_queries_segments_and_what_becomes_of_the_hit(ranked):
    rows = {
        (row["query_id"], row["direction"], row["segment"]): row
        for row in ranked.table("rank_effects").to_pylist()
    }
    items = {row["item_id"]: row["text"] or row["uri"] for row in ranked.table("items").to_pylist()}
    segments = {(row["item_id"], row["segment"]): row for row in ranked.table("segments").to_pylist()}
    with Database(ranked) as database:
        found = database.query("FROM rank_changes").read_all().to_pylist()
    assert len(found) == len(rows) > 0
    for row in found:
        own = rows[row["query_id"], row["direction"], row["segment"]]
        segment = segments[row["query_id"], row["segment"]]
        assert (row["rank_before"], row["rank_after"]) == (own["rank_before"], own["rank_after"])
        assert (row["word"], row["x"]) == (segment["word"], segment["bbox_x"])
        assert (row["query"], row["correct"]) == (items[row["query_id"]], items[own["correct_id"]])
        kept = own["is_hit_before"] == own["is_hit_after"]
        outcome = "hit" if own["rank_after"] == 1 else "error"
        assert row["outcome"] == f"{'stays' if kept else 'becomes'} {outcome}"
