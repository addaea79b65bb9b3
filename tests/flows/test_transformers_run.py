"""CLIP and SigLIP folders of the transformers library, through all stages."""

import numpy as np
import pytest
from tiny_benchmark import explain, run_of
from tiny_transformers import make_clip, make_siglip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "text"),
    [(make_clip, {"unit": "token"}), (lambda folder: make_siglip(folder, sentencepiece=True), {})],
    ids=["clip", "siglip"],
)
def test_a_saved_model_is_explained(benchmark, tmp_path, make, text):
    make(tmp_path / "model")
    spec = benchmark.spec(
        tmp_path / "tables",
        segmentation={"image": {"method": "grid", "n_segments": 16}, "text": text},
        estimators=["banzhaf"],
        blocks={"image_batch": 32, "text_batch": 32},
    ) | {"model": {"name": "transformers", "model": str(tmp_path / "model"), "device": "cpu"}}
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    views = run.table("views", ["n_segments", "label_map"]).to_pylist()
    assert {row["n_segments"] for row in views if row["label_map"]} == {16}  # 4 x 4 patches of 16 pixels
    scores = {row["pair_id"]: row["score"] for row in run.table("pairs").to_pylist()}
    fits = run.table("fits", ["pair_id", "f_full"]).to_pylist()
    assert np.allclose([row["f_full"] for row in fits], [scores[row["pair_id"]] for row in fits], atol=1e-5)
    assert np.ptp(list(scores.values())) > 1e-3
