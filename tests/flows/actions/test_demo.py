"""Demos lay out what they explain and its truth; that on scenes ends with it.

Proves tasks.report.scene_truth, flows.commands.demo.
"""

import re
from pathlib import Path

import pyarrow.compute as pc
import pytest
import torch
from every import every

from flows.actions.demo import Demo, demo_parameters
from ilime_core.errors import InputError
from tasks.spec.reading import load_parameters
from tasks.truth import open_truth


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def test_the_command_line_names_a_demo():
    assert Demo.of("photographs", None) == Demo("photographs", 0) == Demo()
    assert Demo.of("scenes", None) == Demo("scenes", 48)
    assert Demo.of("mosaics", None) == Demo("mosaics", 24)
    assert Demo.of("mosaics", 7) == Demo("mosaics", 7)
    with pytest.raises(
        InputError, match="--items 7 goes with --corpus scenes or mosaics, got --corpus photo"
    ):
        Demo.of("photographs", 7)


DEMOS = (Demo(), Demo("scenes", 2), Demo("mosaics", 3))


def test_demos_do_not_meet_in_one_folder(tmp_path):
    photographs, scenes, mosaics = (demo_parameters(tmp_path, demo=demo) for demo in DEMOS)
    assert [one.model.name for one in (photographs, scenes, mosaics)] == ["conse", "scenes", "conse"]
    assert len({one.corpus.annotations for one in (photographs, scenes, mosaics)}) == 3
    assert [demo.folder for demo in DEMOS] == ["ilime-demo", "ilime-demo-scenes", "ilime-demo-mosaics"]
    assert {path.name for path in tmp_path.iterdir()} == {
        *("demo.yaml", "demo_scenes.yaml", "demo_mosaics.yaml"),
        *("corpus", "scenes", "mosaics"),
    }
    assert [len(list(Path(one.corpus.images).iterdir())) for one in (photographs, scenes, mosaics)] == [
        12,
        2,
        3,
    ]


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.corpus)
def test_each_spec_names_the_truth_of_its_corpus(tmp_path, demo):
    parameters = demo_parameters(tmp_path, demo=demo)
    truth = parameters.faithfulness.truth
    folder = Path(parameters.corpus.annotations).parent
    assert (truth.format, truth.annotations) == ("spans", str(folder / "regions.json"))
    assert truth.label_maps == ("" if demo.corpus == "photographs" else str(folder / "label_maps"))
    read = open_truth(truth, parameters.corpus)
    assert read.fingerprint() == open_truth(truth, parameters.corpus).fingerprint()


def test_specs_in_the_folder_can_be_explained_from_there(tmp_path, monkeypatch):
    """What is written names its places relative to the folder: ``ilime explain`` takes it as it is."""
    monkeypatch.chdir(tmp_path)
    for demo in DEMOS:
        filled = demo_parameters(tmp_path, demo=demo)
        written = load_parameters(tmp_path / demo.spec)
        places = [
            (one.corpus.annotations, one.corpus.images, one.faithfulness.truth.annotations)
            for one in (filled, written)
        ]
        assert places[0] == tuple(str(tmp_path / place) for place in places[1])
        assert filled.model_copy(
            update=dict.fromkeys(("corpus", "faithfulness", "output"))
        ) == written.model_copy(update=dict.fromkeys(("corpus", "faithfulness", "output")))


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
    status, out, err = call("demo", "--corpus", "scenes", "--items", 6, "--out", tmp_path, *changes)
    assert status == 0, err
    assert re.search(r"R@1 \d+\.\d%.*\(6 queries, 6 candidates\)", out)
    kinds = ", ".join(rf"{kind} (\d+)% of (\d+)" for kind in ("size", "colour", "shape"))
    told = re.search(rf"on its object: {kinds} \(any region: (\d+)%\)", out)
    assert told, out
    colour, chance = int(told[3]), int(told[7])
    assert int(told[4]) >= 6  # every scene says a colour
    assert 4 <= chance <= 15
    assert colour > 5 * chance
    assert (tmp_path / "report" / "index.html").is_file()
    assert f"report: {tmp_path / 'report' / 'index.html'}" in out


def test_exact_label_maps_as_regions_and_words_are_held_against_them(tmp_path):
    from tiny_benchmark import explain, run_of

    from tasks.corpora.demos.scenes import materialise_scenes
    from tasks.report.scene_truth import by_kind, place_words

    corpus = materialise_scenes(tmp_path / "scenes", 8)
    outcome = explain(
        {
            "corpus": {"annotations": str(corpus.annotations), "images": str(corpus.images)},
            "model": {"name": "scenes", "device": "cpu"},
            "segmentation": {"image": {"method": "given", "label_maps": str(corpus.label_maps)}},
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
    assert every(word.hit_chance in {1 / 3, 1 / 4, 1 / 5} for word in words)
    assert kinds["colour"].hit > 0.8
    assert kinds["colour"].right_mass > kinds["colour"].right_mass_chance + 0.2
