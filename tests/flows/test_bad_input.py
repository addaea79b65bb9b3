"""Wrong input ends in one line and exit status 2, before anything is written."""

import json

import pytest
import yaml
from tiny_benchmark import Benchmark


def only_line(call, *arguments):
    status, out, err = call(*arguments)
    lines = [line for line in err.splitlines() if line.startswith(("ilime: ", "Error: "))]
    assert status == 2, (out, err)
    assert len(lines) == 1, err
    assert "Traceback" not in err
    assert not out
    return lines[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"perturbation": {"max_image_mask": 4}}, "did you mean 'max_image_masks'?"),
        ({"estimater": ["banzhaf"]}, "estimater is not a field; did you mean 'estimators'?"),
        (
            {"faithfulness": {"fills": [{"image_baseline": "blur"}]}},
            "faithfulness.fills is now called faithfulness.baselines",
        ),
        (
            {"faithfulness": {"truth": {"masks": "m"}}},
            "faithfulness.truth.masks is now called faithfulness.truth.label_maps",
        ),
        (
            {"segmentation": {"image": {"masks": "m"}}},
            "segmentation.image.masks is now called segmentation.image.label_maps",
        ),
        ({"corpus": {"region_masks": "m"}}, "corpus.region_masks is now called corpus.region_label_maps"),
        ({"blocks": {"pairs": "many"}}, "blocks.pairs"),
        ({"blocks": {"pairs": 0}}, "greater than or equal to 1"),
        ({"estimators": ["shaply"]}, "estimators.0"),
        ({"estimators": []}, "estimators"),
        ({"estimators": ["banzhaf", "banzhaf"]}, "named twice"),
        ({"perturbation": {"p": 0.8}}, "design: foldover needs p: 0.5, got 0.8; use design: iid"),
        ({"perturbation": {"image_baseline": "grey"}}, "image_baseline"),
        ({"segmentation": {"image": {"method": "given"}}}, "given needs segmentation.image.label_maps"),
        ({"segmentation": {"image": {"label_maps": "m"}}}, "label_maps names the folder"),
        ({"corpus": {"regions": "r.json"}}, "regions goes with format: coco_captions, got format: karpathy"),
        (
            {"corpus": {"region_label_maps": "m"}},
            "region_label_maps goes with format: coco_captions, got format: karpathy",
        ),
        (
            {"corpus": {"format": "coco_captions", "regions": "r.json"}},
            "corpus.regions goes with segmentation.image.method: given",
        ),
        (
            {
                "corpus": {"format": "coco_captions", "regions": "r.json"},
                "segmentation": {"image": {"method": "given", "label_maps": "m"}},
            },
            "and not both; got both",
        ),
        (
            {"segmentation": {"image": {"method": "given", "label_maps": "/nowhere/maps"}}},
            "segmentation.image.label_maps: there is no /nowhere/maps; relative paths in a spec start from",
        ),
        (
            {"corpus": {"images": "/nowhere/images"}},
            "corpus.images: there is no /nowhere/images; relative paths in a spec start from the folder",
        ),
        (
            {"model": {"factory": "other_package:make"}},
            "'other_package' is not allowed here. Allowed: planted_plugin",
        ),
        ({"model": {"factory": "planted_plugin:missing"}}, "has no function 'missing'"),
        ({"model": {"factory": "planted_plugin"}}, "must look like package.module:function"),
        ({"model": {"factory": "planted_plugin:shapeless"}}, "must return a dual encoder"),
        ({"model": {"factory": "planted_plugin:broken"}}, "the weights are not here"),
        ({"model": {"device": "cuda:77"}}, "cuda:77"),
        ({"corpus": {"split": "tset"}}, "did you mean 'test'?"),
        ({"corpus": {"annotations": "/nowhere/at-all.json"}}, "/nowhere/at-all.json"),
        ({"label": "a\u001b[31mlabel"}, "label"),
        ({"pairs": {"listed": "/nowhere/pairs.csv"}}, "/nowhere/pairs.csv"),
        ({"faithfulness": {"estimators": ["grid"]}}, "faithfulness.estimators: 'grid' cannot be measured in"),
        (
            {"estimators": ["grid"], "opaque": {"scorer": "cross_encoder", "checkpoint": "spec.yaml"}},
            "checkpoint",
        ),
        (
            {
                "faithfulness": {
                    "metrics": ["consistency"],
                    "refits": {"other": {"name": "open_clip", "model": "ViT-B-32", "checkpoint": "no.pt"}},
                }
            },
            "there is no checkpoint",
        ),
        (
            {
                "faithfulness": {
                    "metrics": ["localisation"],
                    "truth": {"format": "spans", "annotations": "spec.yaml"},
                }
            },
            "spec.yaml",
        ),
    ],
)
def test_each_wrong_field_has_its_line(call, benchmark, tmp_path, changes, message):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **changes)
    line = only_line(call, "explain", spec)
    assert message in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("corpus: &a {}\nmodel: *a\n", "line 2, column 8: aliases are not allowed"),
        ("seed: 1\nseed: 2\n", "the key 'seed' occurs twice"),
        ("- 1\n- 2\n", "a spec is a mapping"),
        ("a: [1\n", "spec.yaml, line"),
        ("seed: !!python/object/apply:os.getcwd []\n", "spec.yaml, line 1"),
        ("", "a spec is a mapping"),
        ("output: x\n", "is missing"),
    ],
)
def test_yaml_that_hides_what_it_says_is_refused(call, tmp_path, text, message):
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, encoding="utf-8")
    assert message in only_line(call, "explain", spec)


