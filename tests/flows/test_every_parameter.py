"""Every field of the spec that may change a number does: none is accepted and ignored."""

import json

import numpy as np
import pytest
from PIL import Image
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs

BASE = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0},
    "perturbation": {"max_text_masks": 16},
    "blocks": {
        "image_encodes": 10_000,
        "text_encodes": 10_000,
        "pairs": 1000,
        "image_batch": 32,
        "text_batch": 32,
    },
}


@pytest.fixture(scope="module")
def base(benchmark, tmp_path_factory):
    return finished(benchmark.spec(tmp_path_factory.mktemp("base"), **BASE))


def finished(spec):
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def changed(base, benchmark, tmp_path, **change):
    from tiny_benchmark import merged

    run = finished(benchmark.spec(tmp_path, **merged(BASE, change)))
    return {one.table for one in diff_runs(base, run).comparisons if one.counts}


@pytest.mark.parametrize(
    ("change", "tables"),
    [
        ({"segmentation": {"image": {"n_segments": 16}}}, {"segments", "views", "effects", "interactions"}),
        ({"segmentation": {"image": {"method": "slic"}}}, {"views", "interactions"}),
        ({"segmentation": {"image": {"method": "felzenszwalb"}}}, {"views", "interactions"}),
        ({"segmentation": {"image": {"method": "quickshift"}}}, {"views", "interactions"}),
        ({"segmentation": {"image": {"method": "watershed"}}}, {"views", "interactions"}),
        ({"segmentation": {"text": {"unit": "token"}}}, {"segments", "interactions"}),
        (
            {"perturbation": {"max_image_masks": 128, "max_text_masks": 60, "design": "iid"}},
            {"effects", "item_fits", "fits"},
        ),
        (
            {"perturbation": {"max_image_masks": 128, "max_text_masks": 60, "design": "stratified"}},
            {"effects", "item_fits", "fits"},
        ),
        (
            {"perturbation": {"max_image_masks": 128, "max_text_masks": 60, "design": "iid", "p": 0.8}},
            {"effects", "item_fits", "fits"},
        ),
        ({"perturbation": {"max_image_masks": 128}}, {"effects", "item_fits", "interactions"}),
        ({"perturbation": {"max_text_masks": 64}}, {"effects", "item_fits", "interactions"}),
        ({"perturbation": {"held_out": {"image": 128}}}, {"embeddings"}),
        ({"perturbation": {"held_out": {"text": 32}}}, {"embeddings"}),
        ({"perturbation": {"held_out": {"image_share": 0.0}}}, {"embeddings", "fits"}),
        ({"perturbation": {"held_out": {"text_share": 0.0}}}, {"embeddings", "fits"}),
        ({"perturbation": {"image_baseline": "blur"}}, {"effects", "embeddings"}),
        ({"perturbation": {"image_baseline": "constant"}}, {"effects", "embeddings"}),
        ({"perturbation": {"image_baseline": "noise"}}, {"effects", "embeddings"}),
        ({"perturbation": {"image_baseline": "dataset_mean"}}, {"effects", "embeddings"}),
        ({"perturbation": {"text_removal": "mask"}}, {"effects", "embeddings"}),
        ({"perturbation": {"ridge": 0.5}}, {"effects", "interactions"}),
        ({"perturbation": {"kernel_width": 0.5}}, {"effects", "interactions"}),
        ({"estimation": {"refine": "gls"}}, {"effects", "interactions"}),
        ({"estimation": {"refine": "posterior"}}, {"effects", "interactions"}),
        ({"perturbation": {"keep_embeddings": True}}, {"embeddings"}),
        ({"estimators": ["product_shapley"]}, {"effects", "interactions"}),
        ({"pairs": {"positives": False, "errors": True}}, {"pairs"}),
        ({"pairs": {"errors": False}}, {"pairs"}),
        ({"pairs": {"retrieved": 2}}, {"pairs"}),
        ({"pairs": {"hard_negatives": 2}}, {"pairs"}),
        ({"pairs": {"random": 1}}, {"pairs"}),
        ({"pairs": {"sample_queries": 2}}, {"pairs"}),
        ({"corpus": {"limit": 2}}, {"items", "pairs"}),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_field_moves_the_tables_that_it_is_about(base, benchmark, tmp_path, change, tables):
    assert tables <= changed(base, benchmark, tmp_path, **change)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"image_baseline": "constant", "baseline_colour": [0, 0, 0]},
            {"image_baseline": "constant", "baseline_colour": [255, 0, 0]},
        ),
        ({"image_baseline": "blur", "blur_sigma": 1.0}, {"image_baseline": "blur", "blur_sigma": 6.0}),
    ],
    ids=["colour", "sigma"],
)
def test_what_a_baseline_is_told_moves_the_effects(benchmark, tmp_path, one, other):
    from tiny_benchmark import merged

    runs = [
        finished(benchmark.spec(tmp_path / str(place), **merged(BASE, {"perturbation": change})))
        for place, change in enumerate((one, other))
    ]
    assert "effects" in {found.table for found in diff_runs(*runs).comparisons if found.counts}


