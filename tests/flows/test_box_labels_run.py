"""Regions of a cut segmentation have the labels of the boxes that cover them, also where they are copied.

Proves tasks.corpora.object_table, tasks.stages.segment.box_labels.
"""

import json

import planted_plugin
import pytest
from parquet_files import parquet, structs
from tiny_benchmark import LEAN, explain, make_benchmark, run_of

from ilime_core.pictures.decoding import label_map_from_png
from tasks.spec import ExplainParameters
from tasks.stages.segment.view_geometry import view_geometry

OBJECTS = [
    {"bbox": [0, 0, 30, 44], "label": "Left\nhalf"},
    {"bbox": [0, 0, 25, 15], "label": "corner"},
    {"bbox": [50, 30, 30, 30], "label": "edge"},
]


def with_objects(corpus, *objects):
    document = json.loads(corpus.annotations.read_text())
    for image, own in zip(document["images"], objects, strict=True):
        image["things"] = own
    corpus.annotations.write_text(json.dumps(document))


def labels_by_loop(view, objects):
    """Label of each region; every pixel of every region is compared with every box."""
    labels, geometry = label_map_from_png(view["label_map"]), view_geometry(view)
    found = []
    for segment in range(view["n_segments"]):
        shares = []
        for one in objects:
            x, y, width, height = one["bbox"]
            inside = total = 0
            for row in range(labels.shape[0]):
                for column in range(labels.shape[1]):
                    if labels[row, column] == segment:
                        total += 1
                        across = (column + 0.5) / geometry.scale_x + geometry.left
                        down = (row + 0.5) / geometry.scale_y + geometry.top
                        inside += x <= across < x + width and y <= down < y + height
            shares.append((-inside / total, width * height, " ".join(one["label"].lower().split())))
        best = min(shares, default=(0.0, 0, ""))
        found.append(best[2] if best[0] <= -0.5 else None)
    return found


def labels_of(run):
    rows = [row for row in run.table("segments").to_pylist() if row["rle"] is not None]
    return {(row["item_id"], row["segment"]): (row["label"], row["label_source"]) for row in rows}


@pytest.mark.parametrize("method", ["grid", "slic"])
def test_labels_are_those_of_a_loop_and_follow_the_column_without_another_encode(tmp_path, method):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    with_objects(corpus, OBJECTS, None)
    spec = corpus.spec(
        tmp_path / "tables",
        corpus={"object_column": "things"},
        segmentation={"image": {"method": method, "n_segments": 16}},
        **LEAN,
    )
    first = run_of(explain(spec))
    external = {row["item_id"]: row["external_id"] for row in first.table("items").to_pylist()}
    expected = {
        (view["item_id"], segment): (label, "column" if label else None)
        for view in first.table("views").to_pylist()
        if view["label_map"] is not None
        for segment, label in enumerate(
            labels_by_loop(view, OBJECTS) if external[view["item_id"]] == "0" else [None] * view["n_segments"]
        )
    }
    assert labels_of(first) == expected
    assert {label for label, _ in expected.values()} >= {"left half", None}

    before = planted_plugin.rows["image"]
    with_objects(corpus, [{**OBJECTS[0], "label": "other"}], [])
    renamed = run_of(explain(spec))
    assert {label for label, _ in labels_of(renamed).values()} == {"other", None}
    plain = run_of(explain(spec | {"corpus": spec["corpus"] | {"object_column": ""}}))
    assert set(labels_of(plain).values()) == {(None, None)}
    assert planted_plugin.rows["image"] == before
    assert len({first.run_id, renamed.run_id, plain.run_id}) == 3


