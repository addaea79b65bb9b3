"""Interactions within an item and of three segments, in a whole run, against their definitions.

Proves tasks.stages.fit.second_order.
"""

import numpy as np
import pytest
from planted_brute_force import picture_embeddings, text_embeddings
from pydantic import ValidationError
from tiny_benchmark import explain, make_benchmark, run_of

from tasks.spec import ExplainParameters


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_benchmark(tmp_path_factory.mktemp("second") / "corpus", n_images=2)


def explained(corpus, folder, **changes):
    masks = {"design": "enumerate", "max_image_masks": 16, "max_text_masks": 512}
    spec = corpus.spec(
        folder,
        segmentation={"image": {"n_segments": 4}},
        perturbation=masks,
        estimators=["banzhaf"],
        pairs={"retrieved": 0},
        faithfulness={"sample": 0},
        **changes,
    )
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    every = {"within_cells": 10_000, "three_way_cells": 10_000}
    return explained(corpus, tmp_path_factory.mktemp("tables"), estimation=every)


def embeddings(corpus, run):
    """Of every coalition of each item that is easily read, by item id."""
    found = {}
    for row in run.table("items").to_pylist():
        if row["modality"] == "image":
            found[row["item_id"]] = picture_embeddings(corpus.images / row["uri"])
        elif "," not in row["text"]:
            found[row["item_id"]] = text_embeddings(row["text"])
    return found


def difference(values, segments):
    """Mean over the sets of the others of what the segments bring only together."""
    total = []
    for others in values:
        if set(others) & set(segments):
            continue
        terms = []
        for code in range(2 ** len(segments)):
            joined = [s for place, s in enumerate(segments) if code >> place & 1]
            sign = (-1) ** (len(segments) - len(joined))
            terms.append(sign * values[tuple(sorted((*others, *joined)))])
        total.append(np.sum(terms, axis=0))
    return np.mean(total, axis=0)


def test_pairs_within_an_item_are_mean_second_differences(corpus, run):
    known = embeddings(corpus, run)
    pairs = {row["pair_id"]: (row["left_id"], row["right_id"]) for row in run.table("pairs").to_pylist()}
    checked = {"left": 0, "right": 0}
    for row in run.table("within_interactions").to_pylist():
        ids = pairs[row["pair_id"]]
        if ids[1] not in known:
            continue
        own, other = ids if row["side"] == "left" else ids[::-1]
        assert row["segment"] < row["other_segment"]
        vector = difference(known[own], (row["segment"], row["other_segment"]))
        mean = np.mean(list(known[other].values()), axis=0)
        whole = known[other][max(known[other], key=len)]
        assert row["weight"] == pytest.approx(float(vector @ mean), abs=1e-5)
        assert row["intact_weight"] == pytest.approx(float(vector @ whole), abs=1e-5)
        assert row["standard_error"] == 0.0
        checked[row["side"]] += 1
    assert checked["left"] == 6 * len([ids for ids in pairs.values() if ids[1] in known])
    assert checked["right"] > checked["left"]


def test_three_segments_are_mean_third_differences(corpus, run):
    known = embeddings(corpus, run)
    pairs = {row["pair_id"]: (row["left_id"], row["right_id"]) for row in run.table("pairs").to_pylist()}
    checked, largest = 0, 0.0
    for row in run.table("three_way_interactions").to_pylist():
        ids = pairs[row["pair_id"]]
        if ids[1] not in known:
            continue
        own, other = ids if row["side"] == "left" else ids[::-1]
        assert row["segment"] < row["other_segment"]
        vector = difference(known[own], (row["segment"], row["other_segment"]))
        effect = difference(known[other], (row["opposite_segment"],))
        assert row["weight"] == pytest.approx(float(vector @ effect), abs=1e-5)
        largest = max(largest, abs(row["weight"]))
        checked += 1
    assert checked > 100
    assert largest > 1e-3


@pytest.fixture(scope="module")
def sampled(corpus, tmp_path_factory):
    """Nine regions and 64 masks for Banzhaf effects, with further rows for Shapley values behind them."""
    spec = corpus.spec(
        tmp_path_factory.mktemp("sampled"),
        estimation={"within_cells": 10_000},
        pairs={"retrieved": 0},
        faithfulness={"sample": 0},
    )
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def test_of_sampled_items_complement_pairs_are_observations_and_rows_of_others_stay_out(sampled):
    pair = sampled.table("pairs").to_pylist()[0]
    fitted = [
        row
        for row in sampled.table("embeddings").to_pylist()
        if (row["item_id"], row["set"]) == (pair["left_id"], "fit")
    ]
    assert len(fitted) > 64
    rows = sorted(fitted, key=lambda row: row["row"])[:64]
    masks = np.array([np.unpackbits(np.frombuffer(row["mask"], np.uint8), count=9) for row in rows])
    seen = np.array([row["embedding"] for row in rows], dtype=np.float64)
    affine = np.column_stack([np.ones(64), masks])
    rest = seen - affine @ np.linalg.lstsq(affine, seen, rcond=None)[0]
    [other] = [
        row
        for row in sampled.table("item_fits").to_pylist()
        if (row["item_id"], row["estimator"]) == (pair["right_id"], "banzhaf")
    ]
    # Two blocks of 16 rows and their complements.
    halves = rest.reshape(2, 2, 16, -1).mean(axis=1).reshape(32, -1)
    signs = 2.0 * masks.reshape(2, 2, 16, 9)[:, 0].reshape(32, 9) - 1
    cells = [
        row
        for row in sampled.table("within_interactions").to_pylist()
        if (row["pair_id"], row["side"]) == (pair["pair_id"], "left")
    ]
    assert len(cells) == 36
    for name, target in (("", other["mean"]), ("intact_", other["full_embedding"])):
        for row in cells:
            products = 4 * signs[:, row["segment"]] * signs[:, row["other_segment"]] * (halves @ target)
            assert row[f"{name}weight"] == pytest.approx(products.mean(), abs=1e-6)
            error = products.std() / np.sqrt(31)
            assert row[f"{name}standard_error"] == pytest.approx(error, rel=1e-3, abs=1e-7)
    assert max(abs(row["standard_error"] - row["intact_standard_error"]) for row in cells) > 1e-4


def test_the_strongest_cells_are_kept(corpus, run, tmp_path):
    few = explained(corpus, tmp_path, estimation={"within_cells": 2, "three_way_cells": 3})
    for table, n_kept in (("within_interactions", 2), ("three_way_interactions", 3)):
        cells, every = {}, {}
        for rows, found in ((few.table(table), cells), (run.table(table), every)):
            for row in rows.to_pylist():
                found.setdefault((row["pair_id"], row["side"]), []).append(abs(row["weight"]))
        assert cells.keys() == every.keys()
        for key, weights in cells.items():
            assert sorted(weights) == pytest.approx(sorted(every[key])[-n_kept:], abs=1e-6)


def test_a_run_that_does_not_ask_for_them_has_none(corpus, tmp_path):
    plain = explained(corpus, tmp_path)
    assert plain.table("within_interactions").num_rows == plain.table("three_way_interactions").num_rows == 0
    assert set(plain.table("embeddings")["set"].to_pylist()) == {"full", "empty", "held_out"}


def test_they_need_the_rows_of_banzhaf(corpus, tmp_path):
    spec = corpus.spec(tmp_path, estimators=["product_shapley"], estimation={"within_cells": 5})
    with pytest.raises(ValidationError, match="add it to estimators"):
        ExplainParameters.model_validate(spec)
