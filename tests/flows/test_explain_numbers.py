"""Tables of a whole run against brute force that shares no code with the run.

Proves flows.execution, flows.session.pipeline, tasks.stages.score.score,
tasks.stages.segment.segment.
"""

import numpy as np
import planted_plugin
import pytest
from planted_brute_force import picture_embeddings, text_embeddings
from tiny_benchmark import explain, make_benchmark, run_of

from ilime_core.pictures.decoding import label_map_from_png

SIDE = planted_plugin.SIDE


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three pictures of four regions, captions of up to nine words, every coalition encoded."""
    folder = tmp_path_factory.mktemp("small")
    corpus = make_benchmark(folder / "corpus", n_images=3)
    masks = {"design": "enumerate", "max_image_masks": 16, "max_text_masks": 512}
    spec = corpus.spec(
        folder / "tables",
        segmentation={"image": {"n_segments": 4}},
        perturbation=masks,
        pairs={"retrieved": 2},
        faithfulness={"sample": 0},
        blocks={"text_encodes": 100_000, "text_batch": 64},
    )
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return corpus, run_of(outcome)


def banzhaf_effects(embeddings, n):
    """Mean over sets without i of what i brings."""
    return np.array(
        [
            np.mean(
                [embeddings[tuple(sorted((*s, i)))] - e for s, e in embeddings.items() if i not in s], axis=0
            )
            for i in range(n)
        ]
    )


def pairs_of(corpus, run):
    """Each pair with its row, embeddings of both items, and n and m."""
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    pictures = {
        name: picture_embeddings(corpus.images / row["uri"])
        for name, row in items.items()
        if row["modality"] == "image"
    }
    texts = {
        name: text_embeddings(row["text"])
        for name, row in items.items()
        if row["modality"] == "text" and "," not in row["text"]
    }
    for row in run.table("pairs").to_pylist():
        if row["right_id"] in texts:
            g, h = pictures[row["left_id"]], texts[row["right_id"]]
            yield row, g, h, 4, len(max(h, key=len))


def matrix(run, pair_id, estimator):
    rows = [
        row
        for row in run.table("interactions").to_pylist()
        if row["pair_id"] == pair_id and row["estimator"] == estimator
    ]
    n, m = (1 + max(row[f"{side}_segment"] for row in rows) for side in ("left", "right"))
    w = np.zeros((n, m))
    for row in rows:
        w[row["left_segment"], row["right_segment"]] = row["weight"]
    return w


def test_w_is_the_banzhaf_interaction_by_its_definition(small):
    """Four scores a cell, averaged over all sets of the others: no effects, no inner products of them."""
    checked = 0
    for row, g, h, n, m in pairs_of(*small):
        left, right = (sorted(side, key=lambda s: (len(s), s)) for side in (g, h))
        scores = np.array([g[s] for s in left]) @ np.array([h[t] for t in right]).T
        at = {s: k for k, s in enumerate(left)}, {t: k for k, t in enumerate(right)}
        expected = np.zeros((n, m))
        for i in range(n):
            without = [s for s in left if i not in s]
            rows = (
                scores[[at[0][tuple(sorted((*s, i)))] for s in without]] - scores[[at[0][s] for s in without]]
            )
            for j in range(m):
                others = [t for t in right if j not in t]
                joined = [at[1][tuple(sorted((*t, j)))] for t in others]
                expected[i, j] = np.mean(rows[:, joined] - rows[:, [at[1][t] for t in others]])
        np.testing.assert_allclose(matrix(small[1], row["pair_id"], "banzhaf"), expected, atol=1e-5)
        assert np.abs(expected).max() > 1e-2
        checked += 1
    assert checked >= 3


def test_corners_scores_and_main_effects(small):
    _, run = small
    fits = {(row["pair_id"], row["estimator"]): row for row in run.table("fits").to_pylist()}
    effects = run.table("main_effects").to_pylist()
    for row, g, h, n, m in pairs_of(*small):
        full, whole = tuple(range(n)), tuple(range(m))
        fit = fits[row["pair_id"], "banzhaf"]
        assert row["score"] == pytest.approx(g[full] @ h[whole], abs=1e-5)
        assert fit["f_full"] == pytest.approx(g[full] @ h[whole], abs=1e-5)
        assert fit["f_left_empty"] == pytest.approx(g[()] @ h[whole], abs=1e-5)
        assert fit["f_right_empty"] == pytest.approx(g[full] @ h[()], abs=1e-5)
        assert fit["f_empty"] == pytest.approx(g[()] @ h[()], abs=1e-5)
        left = [
            (one["effect"], one["intact_effect"])
            for one in sorted(effects, key=lambda one: one["segment"])
            if (one["pair_id"], one["estimator"], one["side"]) == (row["pair_id"], "banzhaf", "left")
        ]
        a, mean = banzhaf_effects(g, n), np.mean(list(h.values()), axis=0)
        np.testing.assert_allclose(left, np.stack([a @ mean, a @ h[whole]], axis=1), atol=1e-5)


def test_product_shapley_is_complete(small, reference):
    """Sampled and enumerated alike: W sums to the mixed difference of the four corners."""
    for run in (small[1], reference):
        fits = [row for row in run.table("fits").to_pylist() if row["estimator"] == "product_shapley"]
        assert fits
        for fit in fits:
            mixed = fit["f_full"] - fit["f_left_empty"] - fit["f_right_empty"] + fit["f_empty"]
            assert matrix(run, fit["pair_id"], "product_shapley").sum() == pytest.approx(mixed, abs=1e-5)
            assert fit["completeness_residual"] == pytest.approx(0, abs=1e-5)


def test_product_shapley_is_the_shapley_value_by_orders(small):
    """Mean over all orders of the segments of what each brings when it comes."""
    from itertools import permutations

    row, g, h, n, m = min(pairs_of(*small), key=lambda pair: pair[4])
    values = []
    for side, size in ((g, n), (h, m)):
        orders = list(permutations(range(size)))
        brought = np.zeros((size, planted_plugin.DIM))
        for order in orders:
            for at, segment in enumerate(order):
                before, after = (tuple(sorted(order[:end])) for end in (at, at + 1))
                brought[segment] += side[after] - side[before]
        values.append(brought / len(orders))
    found = matrix(small[1], row["pair_id"], "product_shapley")
    np.testing.assert_allclose(found, values[0] @ values[1].T, atol=1e-5)


def test_factors_rebuild_w(reference):
    factors = {}
    for row in reference.table("factors").to_pylist():
        factors.setdefault((row["pair_id"], row["estimator"]), []).append(row)
    assert factors
    for (pair_id, estimator), rows in factors.items():
        rebuilt = sum(row["strength"] * np.outer(row["left_vector"], row["right_vector"]) for row in rows)
        np.testing.assert_allclose(rebuilt, matrix(reference, pair_id, estimator), atol=1e-5)
        strengths = [row["strength"] for row in sorted(rows, key=lambda row: row["component"])]
        assert strengths == sorted(strengths, reverse=True)


def test_margins_are_differences_of_scores_and_their_parts_add_up(reference):
    items = {row["item_id"]: np.array(row["embedding"]) for row in reference.table("items").to_pylist()}
    pairs = {row["pair_id"]: row for row in reference.table("pairs").to_pylist()}
    parts = reference.table("margin_effects").to_pylist()
    rows = reference.table("margins").to_pylist()
    failed = {
        (row["query_id"], row["direction"])
        for row in reference.table("rankings").to_pylist()
        if row["rank"] == 1 and not row["relevant"]
    }
    # Of every failed query, also where the right candidate is in no pair of its block.
    assert sorted((row["estimator"], row["query_id"], row["direction"]) for row in rows) == sorted(
        (estimator, *query) for estimator in ("banzhaf", "product_shapley") for query in failed
    )
    assert {row["direction"] for row in rows} == {"left_to_right", "right_to_left"}
    for row in rows:
        wrong = pairs[row["wrong_pair_id"]]
        assert not wrong["is_positive"]
        right = pairs[row["correct_pair_id"]]
        scores = [items[one["left_id"]] @ items[one["right_id"]] for one in (right, wrong)]
        assert row["margin"] == pytest.approx(scores[0] - scores[1], abs=1e-5)
        assert row["margin"] < 0
        own = [p for p in parts if all(p[k] == row[k] for k in ("query_id", "direction", "estimator"))]
        query = sum(p["effect"] for p in own if p["part_of"] == "query")
        others = sum(p["effect"] for p in own if p["part_of"] != "query")
        assert {p["item_id"] for p in own if p["part_of"] == "query"} == {row["query_id"]}
        answering = "right_id" if row["direction"] == "left_to_right" else "left_id"
        for part, pair in (("correct", right), ("wrong", wrong)):
            assert {p["item_id"] for p in own if p["part_of"] == part} == {pair[answering]}
        assert row["query_remainder"] == pytest.approx(row["margin"] - query, abs=1e-5)
        assert row["candidates_remainder"] == pytest.approx(row["margin"] - others, abs=1e-5)
        for told in ("query_remainder", "candidates_remainder"):
            assert row[f"{told}_exceeds"] is (abs(row[told]) > abs(row["margin"]))


def decoded(text, height, width):
    """COCO's compressed run lengths, column by column, read here from the format's description."""
    runs, at = [], 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            piece = ord(text[at]) - 48
            value |= (piece & 0x1F) << shift
            more, at, shift = bool(piece & 0x20), at + 1, shift + 5
            if not more and piece & 0x10:
                value |= -1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    flat = np.concatenate([np.full(n, k % 2, bool) for k, n in enumerate(runs)])
    return flat.reshape(width, height).T


def test_segments_partition_the_view_and_the_original(reference):
    segments = {}
    for row in reference.table("segments").to_pylist():
        segments.setdefault(row["item_id"], []).append(row)
    images = {
        row["item_id"]: row for row in reference.table("items").to_pylist() if row["modality"] == "image"
    }
    for view in reference.table("views").to_pylist():
        own = sorted(segments[view["item_id"]], key=lambda row: row["segment"])
        assert sum(row["share"] for row in own) == pytest.approx(1)
        if view["item_id"] not in images:
            continue
        height, width = (images[view["item_id"]][side] for side in ("height", "width"))
        labels = label_map_from_png(view["label_map"])
        masks = np.stack([decoded(row["rle"], height, width) for row in own])
        assert (masks.sum(axis=0) == 1).all()
        # The centre of each original pixel lies in the view's cell of the same number.
        y = ((np.arange(height) + 0.5) * SIDE / height).astype(int)
        x = ((np.arange(width) + 0.5) * SIDE / width).astype(int)
        np.testing.assert_array_equal(masks.argmax(axis=0), labels[np.ix_(y, x)])
        for row, mask in zip(own, masks, strict=True):
            ys, xs = np.nonzero(mask)
            box = (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1)
            assert box == (row["bbox_x"], row["bbox_y"], row["bbox_width"], row["bbox_height"])
            assert row["area"] == mask.sum()


def test_empty_items_are_summarised(reference):
    fits = reference.table("fits").to_pylist()
    means = {
        (row["estimator"], row["quantity"]): row["mean"]
        for row in reference.table("aggregates").to_pylist()
        if row["relation"] == "all"
    }
    for column in ("f_empty", "f_left_empty", "f_right_empty"):
        values = [row[column] for row in fits if row["estimator"] == "banzhaf"]
        assert means["banzhaf", column] == pytest.approx(np.mean(values))
