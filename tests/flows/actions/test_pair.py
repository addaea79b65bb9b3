"""Two items on the command line: an image and a text, two images, or two texts.

Proves flows.commands.pair, tasks.figures.explained_picture.
"""

import json
import shutil
from dataclasses import fields

import numpy as np
import planted_plugin
import pytest
from PIL import Image

from flows.actions.pair import AskedPair
from ilime_core.errors import InputError
from ilime_core.explaining.options import ExplainOptions
from ilime_core.explaining.pairs import explain_pair
from tasks.comparison.tolerances import tolerance_of
from tasks.figures.explained_picture import explained_picture
from tasks.figures.pair_figure import pair_sentences
from tasks.figures.pair_picture import read_pair
from tasks.report.terminal import match_lines
from tasks.spec import ExplainParameters
from tasks.spec.memory_options import memory_options


@pytest.fixture
def pair(call, tmp_path):
    """The command with the planted model: exit status, output, errors, and the picture's place."""
    model = tmp_path / "model.yaml"
    model.write_text(
        json.dumps(
            {
                "model": {"name": "plugin", "factory": "planted_plugin:make"},
                "segmentation": {"image": {"method": "grid", "n_segments": 4}},
            }
        )
    )

    def run(*arguments):
        picture = tmp_path / "pair.png"
        return *call("pair", *arguments, "--model", model, "--picture", picture, "--masks", 16), picture

    return run