@pytest.mark.parametrize("packed", [False, True])
def test_of_equal_images_the_first_with_objects_counts(tmp_path, packed):
    """Equal files are one entry of the manifest, equal pictures in rows of Parquet are several."""
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    pictures = [file.read_bytes() for file in sorted(corpus.images.iterdir())]
    pictures = [pictures[0], pictures[0], pictures[0], pictures[1]]
    whole = [[{"bbox": [0, 0, 99, 99], "label": name}] for name in ("first", "second")]
    things = [None, *whole, []]
    if packed:
        columns = {"image": structs(pictures), "caption": list("abcd"), "things": things}
        (tmp_path / "test.parquet").write_bytes(parquet(columns))
        place = {"format": "parquet", "images": str(tmp_path / "test.parquet"), "annotations": ""}
    else:
        rows = []
        for number, picture in enumerate(pictures):
            (corpus.images / f"{number}.png").write_bytes(picture)
            rows.append({"file": f"{number}.png", "caption": "abcd"[number], "things": things[number]})
        corpus.annotations.write_text(json.dumps(rows))
        place = {"format": "folder"}
    spec = corpus.spec(tmp_path / "tables", corpus={"object_column": "things", **place}, **LEAN)
    spec["blocks"] = spec["blocks"] | {"image_encodes": 1}
    found = labels_of(run_of(explain(spec)))
    assert len({item_id for item_id, _ in found}) == 2
    assert set(found.values()) == {("first", "column"), (None, None)}


def test_a_broken_box_is_a_row_of_failures_and_two_sources_of_labels_are_refused(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    with_objects(corpus, OBJECTS, [{"bbox": [1, 2], "label": "x"}])
    spec = corpus.spec(
        tmp_path / "tables", corpus={"object_column": "things"}, failures={"tolerate": 0.9}, **LEAN
    )
    run = run_of(explain(spec))
    (failure,) = [row for row in run.table("failures").to_pylist() if "things" in row["message"]]
    assert (failure["stage"], failure["reason"]) == ("plan", "malformed")
    assert "images[1].things[0].bbox: got a list of 2" in failure["message"]
    image = {"method": "given", "label_maps": "maps", "label_names": "names.tsv"}
    with pytest.raises(ValueError, match=r"and so does segmentation\.image\.label_names; give one of them"):
        ExplainParameters.model_validate(spec | {"segmentation": {"image": image}})


def test_objects_of_coco_label_regions_that_are_cut(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    document = json.loads(corpus.annotations.read_text())
    images = [{"id": n, "file_name": one["filename"]} for n, one in enumerate(document["images"])]
    captions = [
        {"id": 10 * n + m, "image_id": n, "caption": sentence["raw"]}
        for n, one in enumerate(document["images"])
        for m, sentence in enumerate(one["sentences"])
    ]
    (tmp_path / "captions_val.json").write_text(json.dumps({"images": images, "annotations": captions}))
    objects = [
        {"image_id": 0, "category_id": n, "bbox": one["bbox"], "segmentation": []}
        for n, one in enumerate(OBJECTS)
    ]
    categories = [{"id": n, "name": one["label"]} for n, one in enumerate(OBJECTS)]
    instances = tmp_path / "instances_val.json"
    instances.write_text(json.dumps({"annotations": objects, "categories": categories}))
    spec = corpus.spec(
        tmp_path / "tables", segmentation={"image": {"method": "grid", "n_segments": 16}}, **LEAN
    )
    spec["corpus"] = {
        "format": "coco_captions",
        "annotations": str(tmp_path / "captions_val.json"),
        "images": str(corpus.images),
        "instances": str(instances),
        "split": "all",
    }
    run = run_of(explain(spec))
    own = {row["item_id"]: row["external_id"] for row in run.table("items").to_pylist()}
    expected = {}
    for view in run.table("views").to_pylist():
        if view["original_width"] is not None:
            labels = labels_by_loop(view, OBJECTS if own[view["item_id"]] == "0" else [])
            for segment, label in enumerate(labels):
                expected[view["item_id"], segment] = (label, "instances" if label else None)
    assert labels_of(run) == expected
    assert {label for label, _ in expected.values()} > {"left half", None}
