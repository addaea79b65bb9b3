"""``ilime init`` writes a spec that loads, says what it guessed, and overwrites nothing.

Proves flows.commands.init, flows.console.model_choice, tasks.spec.writing.
"""

from pathlib import Path

import pytest

from flows.console.model_choice import model_fields
from tasks.spec import CorpusParameters, ModelParameters, SegmentationParameters
from tasks.spec.reading import load_parameters


def test_the_written_spec_loads_with_what_was_asked_and_defaults(call, benchmark, tmp_path):
    out = tmp_path / "spec.yaml"
    asked = ("--images", benchmark.images, "--annotations", benchmark.annotations, "--output", tmp_path / "t")
    status, said, err = call("init", *asked, "--model", "open_clip:ViT-B-32:laion2b_s34b_b79k", "--out", out)
    assert (status, err) == (0, "")
    assert "corpus: karpathy (annotations.json: images with sentences)" in said
    assert f"ilime check {out}" in said
    spec = load_parameters(out)
    assert spec.corpus == CorpusParameters(
        annotations=str(benchmark.annotations), images=str(benchmark.images)
    )
    assert spec.model == ModelParameters(name="open_clip", model="ViT-B-32", pretrained="laion2b_s34b_b79k")
    assert (spec.output, spec.seed, spec.pairs.errors) == (str(tmp_path / "t"), 0, True)
    text = out.read_text()
    field = ModelParameters.model_fields["device"].description
    assert field
    assert f'  # {field}\n  device: "auto"\n' in text
    assert '\n  split: "test"\n' in text
    assert "    # How views are cut into regions. (slic or felzenszwalb or " in text
    assert SegmentationParameters.__doc__
    assert f"\nsegmentation:  # {SegmentationParameters.__doc__}\n  image:" in text
    assert "\nblocks:" not in text
    assert "takes up to 2,773 encodes to measure and about 402 to explain" in " ".join(
        text.replace("#", "").split()
    )


def test_a_file_that_is_there_stays_unless_forced(call, benchmark, tmp_path):
    out = tmp_path / "spec.yaml"
    out.write_text("mine")
    asked = ("init", "--images", benchmark.images, "--annotations", benchmark.annotations, "--out", out)
    status, _, err = call(*asked)
    assert status == 2
    assert "is there already; --force overwrites it" in err
    assert out.read_text() == "mine"
    assert call(*asked, "--force")[0] == 0
    assert load_parameters(out).model.name == "conse"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--images", "/nowhere/at-all"), "no captions found"),
        (("--images", "x", "--corpus-format", "karpaty"), "corpus.format"),
        (("--images", "x", "--corpus-format", "karpathy"), "needs annotations"),
        (("--images", "x.tar", "--model", "clip"), "model.name"),
        (("--images", "x.tar", "--model", "open_clip"), "name: open_clip needs model, an architecture"),
        (("--images", "x.tar", "--model", "open_clip:ViT-B-32"), "needs weights for ViT-B-32: pretrained"),
        (("--images", "x.tar", "--model", "transformers"), "name: transformers needs model, a hub id"),
        (("--images", "x.tar", "--model", "plugin"), "name: plugin needs factory"),
        ((), "--images"),
    ],
)
def test_wrong_input_ends_in_one_line_and_writes_nothing(call, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = call("init", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not Path("spec.yaml").exists()


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("conse", {"name": "conse"}),
        ("scenes", {"name": "scenes"}),
        ("scenes:early", {"name": "scenes", "pretrained": "early"}),
        ("open_clip:hf-hub:timm/x", {"name": "open_clip", "model": "hf-hub:timm/x"}),
        ("open_clip:ViT-B-32:w/a.pt", {"name": "open_clip", "model": "ViT-B-32", "checkpoint": "w/a.pt"}),
        ("transformers:google/siglip-x", {"name": "transformers", "model": "google/siglip-x"}),
        ("plugin:my_towers:make", {"name": "plugin", "factory": "my_towers:make"}),
    ],
)
def test_models_in_one_word(text, fields):
    assert model_fields(text) == fields
