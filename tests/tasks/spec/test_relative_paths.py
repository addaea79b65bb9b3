"""Relative paths of a spec start from its folder, those of changes from the current one.

Proves tasks.parameters.
"""

import json
import re

import pytest
import yaml

from ilime_core.errors import InputError
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters
from tasks.spec.relative_paths import check_places, place_fields

EVERY = {
    "corpus.annotations",
    "corpus.images",
    "corpus.instances",
    "corpus.regions",
    "corpus.region_label_maps",
    "model.model",
    "model.checkpoint",
    "segmentation.image.label_maps",
    "segmentation.image.label_names",
    "segmentation.text.lexicon",
    "opaque.checkpoint",
    "pairs.listed",
    "faithfulness.truth.annotations",
    "faithfulness.truth.label_maps",
    "faithfulness.truth.sentences",
    "faithfulness.refits.other.model",
    "faithfulness.refits.other.checkpoint",
    "output",
}

SPEC = {
    "corpus": {"format": "coco_captions", "annotations": "a.json", "images": "../images"},
    "model": {"name": "open_clip", "model": "ViT-B-32", "checkpoint": "w/a.pt"},
    "pairs": {"listed": "~/pairs.csv"},
    "opaque": {"scorer": "cross_encoder", "checkpoint": "c.safetensors"},
    "faithfulness": {
        "truth": {"format": "spans", "annotations": "t.json", "label_maps": "s3://bucket/masks"},
        "refits": {"other": {"name": "transformers", "model": "here/there"}},
    },
    "output": "s3://out",
}


def value(parameters, name):
    for part in name.split("."):
        parameters = getattr(parameters, part)
    return parameters


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A spec in the folder ``specs``, and another current folder."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = tmp_path / "specs" / "spec.yaml"
    path.write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    return path


def test_every_field_that_names_a_place_is_one():
    assert {name for name, _ in place_fields()} == EVERY


def test_a_field_whose_description_speaks_of_a_url_is_a_place():
    told = {name for name, info in leaves(ExplainParameters) if re.search(r"\bURL\b", info.description or "")}
    assert len(told) == 13
    assert told - EVERY == set()


def leaves(model, prefix=""):
    for name, info in model.model_fields.items():
        kind = info.annotation
        if hasattr(kind, "model_fields"):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, info


def test_relative_paths_start_from_the_folder_of_the_spec(spec, tmp_path):
    parameters = load_parameters(spec)
    assert {name: value(parameters, name) for name in EVERY if value(parameters, name)} == {
        "corpus.annotations": f"{tmp_path}/specs/a.json",
        "corpus.images": f"{tmp_path}/images",
        "model.model": "ViT-B-32",
        "model.checkpoint": f"{tmp_path}/specs/w/a.pt",
        "opaque.checkpoint": f"{tmp_path}/specs/c.safetensors",
        "pairs.listed": f"{tmp_path}/home/pairs.csv",
        "faithfulness.truth.annotations": f"{tmp_path}/specs/t.json",
        "faithfulness.truth.label_maps": "s3://bucket/masks",
        "faithfulness.refits.other.model": "here/there",
        "output": "s3://out",
    }


def test_changes_start_from_the_current_folder_also_as_whole_sections(spec, tmp_path):
    corpus = json.dumps({"annotations": "b.json", "images": "pictures"})
    parameters = load_parameters(spec, [f"corpus={corpus}", "output=tables", "model.checkpoint=/w.pt"])
    here = tmp_path / "here"
    assert parameters.corpus.annotations == f"{here}/b.json"
    assert parameters.corpus.images == f"{here}/pictures"
    assert (parameters.output, parameters.model.checkpoint) == (f"{here}/tables", "/w.pt")


def test_a_model_is_a_folder_where_the_spec_has_one_and_else_a_name(spec, tmp_path):
    (tmp_path / "specs" / "here" / "there").mkdir(parents=True)
    (tmp_path / "specs" / "ViT-B-32").write_text("no folder")
    parameters = load_parameters(spec)
    assert parameters.faithfulness.refits.other.model == f"{tmp_path}/specs/here/there"
    assert parameters.model.model == "ViT-B-32"
    assert load_parameters(spec, ["model.model=own.json"]).model.model == f"{tmp_path}/here/own.json"


def test_two_dots_are_the_folder_above_a_links_target(spec, tmp_path):
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "specs" / "link").symlink_to(tmp_path / "far" / "deep")
    (tmp_path / "far" / "images").symlink_to(tmp_path / "home")
    spec.write_text(yaml.safe_dump(SPEC | {"output": "link/../images/x"}), encoding="utf-8")
    assert load_parameters(spec).output == f"{tmp_path}/far/images/x"


def test_an_input_that_is_not_there_is_named_with_the_rule(spec, tmp_path):
    with pytest.raises(InputError) as caught:
        check_places(load_parameters(spec))
    assert str(caught.value) == (
        f"corpus.annotations: there is no {tmp_path}/specs/a.json; relative paths in a spec start from the"
        " folder of its file, those of --set from the current folder"
    )


def test_urls_patterns_weights_and_outputs_are_not_looked_for(spec, tmp_path):
    (tmp_path / "t.json").write_text("{}")
    corpus = "corpus={format: parquet, images: '/nowhere/*.parquet'}"
    truth = "faithfulness.truth.annotations=../t.json"
    check_places(load_parameters(spec, [corpus, truth, "pairs.listed=s3://b/p.csv", "output=/nowhere"]))