def test_a_spec_that_is_not_text_or_not_there(call, tmp_path):
    spec = tmp_path / "spec.yaml"
    assert "cannot read the spec" in only_line(call, "explain", spec)
    spec.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in only_line(call, "explain", spec)


@pytest.mark.parametrize("command", ["explain", "plan", "measure"])
def test_every_command_with_a_spec_says_the_same(call, benchmark, tmp_path, command):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", sed=1)
    assert "sed is not a field; did you mean 'seed'?" in only_line(call, command, spec)


def test_an_output_below_a_file(call, benchmark, tmp_path):
    (tmp_path / "file").write_text("")
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "file" / "tables")
    assert str(tmp_path / "file") in only_line(call, "explain", spec)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"images": []}, "'images' is an empty list"),
        (
            {"images": [{"filename": "a.png", "split": "test", "imgid": 0, "sentences": []}]},
            "have no caption",
        ),
        ({"pictures": []}, "images"),
        ([], "needed is an object"),
        (
            {"images": [{"filename": "../a.png", "split": "test", "imgid": 0, "sentences": [{"raw": "a"}]}]},
            "..",
        ),
    ],
)
def test_annotations_without_pairs(call, tmp_path, document, message):
    corpus = Benchmark(tmp_path)
    corpus.images.mkdir()
    corpus.annotations.write_text(json.dumps(document), encoding="utf-8")
    spec = corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    assert message in only_line(call, "explain", spec)


def test_a_corpus_of_which_nothing_is_usable(call, tmp_path):
    corpus = Benchmark(tmp_path)
    corpus.images.mkdir()
    (corpus.images / "words.png").write_text("this is no picture")
    corpus.write({"absent.png": ["a caption"], "words.png": ["another"]})
    spec = corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, _, err = call("explain", spec)
    assert status == 2
    assert "no usable item on the left" in err
    assert "Traceback" not in err


def test_masks_that_cannot_identify_the_effects(call, benchmark, tmp_path):
    """A spec's fault, found late: the line says so, and does not promise that a resume helps."""
    few = {"design": "iid", "p": 0.6, "max_image_masks": 6}
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", perturbation=few)
    status, _, err = call("explain", spec)
    assert status == 2, err
    assert "masks" in err
    assert "resumes" not in err


def test_a_changed_line_of_the_command(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    assert "write it as section.field=value" in only_line(call, "explain", spec, "--set", "seed")
    assert "seed is a value, not a section" in only_line(
        call, "explain", spec, "--set", "seed=1", "--set", "seed.a=1"
    )
    assert "aliases" not in yaml.safe_dump(yaml.safe_load(spec.read_text()))
    status, _, err = call("explain", spec, "--limit", "0")
    assert status == 2
    assert "--limit" in err


def test_a_design_that_cannot_identify_the_effects_is_bad_input(call, benchmark, tmp_path):
    few = {"design": "iid", "max_image_masks": 2, "max_text_masks": 2}
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "out", perturbation=few)
    status, _, said = call("explain", spec)
    assert status == 2
    assert "at least 10 are needed" in said
    assert "Traceback" not in said
