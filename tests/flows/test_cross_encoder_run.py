"""The packaged cross-encoder in a whole run: the dual encoder finds the pairs, the other one scores them."""

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from flows.actions.demo import Demo, demo_parameters
from flows.execution import execute
from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossed")
    spec = demo_parameters(folder, (), Demo("scenes", 3)).model_dump(mode="json")
    spec |= {
        "estimators": ["banzhaf", "grid", "linear_lime"],
        "segmentation": spec["segmentation"] | {"image": {"method": "grid", "n_segments": 16}},
        "perturbation": spec["perturbation"] | {"max_image_masks": 64},
        "faithfulness": {"metrics": [], "sample": 0},
        "opaque": {
            "scorer": "cross_encoder",
            "sample": 2,
            "image_masks": 32,
            "text_masks": 32,
            "held_out": 8,
            "rows": 100,
        },
        "runner": {"name": "inline"},
    }
    outcome = execute("explain", ExplainParameters.model_validate(spec), Console(quiet=True))
    assert outcome.finished, outcome.failures
    return folder, open_run(outcome.run.root, outcome.run.run_id)


@pytest.mark.slow
def test_whole_pairs_have_the_cross_encoders_own_score(explained):
    folder, run = explained
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    scorer = CrossEncoderScorer("cpu", "float32")
    fits = {(row["pair_id"], row["estimator"]): row for row in run.table("fits").to_pylist()}
    asked = {pair for pair, estimator in fits if estimator == "grid"}
    assert len(asked) == 2
    for pair in asked:
        left, right = (items[pairs[pair][side]] for side in ("left_id", "right_id"))
        view = scorer.view(Image.open(folder / "scenes/images" / left["uri"]).convert("RGB")).pixels
        rows = torch.from_numpy(view.copy()).permute(2, 0, 1)[None].float() / 255
        own = float(scorer.score(rows, [right["text"]])[0])
        for estimator in ("grid", "linear_lime"):
            assert fits[pair, estimator]["f_full"] == pytest.approx(own, abs=1e-3)
        assert abs(fits[pair, "banzhaf"]["f_full"]) <= 1 + 1e-6  # a cosine, not a logit


@pytest.mark.slow
def test_the_grid_explains_the_sampled_pairs_and_lime_only_their_main_effects(explained):
    _, run = explained
    cells = run.table("interactions").to_pylist()
    effects = run.table("main_effects").to_pylist()
    of = {name: [row for row in cells if row["estimator"] == name] for name in ("grid", "linear_lime")}
    assert not of["linear_lime"]
    weights = np.array([row["weight"] for row in of["grid"]])
    assert len(weights)
    assert np.isfinite(weights).all()
    assert np.abs(weights).max() > 0.01
    assert {row["estimator"] for row in effects} == {"banzhaf", "grid", "linear_lime"}
    assert run.table("runs")["scores"].to_pylist()[0] > 1000
