"""Both demos lay out what they explain; that on scenes ends with its truth."""

import re
from pathlib import Path

import pyarrow.compute as pc
import pytest
import torch

from flows.demo import SCENES, Demo, demo_parameters
from ilime_core.errors import InputError


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def test_the_command_line_names_a_demo():
    assert Demo.of("conse", None) == Demo("conse", 0)
    assert Demo.of("scenes", None) == Demo("scenes", SCENES)
    assert Demo.of("scenes", 7) == Demo("scenes", 7)
    with pytest.raises(InputError, match="--scenes 7 goes with --model scenes, got --model conse"):
        Demo.of("conse", 7)


def test_demos_do_not_meet_in_one_folder(tmp_path):
    conse, scenes = demo_parameters(tmp_path), demo_parameters(tmp_path, demo=Demo("scenes", 2))
    assert (conse.model.name, scenes.model.name) == ("conse", "scenes")
    assert conse.corpus.annotations != scenes.corpus.annotations
    assert Demo("conse").folder != Demo("scenes").folder
    assert {path.name for path in tmp_path.iterdir()} == {"demo.yaml", "demo_scenes.yaml", "corpus", "scenes"}
    assert len(list(Path(scenes.corpus.images).iterdir())) == 2


def test_changes_reach_the_spec(tmp_path):
    parameters = demo_parameters(tmp_path, ["perturbation.max_image_masks=128"], Demo("scenes", 2))
    assert parameters.perturbation.max_image_masks == 128
    assert parameters.perturbation.image_baseline == "dataset_mean"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="choose another --out"):
        demo_parameters(tmp_path / "file", demo=Demo("scenes", 2))


QUICK = (
    "runner.name=inline",
    "estimators=[banzhaf]",
    "faithfulness.sample=0",
    "perturbation.max_image_masks=256",
    "perturbation.held_out={image: 0, text: 0}",
)


@pytest.mark.slow
def test_scenes_end_to_end(call, tmp_path):
    changes = [word for change in QUICK for word in ("--set", change)]
    status, out, err = call("demo", "--model", "scenes", "--scenes", 6, "--out", tmp_path, *changes)
    assert status == 0, err
    assert re.search(r"R@1 \d+\.\d%.*\(6 queries, 6 candidates\)", out)
    told = re.search(r"on its object: size (\d+)%, colour (\d+)%, shape (\d+)% \(any region: (\d+)%\)", out)
    assert told, out
    colour, chance = int(told[2]), int(told[4])
    assert 4 <= chance <= 15
    assert colour > 5 * chance
    assert (tmp_path / "report" / "index.html").is_file()
    assert f"report: {tmp_path / 'report' / 'index.html'}" in out


def test_exact_masks_as_regions_and_words_are_held_against_them(tmp_path):
    from tiny_benchmark import explain, run_of

    from tasks.corpora.scenes import materialise_scenes
    from tasks.scene_truth import by_kind, place_words

    corpus = materialise_scenes(tmp_path / "scenes", 8)
    outcome = explain(
        {
            "corpus": {"annotations": str(corpus.annotations), "images": str(corpus.images)},
            "model": {"name": "scenes", "device": "cpu"},
            "segmentation": {"image": {"method": "given", "masks": str(corpus.masks)}},
            "perturbation": {"image_baseline": "dataset_mean", "held_out": {"image": 0, "text": 0}},
            "estimators": ["banzhaf"],
            "pairs": {"errors": False, "retrieved": 0},
            "faithfulness": {"sample": 0},
            "output": str(tmp_path / "tables"),
            "runner": {"name": "inline"},
        }
    )
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    objects = {
        item["uri"]: 0 for item in run.table("items", filter=pc.field("modality") == "image").to_pylist()
    }
    assert len(objects) == 8
    words = list(place_words(run, corpus))
    captions = run.table("items", ["text"], pc.field("modality") == "text")["text"].to_pylist()
    said = [word for text in captions for word in text.split()]
    assert sorted(word.text for word in words) == sorted(
        word for word in said if word not in {"a", "and", "left", "right", "of", "above", "below"}
    )
    for word in words:
        assert word.kind == {"small": "size", "large": "size"}.get(word.text, word.kind)
    kinds = {kind.kind: kind for kind in by_kind(words)}
    assert kinds["size"].n_words == kinds["colour"].n_words == kinds["shape"].n_words == len(words) / 3
    # One region of three to five shows each object: ground and objects are the regions.
    assert all(word.hit_chance in {1 / 3, 1 / 4, 1 / 5} for word in words)
    assert kinds["colour"].hit > 0.8
    assert kinds["colour"].right_mass > kinds["colour"].right_mass_chance + 0.2
