"""Two items on the command line: an image and a text, two images, or two texts.

Proves flows.commands.pair.
"""

import json
import shutil

import pytest
from PIL import Image

from flows.actions.pair import AskedPair


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
