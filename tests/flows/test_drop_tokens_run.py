"""Runs that leave patches out of a vision transformer, and what does not go with that."""

import numpy as np
import pytest
from tiny_benchmark import LEAN, explain, merged, run_of

from ilime_core.encoders.building import build_encoder
from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_masked_images
from ilime_core.explaining.options import ExplainOptions
from ilime_core.explaining.pairs import explain_pairs
from tasks.spec import ExplainParameters
from tasks.spec.memory_options import memory_options

DROPPING = {
    "model": {"name": "scenes", "factory": ""},
    "perturbation": {"image_baseline": "drop_tokens"},
    "blocks": {"image_batch": 16, "text_batch": 16},
    "estimators": ["banzhaf"],
    "pairs": {"retrieved": 0, "errors": False},
}


def test_a_run_is_the_explanation_in_memory(benchmark, tmp_path):
    spec = benchmark.spec(tmp_path / "tables", **merged(DROPPING, {"faithfulness": {"sample": 0}}))
    run = run_of(explain(spec))
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    pair = run.table("pairs").to_pylist()[0]
    stored = [row for row in run.table("interactions").to_pylist() if row["pair_id"] == pair["pair_id"]]
    image = benchmark.images / items[pair["left_id"]]["uri"].rpartition("/")[2]
    options = memory_options(ExplainParameters.model_validate(spec))
    [found] = explain_pairs(
        build_encoder("scenes", "cpu", "float32"), [(image, items[pair["right_id"]]["text"])], options
    )
    weights = np.zeros_like(found.weights)
    for row in stored:
        weights[row["left_segment"], row["right_segment"]] = row["weight"]
    assert np.abs(weights).max() > 1e-3
    np.testing.assert_allclose(weights, found.weights, atol=2e-6)


def test_it_differs_from_painting_and_the_empty_item_is_the_class_token_alone(benchmark):
    encoder = build_encoder("scenes", "cpu", "float32")
    paths = sorted(benchmark.images.glob("*.png"))[:2]
    pairs = [(path, "a red circle") for path in paths]
    sized = ExplainOptions(
        segmenter="grid", n_segments=9, max_image_masks=64, image_baseline="drop_tokens", image_batch=16
    )
    dropped = explain_pairs(encoder, pairs, sized)
    painted = explain_pairs(
        encoder, pairs, ExplainOptions(segmenter="grid", n_segments=9, max_image_masks=64)
    )
    assert dropped[0].fit.f_full == pytest.approx(painted[0].fit.f_full, abs=1e-6)
    assert abs(dropped[0].weights - painted[0].weights).max() > 1e-3
    assert dropped[0].fit.f_left_empty == pytest.approx(dropped[1].fit.f_left_empty, abs=1e-6)
    assert abs(painted[0].fit.f_left_empty - painted[1].fit.f_left_empty) > 1e-4


def test_stages_measure_and_select_leave_patches_out_too(benchmark, tmp_path):
    changes = {
        "faithfulness": {
            "sample": 2,
            "steps": 4,
            "random_orders": 2,
            "metrics": ["insertion_deletion", "fidelity"],
            "baselines": [{"image_baseline": "segment_mean"}],
        },
        "selection": {"methods": ["smdl"], "sample": 1, "sides": ["left"]},
    }
    first = explain(benchmark.spec(tmp_path / "first", **merged(DROPPING, changes)))
    assert first.finished, first.failures
    run = run_of(first)
    measured = run.table("faithfulness").to_pylist()
    assert {row["baseline"] for row in measured} == {"drop_tokens, drop", "segment_mean, drop"}
    assert {row["baseline"] for row in run.table("selections").to_pylist()} == {"drop_tokens, drop"}
    # The other way round: an explanation with painted regions is measured without their patches.
    painted = {"perturbation": {"image_baseline": "segment_mean"}}
    turned = {"faithfulness": {"baselines": [{"image_baseline": "drop_tokens"}]}, "selection": {"sample": 0}}
    second = explain(
        benchmark.spec(tmp_path / "second", **merged(merged(merged(DROPPING, changes), painted), turned))
    )
    assert second.finished, second.failures
    both = {row["baseline"] for row in run_of(second).table("faithfulness").to_pylist()}
    assert both == {"drop_tokens, drop", "segment_mean, drop"}


def test_a_second_run_gives_the_same_bits(benchmark, tmp_path):
    spec = merged(DROPPING, {"faithfulness": {"sample": 0}})
    runs = [run_of(explain(benchmark.spec(tmp_path / name, **spec))) for name in ("a", "b")]
    first, second = (run.table("effects").select(["item_id", "segment", "effect"]) for run in runs)
    assert first.equals(second)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": {"name": "conse", "factory": ""}}, "the image tower of model.name conse has none"),
        ({"estimators": ["banzhaf", "cross_gradient"]}, "cross_gradient reads a picture that replaces"),
        (
            {"estimators": ["paired"], "opaque": {"scorer": "cross_encoder"}},
            "paired reads a picture that replaces",
        ),
        ({"selection": {"methods": ["fade"], "sample": 1}}, "selection.methods fade reads a picture"),
    ],
)
def test_what_needs_a_picture_is_refused_in_the_spec(benchmark, tmp_path, changes, said):
    with pytest.raises(ValueError, match=said):
        ExplainParameters.model_validate(benchmark.spec(tmp_path, **merged(DROPPING, changes)))


def test_measuring_without_patches_is_refused_where_the_tower_has_none(benchmark, tmp_path):
    changes = {"model": {"name": "conse", "factory": ""}, "perturbation": {"image_baseline": "blur"}}
    changes["faithfulness"] = {"baselines": [{"image_baseline": "drop_tokens"}]}
    with pytest.raises(ValueError, match="conse has none; take segment_mean"):
        ExplainParameters.model_validate(benchmark.spec(tmp_path, **merged(DROPPING, changes)))


def test_a_plugin_without_the_methods_is_refused_by_check_and_when_it_is_loaded(benchmark, tmp_path, call):
    spec = benchmark.write_spec(
        tmp_path / "spec.yaml", tmp_path / "tables", perturbation={"image_baseline": "drop_tokens"}, **LEAN
    )
    status, said, _ = call("check", spec)
    assert status == 2
    assert "image_baseline drop_tokens needs an image tower that can leave patches out" in said
    outcome = explain(
        benchmark.spec(tmp_path / "tables", perturbation={"image_baseline": "drop_tokens"}, **LEAN)
    )
    assert not outcome.finished
    assert "can leave patches out" in outcome.failures[0].message


def test_a_whole_item_is_its_own_row(benchmark):
    """All segments kept is the tower itself, up to the batch's rounding."""
    encoder = build_encoder("scenes", "cpu", "float32")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    labels = np.arange(64)[:, None] // 8 * 8 + np.arange(64)[None] // 8
    masks = np.stack([np.ones(64, dtype=bool), np.zeros(64, dtype=bool)])
    jobs = [MaskedImage("x", pixels, baseline, labels, masks) for baseline in (None, pixels)]
    dropped, painted = (next(encode_masked_images(encoder, [job], batch_size=4)).embeddings for job in jobs)
    assert (dropped[0] - painted[0]).abs().max() < 1e-6
    assert (dropped[1] - painted[1]).abs().max() > 1e-2
