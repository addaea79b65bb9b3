"""What a picture is made of is what the tables say.

Proves tasks.figures.pair_picture, tasks.figures.curve_pictures, tasks.figures.item_pictures,
tasks.figures.margin_pictures.
"""

import json

import numpy as np
import pytest

from ilime_core.errors import InputError
from tasks.figures.curve_pictures import fitted_baseline, read_curve_pictures
from tasks.figures.pair_picture import read_pair, read_pairs
from tasks.run_files.naming import plan_key
from tasks.runs.run import Run, open_run
from tasks.storage.storage import Storage


def test_a_pair_is_read_as_it_was_written(pictured):
    pair = read_pair(pictured.run, pictured.good)
    assert pair.weights.shape == (4, 8)
    assert np.unravel_index(np.argmax(pair.weights), (4, 8)) == (3, 1)
    assert pair.weights[3, 1] == pytest.approx(0.5)
    assert pair.z[3, 1] == pytest.approx(25)
    np.testing.assert_allclose(pair.right_net, pair.right_effect, atol=1e-6)
    rebuilt = sum(factor.strength * np.outer(factor.left, factor.right) for factor in pair.factors)
    np.testing.assert_allclose(rebuilt, pair.weights, atol=1e-6)
    assert [word.text for word in pair.text.words][:2] == ["a", "cat"]
    assert not pair.image.problem
    assert len(pair.curves) == 2 * 2 * 3 * 4
    assert (pair.is_positive, pair.is_error) == (True, False)


def test_the_photograph_lies_under_its_regions(pictured):
    image = read_pair(pictured.run, pictured.good).image
    assert image.photo.shape == (60, 80, 3)
    assert (image.labels[:, :20] == -1).all()
    assert image.labels[[0, 0, 59, 59], [20, 79, 20, 79]].tolist() == [0, 1, 2, 3]


def test_a_missing_photograph_is_said_and_not_fatal(pictured, tmp_path):
    next((tmp_path / "images").iterdir()).unlink()
    image = read_pair(pictured.run, pictured.good).image
    assert image.problem
    assert "there is no such image" in image.problem
    assert image.labels.max() == 3


def test_many_pairs_keep_the_order_asked_and_share_table_reads(pictured, monkeypatch):
    reads = []
    original = Run.table
    monkeypatch.setattr(Run, "table", lambda *a, **k: (reads.append(a[1]), original(*a, **k))[1])
    ids = [pair.pair_id for pair in read_pairs(pictured.run, [pictured.wrong, pictured.good])]
    assert ids == [pictured.wrong, pictured.good]
    assert reads.count("interactions") == 1


def test_curves_are_of_the_fitted_baseline_and_random_ones_of_any_estimator(pictured):
    curves = read_pair(pictured.run, pictured.good).curves
    assert {curve.side for curve in curves} == {"both", "left", "right"}
    heights = {
        control: sorted(
            curve.y[1]
            for curve in curves
            if (curve.metric, curve.mode, curve.side, curve.control)
            == ("insertion", "score", "left", control)
        )
        for control in ("explanation", "main_effects", "random")
    }
    assert heights == {
        "explanation": pytest.approx([0.9]),
        "main_effects": pytest.approx([0.7]),
        "random": pytest.approx([0.5, 0.6]),
    }


def test_the_measurement_with_the_most_curves_is_drawn(tmp_path, commit_run, small):
    pair = small["pairs"][0]["pair_id"]
    row = {
        "pair_id": pair, "estimator": "banzhaf", "metric": "insertion", "side": "both",
        "control": "explanation", "baseline": "constant, mask", "random_order": 0, "x": [0.0, 1.0],
        "area": [0.0, 1.0],
    }  # fmt: skip
    small["curves"] = [
        row | {"measure_id": "m1", "mode": "score", "y": [0.0, 1.0]},
        row | {"measure_id": "m1", "mode": "mixed_difference", "y": [0.0, 1.0]},
        row | {"measure_id": "m2", "mode": "score", "y": [0.0, 2.0]},
        row | {"measure_id": "m3", "mode": "score", "y": [0.0, 3.0], "estimator": "occlusion"},
        row | {"measure_id": "m3", "mode": "mixed_difference", "y": [0.0, 3.0], "estimator": "occlusion"},
        row | {"measure_id": "m4", "mode": "score", "y": [0.0, 4.0], "baseline": "segment_mean, drop"},
    ]
    storage = Storage(str(tmp_path / "measured"))
    commit_run(storage, "r00000000000000ab", small)
    plan = json.loads(storage.read_bytes(plan_key("r00000000000000ab")))
    plan["parameters"] = {"perturbation": {"image_baseline": "constant", "text_removal": "mask"}}
    storage.write(plan_key("r00000000000000ab"), json.dumps(plan).encode())
    run = open_run(storage.url, "r00000000000000ab")
    assert fitted_baseline(run) == "constant, mask"
    assert [curve.y[1] for curve in read_curve_pictures(run, [pair], "banzhaf")[pair]] == [1.0, 1.0]
    assert [curve.y[1] for curve in read_curve_pictures(run, [pair], "occlusion")[pair]] == [3.0, 3.0]


def test_margins_come_with_all_three_items(pictured):
    (margin,) = read_pair(pictured.run, pictured.wrong).margins
    assert margin.query.item.item_id == pictured.image
    assert margin.correct.item.caption.startswith("a cat")
    assert margin.wrong.effects.tolist() == pytest.approx([0.01, -0.05])
    assert margin.margin == pytest.approx(-0.1)


@pytest.mark.parametrize("asked", [("pnone", None), ("good", "occlusion")])
def test_an_unknown_pair_or_estimator_is_refused(pictured, asked):
    name = pictured.good if asked[0] == "good" else asked[0]
    with pytest.raises(InputError, match="has not explained"):
        read_pair(pictured.run, name, asked[1])
