"""Retrieval of a whole run against all scores of its embeddings.

Proves tasks.stages.match.tables.
"""

import numpy as np
import pytest
from every import every
from sklearn.metrics import balanced_accuracy_score, roc_auc_score


def test_ranks_and_metrics_are_those_of_a_naive_ranking(reference):
    items = reference.table("items").to_pylist()
    sides = [[row for row in items if row["modality"] == kind] for kind in ("image", "text")]
    relevant = {
        (row["left_id"], row["right_id"])
        for row in reference.table("pairs").to_pylist()
        if row["is_positive"]
    }
    stored = reference.table("rankings").to_pylist()
    metrics = {
        (row["direction"], row["metric"]): row["value"]
        for row in reference.table("retrieval_metrics").to_pylist()
    }
    for direction, (queries, pool) in (("left_to_right", sides), ("right_to_left", sides[::-1])):
        best = []
        for query in queries:
            scored = sorted(
                ((np.dot(query["embedding"], one["embedding"]), one["item_id"]) for one in pool), reverse=True
            )
            names = [name for _, name in scored]
            rows = [r for r in stored if (r["query_id"], r["direction"]) == (query["item_id"], direction)]
            rows.sort(key=lambda row: row["rank"])
            assert [row["candidate_id"] for row in rows] == names[:10]
            np.testing.assert_allclose([row["score"] for row in rows], [s for s, _ in scored[:10]], atol=1e-6)
            pair = (lambda a, b: (a, b)) if direction == "left_to_right" else (lambda a, b: (b, a))
            hits = [k for k, name in enumerate(names, 1) if pair(query["item_id"], name) in relevant]
            assert [row["rank"] for row in rows if row["relevant"]] == [hit for hit in hits if hit <= 10]
            best.append(hits[0])
        for k in (1, 5, 10):
            assert metrics[direction, f"recall_at_{k}"] == pytest.approx(np.mean(np.array(best) <= k))
        assert metrics[direction, "median_rank"] == np.median(best)


def test_separation_and_hubs_are_those_of_all_scores(reference):
    items = reference.table("items").to_pylist()
    sides = [[row for row in items if row["modality"] == kind] for kind in ("image", "text")]
    images, texts = (np.array([row["embedding"] for row in side]) for side in sides)
    places = [{row["item_id"]: place for place, row in enumerate(side)} for side in sides]
    relevant = np.zeros((len(images), len(texts)), dtype=bool)
    for row in reference.table("pairs").to_pylist():
        if row["is_positive"]:
            relevant[places[0][row["left_id"]], places[1][row["right_id"]]] = True
    metrics = {
        (row["direction"], row["metric"]): row for row in reference.table("retrieval_metrics").to_pylist()
    }
    hubs = reference.table("hub_candidates").to_pylist()
    scores = (images @ texts.T).round(6)
    for direction, matrix, matches, pool in (
        ("left_to_right", scores, relevant, sides[1]),
        ("right_to_left", scores.T, relevant.T, sides[0]),
    ):
        found = {metric: row["value"] for (name, metric), row in metrics.items() if name == direction}
        hardest = np.where(matches, -np.inf, matrix).max(axis=1)
        labels = np.r_[np.ones(matches.sum()), np.zeros(len(hardest))]
        values = np.r_[matrix[matches], hardest]
        assert found["auroc"] == pytest.approx(roc_auc_score(labels, values), abs=1e-9)
        accepted = balanced_accuracy_score(labels, values >= found["threshold"] - 1e-7)
        assert found["balanced_accuracy"] == pytest.approx(accepted)
        gap = np.linalg.norm(images.mean(axis=0) - texts.mean(axis=0))
        assert found["modality_gap"] == pytest.approx(gap, rel=1e-6)
        first = np.argsort(-matrix, axis=1)[:, : min(10, len(pool))]
        counts = np.bincount(first.ravel(), minlength=len(pool))
        own = [row for row in hubs if row["direction"] == direction]
        assert [row["rank"] for row in own] == list(range(1, len(own) + 1))
        named = {row["item_id"]: count for row, count in zip(pool, counts.tolist(), strict=True)}
        assert [row["k_occurrence"] for row in own] == sorted(counts[counts > 0].tolist(), reverse=True)[:20]
        assert every(named[row["candidate_id"]] == row["k_occurrence"] for row in own)
        assert {row["expected"] for row in own} == {counts.mean()}
        assert metrics[direction, "auroc"]["n_queries"] == len(matrix)