def test_two_images_answer_each_other(pair, benchmark, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(benchmark.images / "shapes-1.png", other / "shapes-0.png")  # another picture of the same name
    status, out, err, picture = pair(benchmark.images / "shapes-0.png", other / "shapes-0.png")
    assert status == 0, err
    lines = out.splitlines()
    assert lines[0].startswith("shapes-0.png: shapes-0.png  [p")
    assert lines[1].startswith("  segment ")
    assert Image.open(picture).width == 1320


def test_two_texts_answer_each_other(pair):
    status, out, err, picture = pair("--texts", 'a "red" circle, x.png', "the blue square")
    assert status == 0, err
    matched = [line for line in out.splitlines() if line.startswith("  ")]
    words = {line.split()[0] for line in matched}
    assert words <= {"the", "blue", "square"}
    assert len(matched) == 8
    assert "of what query and candidate do together (best possible " in out
    assert {line.split()[-1] for line in matched} <= {"a", "red", "circle", "x.png"}
    assert Image.open(picture).width == 1320


@pytest.mark.parametrize(
    ("right", "texts", "images"),
    [
        ("a red circle", False, False),
        ("kitten.jpg", False, True),
        ("nothing is like kitten.jpg", False, False),
        ("kitten.jpg", True, False),
        ("x" * 5000, False, False),
        ("a\0b", False, False),
        (__file__, False, True),
    ],
)
def test_what_names_a_file_is_an_image(right, texts, images):
    assert AskedPair("cat.jpg", right, texts).images is images


def test_nothing_answers_itself(pair, benchmark, tmp_path):
    image = benchmark.images / "shapes-0.png"
    shutil.copy(image, tmp_path / "copy.png")
    status, _, err, _ = pair(image, tmp_path / "copy.png")
    assert status == 2
    assert "shapes-0.png is given twice, and nothing answers itself: give another photograph" in err
    status, _, err, _ = pair("--texts", "a b", "a b")
    assert status == 2
    assert "give another text" in err


def test_a_mistyped_second_image_is_said(pair, benchmark):
    status, _, err, _ = pair(benchmark.images / "shapes-0.png", benchmark.images / "shapes-9.png")
    assert status == 2
    assert "shapes-9.png: cannot be read" in err


@pytest.fixture
def matched(reference, benchmark):
    """A pair of the run whose image and caption match: its id, the file and the text."""
    items = {row["item_id"]: row for row in reference.table("items").to_pylist()}
    pair = next(row for row in reference.table("pairs").to_pylist() if row["is_positive"])
    image, text = items[pair["left_id"]], items[pair["right_id"]]
    return pair["pair_id"], benchmark.images / image["uri"], text["text"]


def test_the_lines_are_those_of_a_run_that_has_explained_the_pair(
    call, reference, benchmark, matched, tmp_path
):
    pair_id, image, text = matched
    masks = ExplainParameters.model_validate(benchmark.spec(tmp_path)).perturbation.max_image_masks
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    picture = tmp_path / "pair.png"
    status, out, err = call(
        "pair", image, text, "--model", spec, "--masks", masks, "--picture", picture
    )  # fmt: skip
    assert status == 0, err
    assert out.splitlines() == [*match_lines(read_pair(reference, pair_id), "--masks"), f"picture: {picture}"]


def test_the_picture_holds_what_a_run_holds(reference, benchmark, matched, tmp_path):
    pair_id, image, text = matched
    options = memory_options(ExplainParameters.model_validate(benchmark.spec(tmp_path)))
    found = explained_picture(
        explain_pair(planted_plugin.make("cpu", "float32"), image, text, options), image, text
    )
    stored = read_pair(reference, pair_id)
    for name in ("pair_id", "estimator", "sampled"):
        assert getattr(found, name) == getattr(stored, name)
    # Of no corpus: the page may say neither that it is a match nor that it comes first.
    assert not any(word in " ".join(pair_sentences(found)) for word in ("match", "number"))
    for name, table, column in (
        ("weights", "interactions", "weight"),
        ("errors", "interactions", "standard_error"),
        ("p_values", "interactions", "p_value"),
        ("left_effect", "main_effects", "intact_effect"),
        ("right_effect", "main_effects", "intact_effect"),
    ):
        rule, values = tolerance_of(table, column), getattr(stored, name)
        bound = rule.absolute + rule.relative * np.abs(values).max()
        np.testing.assert_allclose(getattr(found, name), values, rtol=0, atol=bound)
    for name in (one.name for one in fields(found.joint)):
        assert getattr(found.joint, name) == pytest.approx(getattr(stored.joint, name), abs=1e-4)
    assert found.score == pytest.approx(stored.score, abs=1e-5)
    assert [one.strength for one in found.factors] == pytest.approx(
        [one.strength for one in stored.factors], abs=1e-5
    )
    for name in ("item_id", "title", "seen", "problem"):
        assert getattr(found.image, name) == getattr(stored.image, name)
    assert [(one.name, one.box, pytest.approx(one.share)) for one in found.image.places] == [
        (one.name, one.box, one.share) for one in stored.image.places
    ]
    assert (found.image.photo == stored.image.photo).all()
    assert (found.image.labels == stored.image.labels).all()
    assert (found.text.item_id, found.text.caption, found.text.words) == (
        stored.text.item_id, stored.text.caption, stored.text.words,
    )  # fmt: skip


def test_an_image_that_has_changed_meanwhile_is_not_drawn(benchmark, tmp_path):
    image = tmp_path / "a.png"
    shutil.copy(benchmark.images / "shapes-0.png", image)
    options = ExplainOptions(segmenter="grid", n_segments=4)
    found = explain_pair(planted_plugin.make("cpu", "float32"), image, "a red circle", options)
    shutil.copy(benchmark.images / "shapes-1.png", image)
    with pytest.raises(InputError, match=r"a\.png: is not the file that was explained"):
        explained_picture(found, image, "a red circle")


def test_nothing_but_the_picture_is_written(pair, benchmark, tmp_path, monkeypatch):
    other = tmp_path / "temporary"
    other.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(other))
    monkeypatch.chdir(other)
    before = set(tmp_path.iterdir())
    status, _, err, picture = pair(benchmark.images / "shapes-0.png", "a red circle")
    assert status == 0, err
    assert list(other.iterdir()) == []
    assert set(tmp_path.iterdir()) - before == {picture}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"estimators": ["paired", "banzhaf"]}, "no estimator of items is called 'paired'"),
        ({"segmentation": {"image": {"method": "given", "label_maps": "maps"}}}, "choose another segmenter"),
    ],
)
def test_what_only_a_run_can_do_is_refused_in_one_line(call, benchmark, tmp_path, section, message):
    model = tmp_path / "model.yaml"
    model.write_text(json.dumps({"model": {"name": "plugin", "factory": "planted_plugin:make"}, **section}))
    status, _, err = call(
        "pair", benchmark.images / "shapes-0.png", "a red circle", "--model", model
    )  # fmt: skip
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


def test_the_first_estimator_of_a_spec_explains(call, benchmark, tmp_path):
    model = tmp_path / "model.yaml"
    spec = {"model": {"name": "plugin", "factory": "planted_plugin:make"}}
    spec["segmentation"] = {"image": {"method": "grid", "n_segments": 4}}
    lines = []
    for estimators in (["occlusion", "paired"], ["occlusion"], ["banzhaf"]):
        model.write_text(json.dumps({**spec, "estimators": estimators}))
        picture = tmp_path / "pair.png"
        status, out, err = call(
            "pair", benchmark.images / "shapes-0.png", "a red circle", "--model", model, "--picture", picture
        )
        assert status == 0, err
        lines.append(out)
    assert lines[0] == lines[1] != lines[2]


@pytest.mark.parametrize(("text", "message"), [("caf\udce9", "is not UTF-8"), (" ", "has no word")])
def test_what_is_no_text_is_refused_in_one_line(call, benchmark, text, message):
    status, _, err = call("pair", benchmark.images / "shapes-0.png", text)
    assert status == 2
    assert message in err
    assert err.count("\n") == 1
