"""A real open_clip architecture from a local checkpoint, through all stages."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs

CONFIG = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}

BATCHES = {"image_batch": 32, "text_batch": 32}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    import open_clip

    folder = tmp_path_factory.mktemp("clip")
    config = folder / "tiny-clip-of-a-test.json"
    config.write_text(json.dumps(CONFIG))
    open_clip.add_model_config(config)
    torch.manual_seed(0)
    network = open_clip.create_model("tiny-clip-of-a-test")
    weights = folder / "tiny.safetensors"
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, weights)
    return {"name": "open_clip", "model": str(config), "checkpoint": str(weights), "device": "cpu"}


@pytest.mark.slow
def test_a_local_clip_is_explained_on_whole_patches_and_twice_the_same(benchmark, model, tmp_path):
    grid = {"image": {"method": "grid", "n_segments": 16}}
    spec = benchmark.spec(tmp_path / "one", segmentation=grid, blocks=BATCHES) | {"model": model}
    first = explain(spec)
    assert first.finished, first.failures
    run = run_of(first)
    views = run.table("views", ["n_segments", "label_map"]).to_pylist()
    assert {row["n_segments"] for row in views if row["label_map"]} == {16}  # 4 x 4 patches of 16 pixels
    again = explain(spec | {"output": str(tmp_path / "two")})
    assert diff_runs(run, run_of(again)).bitwise
    scores = {row["pair_id"]: row["score"] for row in run.table("pairs").to_pylist()}
    fits = run.table("fits", ["pair_id", "f_full"]).to_pylist()
    assert np.allclose([row["f_full"] for row in fits], [scores[row["pair_id"]] for row in fits], atol=1e-5)


@pytest.mark.slow
def test_other_weights_are_another_run(benchmark, model, tmp_path):
    from safetensors.torch import load_file

    weights = load_file(model["checkpoint"])
    weights["logit_scale"] = weights["logit_scale"] + 1
    changed = tmp_path / "changed.safetensors"
    save_file(weights, changed)
    ids = []
    for place, checkpoint in enumerate((model["checkpoint"], str(changed))):
        spec = benchmark.spec(
            tmp_path / str(place), estimators=["banzhaf"], faithfulness={"sample": 0}, blocks=BATCHES
        )
        outcome = explain(spec | {"model": model | {"checkpoint": checkpoint}})
        assert outcome.finished, outcome.failures
        ids.append(outcome.run.run_id)
    assert ids[0] != ids[1]
