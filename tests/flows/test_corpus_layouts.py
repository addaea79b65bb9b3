"""One corpus in every layout of files gives the same run; objects that annotators drew become its regions."""

import csv
import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.planning.draft import draft_plan
from tasks.spec import ExplainParameters

QUICK = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0},
    "perturbation": {"max_text_masks": 16},
    "blocks": {"image_encodes": 10_000, "text_encodes": 10_000, "image_batch": 32, "text_batch": 32},
}


@pytest.fixture(scope="module")
def usual(benchmark, tmp_path_factory):
    """A finished run of the benchmark in Karpathy's layout."""
    outcome = explain(benchmark.spec(tmp_path_factory.mktemp("usual"), **QUICK))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def captions_of(benchmark):
    """Captions by image name, as the annotations of the benchmark have them."""
    tree = json.loads(benchmark.annotations.read_text())
    return {image["filename"]: [one["raw"] for one in image["sentences"]] for image in tree["images"]}


def flickr_csv(captions):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["raw", "sentids", "split", "filename", "img_id"])
    for number, (name, texts) in enumerate(captions.items()):
        writer.writerow([json.dumps(texts), "", "test", name, number])
    return stream.getvalue()


def coco_json(captions):
    images = [{"id": number, "file_name": name} for number, name in enumerate(captions)]
    texts = [(number, text) for number, name in enumerate(captions) for text in captions[name]]
    annotations = [{"id": n, "image_id": image, "caption": text} for n, (image, text) in enumerate(texts)]
    return json.dumps({"images": images, "annotations": annotations})


def lines(pattern, captions):
    return "".join(
        pattern.format(name=name, number=number, text=text)
        for name, texts in captions.items()
        for number, text in enumerate(texts)
    )


LAYOUTS = {
    "flickr30k": ("flickr_annotations_30k.csv", flickr_csv, "test"),
    "flickr30k token": ("results.token", lambda found: lines("{name}#{number}\t{text}\n", found), "all"),
    "coco_captions": ("captions_val2017.json", coco_json, "val2017"),
    "folder txt": ("captions.txt", lambda found: lines("{name}\t{text}\n", found), "all"),
    "folder csv": (
        "metadata.csv",
        lambda found: "file_name,caption\n" + lines('{name},"{text}"\n', found),
        "all",
    ),
    "folder jsonl": (
        "captions.jsonl",
        lambda found: "".join(
            json.dumps({"file": name, "caption": texts}) + "\n" for name, texts in found.items()
        ),
        "all",
    ),
}


def laid_out(benchmark, folder, layout, name=""):
    """The section ``corpus`` of the benchmark in another layout; the pictures stay where they are."""
    usual, write, split = LAYOUTS[layout]
    folder.mkdir(exist_ok=True)
    place = folder / (name or usual)
    place.write_text(write(captions_of(benchmark)), encoding="utf-8")
    return {
        "format": layout.split()[0],
        "annotations": str(place),
        "images": str(benchmark.images),
        "split": split,
    }


@pytest.mark.parametrize("layout", ["flickr30k", "coco_captions", "folder jsonl"])
def test_a_layout_changes_no_number(benchmark, usual, tmp_path, layout):
    corpus = laid_out(benchmark, tmp_path, layout)
    outcome = explain(benchmark.spec(tmp_path / "out", **QUICK, corpus=corpus))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    report = diff_runs(usual, run)
    assert report.bitwise, report.lines
    assert run.table("runs")["corpus"].to_pylist() == [layout.split()[0]]


def test_text_files_beside_the_pictures_change_no_number(benchmark, usual, tmp_path):
    shutil.copytree(benchmark.images, tmp_path / "files")
    for name, texts in captions_of(benchmark).items():
        (tmp_path / "files" / name).with_suffix(".txt").write_text("\n".join(texts) + "\n")
    corpus = {"format": "folder", "annotations": "", "images": str(tmp_path / "files"), "split": "all"}
    outcome = explain(benchmark.spec(tmp_path / "out", **QUICK, corpus=corpus))
    assert outcome.finished, outcome.failures
    report = diff_runs(usual, run_of(outcome))
    assert report.bitwise, report.lines


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_run_is_named_by_contents_and_relative_names_alone(benchmark, tmp_path, layout):
    """Where the captions' file has the same name, the run is the same run."""

    def drafted(**changes):
        return draft_plan(ExplainParameters.model_validate(benchmark.spec(tmp_path / "out", **changes)))

    usual = drafted()
    corpus = laid_out(benchmark, tmp_path, layout, "annotations" + suffix(layout))
    same_name = drafted(corpus=corpus | ({"split": "all"} if layout == "coco_captions" else {}))
    moved = {name for name, value in usual.components.items() if same_name.components[name] != value}
    assert moved == (set() if suffix(layout) == ".json" else {"corpus"})
    kept = ["entry", "modality", "text", "fingerprint", "uri_member"]
    assert same_name.manifest.select(kept).equals(usual.manifest.select(kept))
    assert same_name.relevance.equals(usual.relevance)
    assert set(same_name.manifest["uri"].to_pylist()) == {
        *captions_of(benchmark),
        "annotations" + suffix(layout),
    }