def test_shapley_masks_of_either_side_move_product_shapley_alone(benchmark, tmp_path):
    from tiny_benchmark import merged

    both = {"estimators": ["banzhaf", "product_shapley"], "segmentation": {"image": {"n_segments": 16}}}
    runs = {}
    for name, masks in (
        ("base", {}),
        ("image", {"shapley_image_masks": 48}),
        ("text", {"shapley_text_masks": 30}),
    ):
        change = merged(BASE, merged(both, {"perturbation": masks}))
        runs[name] = finished(benchmark.spec(tmp_path / name, **change))
    effects = {
        name: {
            (row["item_id"], row["estimator"], row["segment"]): row["effect"]
            for row in run.table("effects", ["item_id", "estimator", "segment", "effect"]).to_pylist()
        }
        for name, run in runs.items()
    }
    for name in ("image", "text"):
        moved = {key for key in effects["base"] if effects["base"][key] != effects[name][key]}
        assert {estimator for _, estimator, _ in moved} == {"product_shapley"}


def test_given_label_maps_are_the_segments(base, benchmark, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    for picture in benchmark.images.iterdir():
        width, height = Image.open(picture).size
        halves = np.zeros((height, width), dtype=np.uint8)
        halves[:, width // 2 :] = 200
        Image.fromarray(halves).save(maps / f"{picture.stem}.png")
    spec = benchmark.spec(tmp_path / "out", **BASE)
    spec["segmentation"] = {"image": {"method": "given", "label_maps": str(maps)}}
    run = finished(spec)
    rows = run.table("segments").to_pylist()
    regions = [row for row in rows if row["area"] is not None]
    assert {row["segment"] for row in regions} == {0, 1}
    assert {row["bbox_width"] for row in regions} == {30}  # halves of pictures 60 wide


def test_listed_pairs_are_explained_and_nothing_else(base, benchmark, tmp_path):
    listed = tmp_path / "pairs.csv"
    ids = {row["modality"]: row["external_id"] for row in base.table("items").to_pylist()}
    listed.write_text(f"left,right\n{ids['image']},{ids['text']}\n")
    spec = benchmark.spec(tmp_path / "listed", **BASE)
    spec["pairs"] = {"positives": False, "errors": False, "listed": str(listed)}
    assert finished(spec).table("fits").num_rows == 1


MEASURED = {"sample": 3, "steps": 6, "random_orders": 3}


@pytest.fixture(scope="module")
def measured(benchmark, tmp_path_factory):
    from tiny_benchmark import merged

    section = {"faithfulness": MEASURED}
    return finished(benchmark.spec(tmp_path_factory.mktemp("measured"), **merged(BASE, section)))


@pytest.mark.parametrize(
    "change", [{"steps": 3}, {"random_orders": 5}, {"sample": 2}, {"metrics": []}], ids=json.dumps
)
def test_what_is_measured_follows_the_faithfulness_section(measured, benchmark, tmp_path, change):
    from tiny_benchmark import merged

    section = {"faithfulness": MEASURED | change}
    runs = [measured, finished(benchmark.spec(tmp_path, **merged(BASE, section)))]
    curves = [
        sorted(
            (row["pair_id"], row["control"], row["random_order"], len(row["x"]))
            for row in run.table("curves").to_pylist()
        )
        for run in runs
    ]
    assert runs[0].run_id == runs[1].run_id
    assert curves[0] != curves[1]
