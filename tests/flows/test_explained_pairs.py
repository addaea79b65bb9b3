"""What measurements read of explained pairs is what the tables hold, in the order of the segments.

Proves tasks.stages.measure.explained_pairs.
"""

import numpy as np
import pytest

from tasks.run_files.plan import open_run_plan
from tasks.stages.measure.explained_pairs import read_explained

ESTIMATORS = ("banzhaf", "product_shapley")


@pytest.fixture(scope="module")
def explained(reference):
    ids = [row["pair_id"] for row in reference.table("pairs").to_pylist()]
    run = open_run_plan(reference.root, reference.run_id)
    return sorted(ids), read_explained(run, ids[::-1], ESTIMATORS, {}, with_global=False)


def rows_of(run, table, one, **wanted):
    wanted |= {"pair_id": one.pair_id, "estimator": one.estimator}
    return [row for row in run.table(table).to_pylist() if all(row[k] == v for k, v in wanted.items())]


def test_pairs_come_by_their_ids_and_estimators_as_they_were_asked_for(explained):
    ids, found = explained
    assert [(one.pair_id, one.estimator) for one in found] == [(name, e) for name in ids for e in ESTIMATORS]


def test_weights_and_coefficients_stand_at_their_segments(explained, reference):
    n_apart = 0
    for one in explained[1][:6]:
        pair = one.explanation
        for row in rows_of(reference, "interactions", one):
            assert pair.interactions[row["left_segment"], row["right_segment"]] == row["weight"]
        for side in ("left", "right"):
            rows = sorted(rows_of(reference, "main_effects", one, side=side), key=lambda row: row["segment"])
            raw, main = (np.array([row[name] for row in rows]) for name in ("raw_effect", "effect"))
            assert getattr(pair, f"{side}_raw").tolist() == raw.tolist()
            assert getattr(pair, f"{side}_main").tolist() == main.tolist()
            n_apart += not np.allclose(raw, main, atol=1e-3)
    assert n_apart > 6  # the other item empty, and perturbed, are not the same


def test_areas_are_the_shares_of_regions_and_words_alike(explained, reference):
    segments = reference.table("segments").to_pylist()
    modality = {row["item_id"]: row["modality"] for row in reference.table("items").to_pylist()}
    for one in explained[1][:6]:
        for side in ("left", "right"):
            name = getattr(one.explanation, f"{side}_id")
            rows = sorted((row for row in segments if row["item_id"] == name), key=lambda row: row["segment"])
            areas = [row["share"] if modality[name] == "image" else 1 / len(rows) for row in rows]
            assert getattr(one.explanation, f"{side}_areas") == pytest.approx(areas)


def test_shares_are_the_columns_of_fits(explained, reference):
    for one in explained[1][:4]:
        [fit] = rows_of(reference, "fits", one)
        shares = one.shares
        assert {name: getattr(shares, name) for name in shares.__slots__} == {
            name: fit[name] for name in shares.__slots__
        }
