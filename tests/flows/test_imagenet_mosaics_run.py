"""A folder of ImageNet is explained and measured as mosaics: recognition is that of the stored cells."""

import numpy as np
import pyarrow.compute as pc
import pytest
import torch
from imagenet_folder import lay_out
from tiny_benchmark import explain, run_of

from ilime_core.errors import IlimeWarning
from tasks.report.leaderboard.reading import leaderboard_lines

N_MOSAICS, SIDE = 2, 7


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    torch.set_num_threads(1)
    images = lay_out(tmp_path_factory.mktemp("imagenet") / "val", "kaggle")
    spec = {
        "corpus": {"format": "imagenet_mosaics", "images": str(images), "limit": N_MOSAICS},
        "model": {"name": "conse", "device": "cpu"},
        "segmentation": {"image": {"method": "grid", "n_segments": SIDE**2}},
        "perturbation": {"max_image_masks": 128, "held_out": {"image": 0, "text": 0}},
        "estimators": ["banzhaf", "activation_map"],
        "pairs": {"errors": False},
        "faithfulness": {
            "metrics": ["recognition"],
            "sample": 100,
            "truth": {"format": "imagenet_mosaics"},
        },
        "output": str(tmp_path_factory.mktemp("tables")),
        "runner": {"name": "inline"},
    }
    with pytest.warns(IlimeWarning, match="fewer than 50 images"):
        outcome = explain(spec)
    assert outcome.finished, outcome.failures
    with pytest.warns(IlimeWarning, match="fewer than 50 images"):
        outcome = explain(spec, "measure")
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def by_hand(weights):
    """Recognition of a 7 x 7 grid: word j names quadrant j; the middle row and column are left out."""
    right = total = 0.0
    for word, column in enumerate(weights.T):
        for patch, weight in enumerate(column):
            row, place = divmod(patch, SIDE)
            if SIDE // 2 in (row, place):
                continue
            inside = 2 * (row > SIDE // 2) + (place > SIDE // 2) == word
            right += abs(weight) if (weight > 0) == inside else 0.0
            total += abs(weight)
    return right / total


@pytest.mark.parametrize("estimator", ["banzhaf", "activation_map"])
def test_recognition_is_that_of_the_stored_cells(run, estimator):
    rows = {
        row["pair_id"]: row
        for row in run.table("faithfulness").to_pylist()
        if (row["estimator"], row["control"]) == (estimator, "explanation")
    }
    texts = {row["item_id"]: row["text"] for row in run.table("items").to_pylist()}
    assert len(rows) == 4 * N_MOSAICS
    for pair in run.table("pairs").to_pylist():
        n_words = len(texts[pair["right_id"]].split())
        mine = (pc.field("pair_id") == pair["pair_id"]) & (pc.field("estimator") == estimator)
        weights = np.zeros((SIDE**2, n_words))
        for cell in run.table("interactions", filter=mine).to_pylist():
            weights[cell["left_segment"], cell["right_segment"]] = cell["weight"]
        row = rows[pair["pair_id"]]
        assert (row["metric"], row["mode"]) == ("recognition", f"{n_words} named")
        assert row["value"] == pytest.approx(by_hand(weights), abs=1e-5)


def test_items_name_the_files_that_they_are_made_of(run):
    members = [row["uri_member"] for row in run.table("items").to_pylist() if row["modality"] == "image"]
    assert len(members) == N_MOSAICS
    assert sorted(member.count(".JPEG") for member in members) == [4, 4]


def test_published_values_stand_below_the_own_ones(run):
    lines = leaderboard_lines(run)
    own = next(place for place, line in enumerate(lines) if line.startswith("recognition (PGR)"))
    assert lines[own + 1].startswith("banzhaf")
    assert any(line.startswith("exCLIP") and "0.92" in line for line in lines[own:])