def suffix(layout):
    """Folders tell the kind of a table by its name, the others by its content."""
    return "." + layout.split()[1] if layout.startswith("folder") else ".json"


def rectangle(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


def instances(captions, without=()):
    """Two halves of an upper left quarter in pictures of 60 x 44, and one object out of the view."""
    images = [{"id": number, "height": 44, "width": 60} for number in range(len(captions))]
    drawn = [
        {"image_id": image["id"], "segmentation": [rectangle(*box)]}
        for image in images
        if image["id"] not in without
        for box in ((0, 0, 15, 22), (15, 0, 30, 22), (60, 44, 70, 50))
    ]
    return {"images": images, "annotations": drawn}


def with_regions(benchmark, folder, regions, **more):
    (folder / "instances_val2017.json").write_text(json.dumps(regions))
    corpus = laid_out(benchmark, folder, "coco_captions")
    corpus |= {"regions": str(folder / "instances_val2017.json")} | more
    spec = benchmark.spec(folder / "out", **QUICK, corpus=corpus)
    return spec | {"segmentation": {"image": {"method": "given"}}}


def boxes(run):
    rows = [row for row in run.table("segments").to_pylist() if row["area"] is not None]
    return [tuple(row[f"bbox_{name}"] for name in ("x", "y", "width", "height")) for row in rows]


def test_drawn_objects_are_the_regions(benchmark, tmp_path):
    outcome = explain(with_regions(benchmark, tmp_path, instances(captions_of(benchmark), without=[2])))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    # The view is 24 x 24 pixels of 2.5 x 1.83, so that both halves end between two of them.
    assert sorted(boxes(run)) == sorted([(0, 0, 15, 22), (15, 0, 15, 22), (0, 0, 60, 44)] * 3)
    failures = run.table("failures", ["stage", "reason", "uri", "message"]).to_pylist()
    assert [(row["stage"], row["reason"], row["uri"]) for row in failures] == [
        ("segment", "empty", "shapes-2.png")
    ]
    assert "image 2 has no object in" in failures[0]["message"]


def test_panoptic_pictures_are_the_regions(benchmark, tmp_path):
    """The same objects as colours: the same run, and the same label maps as the outlines give."""
    outlines = run_of(explain(with_regions(benchmark, tmp_path, instances(captions_of(benchmark)))))
    folder = tmp_path / "panoptic"
    (folder / "masks").mkdir(parents=True)
    colours = np.zeros((44, 60, 3), dtype=np.uint8)
    colours[:22, :15] = (7, 1, 0)
    colours[:22, 15:30] = (7, 1, 2)
    Image.fromarray(colours).save(folder / "masks" / "one.png")
    infos = [{"id": 7 + 256}, {"id": 7 + 256 + 2 * 65536}]
    pictures = [
        {"image_id": number, "file_name": "one.png", "segments_info": infos}
        for number in range(len(captions_of(benchmark)))
    ]
    spec = with_regions(benchmark, folder, {"annotations": pictures}, region_label_maps=str(folder / "masks"))
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    report = diff_runs(outlines, run_of(outcome))
    assert report.bitwise, report.lines
    assert outlines.run_id != run_of(outcome).run_id


def test_what_is_drawn_names_the_run_and_where_it_lies_does_not(benchmark, tmp_path):
    ids = {}
    for name, without in (("here", ()), ("there", ()), ("changed", [2])):
        (tmp_path / name).mkdir()
        spec = with_regions(benchmark, tmp_path / name, instances(captions_of(benchmark), without))
        ids[name] = draft_plan(ExplainParameters.model_validate(spec)).run_id
    assert ids["here"] == ids["there"] != ids["changed"]


def test_objects_of_other_images_end_the_run_before_it_starts(call, benchmark, tmp_path):
    regions = instances(captions_of(benchmark))
    for image in [*regions["images"], *regions["annotations"]]:
        name = "image_id" if "image_id" in image else "id"
        image[name] += 100
    spec = with_regions(benchmark, tmp_path, regions)
    spec_file = tmp_path / "spec.yaml"
    spec_file.write_text(json.dumps(spec))
    status, _, err = call("explain", spec_file)
    assert status == 2
    assert "none of the 4 images of the corpus has an object in it, the first of them '0'" in err
