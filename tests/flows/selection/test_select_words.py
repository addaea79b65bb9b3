"""Words that fade in, against a tower whose words can be mixed by hand."""

import numpy as np
import planted_plugin
import pytest
import torch
from tiny_benchmark import explain, make_benchmark, run_of

FEW = {"max_image_masks": 16, "max_text_masks": 32, "held_out": {"image": 0, "text": 0}}
BASE = {
    "model": {"factory": "gated_plugin:make"},
    "segmentation": {"image": {"n_segments": 4}},
    "estimators": ["banzhaf"],
    "pairs": {"retrieved": 0, "errors": False},
    "faithfulness": {"sample": 0},
    "selection": {"methods": ["fade"], "sides": ["right"], "sample": 2, "faded": 2, "fade_points": 5},
}


@pytest.mark.parametrize(("removal", "n_points"), [("mask", 5), ("drop", 2)])
def test_words_fade_through_the_gates_of_a_tower_where_a_mask_word_stands_in(
    tmp_path, monkeypatch, removal, n_points
):
    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin,gated_plugin")
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    outcome = explain(corpus.spec(tmp_path / "tables", **BASE, perturbation=FEW | {"text_removal": removal}))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    spans = {
        (row["item_id"], row["segment"]): (row["char_start"], row["char_end"])
        for row in run.table("segments").to_pylist()
    }
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    tower = planted_plugin.make("cpu", "float32").text
    rows = run.table("selection_curves").to_pylist()
    assert len(rows) == 4
    for row in rows:
        assert len(row["x"]) == n_points
        pair = pairs[row["pair_id"]]
        text, picture = items[pair["right_id"]]["text"], np.array(items[pair["left_id"]]["embedding"])
        start, end = spans[pair["right_id"], row["segment"]]
        token = 1 + tower.token_spans(text).index((start, end))
        tokens, [_, mask, _] = tower.tokenise([text, tower.mask_word])
        places = 1.0 / (1.0 + 0.15 * torch.arange(len(tokens)))
        for level, score in list(zip(row["x"], row["y"], strict=True))[0 if removal == "mask" else 1 :]:
            words = tower._words[tokens].clone()
            words[token] = level * words[token] + (1 - level) * tower._words[mask]
            hidden = torch.tanh((words * places[:, None]).sum(dim=0)) @ tower._second
            assert score == pytest.approx(float(picture @ (hidden / hidden.norm()).numpy()), abs=2e-5)
