"""Truth of a run's pairs: pixels counted in the model's view, words found by their code points.

Proves tasks.stages.measure.pair_truths, tasks.stages.segment.view_geometry.
"""

import json
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pytest
import torch
from every import every
from tiny_benchmark import explain, run_of

from ilime_core.errors import IlimeWarning
from ilime_core.pictures.decoding import label_map_from_png
from tasks.corpora.demos.scenes import materialise_scenes
from tasks.run_files.plan import open_run_plan
from tasks.spec.truth import TruthParameters
from tasks.stages.measure.pair_truths import region_truths
from tasks.truth import open_truth

N, LONG = 3, 2
"""The caption of picture LONG goes on for longer than the model reads."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    torch.set_num_threads(1)
    corpus = materialise_scenes(tmp_path_factory.mktemp("truth"), N, seed=5)
    for place, name in ((corpus.annotations, "images"), (corpus.regions, "regions")):
        tree = json.loads(place.read_text())
        row = tree[name][LONG]
        if name == "images":
            text = row["sentences"][0]["raw"]
            row["sentences"][0]["raw"] = f"{text}{' and' * 200} a thing"
        else:
            end = len(text) + 4 * 200 + 3
            row["spans"].append({**row["spans"][0], "char_start": end, "char_end": end + 5, "text": "thing"})
        place.write_text(json.dumps(tree))
    return corpus


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    outcome = explain(
        {
            "corpus": {"annotations": str(corpus.annotations), "images": str(corpus.images)},
            "model": {"name": "scenes", "device": "cpu"},
            "segmentation": {"image": {"method": "grid", "n_segments": 64}},
            "perturbation": {"image_baseline": "dataset_mean", "held_out": {"image": 0, "text": 0}},
            "estimators": ["banzhaf"],
            "pairs": {"errors": False, "retrieved": 2},
            "faithfulness": {"sample": 0},
            "output": str(tmp_path_factory.mktemp("tables")),
            "runner": {"name": "inline"},
        }
    )
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def pairs(run):
    """Pictures and captions by pair id; of right and wrong pairs."""
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    return {
        row["pair_id"]: (items[row["left_id"]], items[row["right_id"]], row["is_positive"])
        for row in run.table("pairs").to_pylist()
    }


def truths(run, corpus, pair_ids, label_maps):
    opened = open_run_plan(run.root, run.run_id)
    parameters = TruthParameters(format="spans", annotations=str(corpus.regions), label_maps=label_maps)
    return region_truths(opened, open_truth(parameters, opened.plan.parameters.corpus), pair_ids)


def patches(shows):
    """Share of each 8 x 8 patch of the 64 x 64 view, of pixels of an original of 256 x 256."""
    view = np.asarray(shows, dtype=float)[2::4, 2::4]  # centres of the view's pixels
    return view.reshape(8, 8, 8, 8).mean(axis=(1, 3)).ravel()


def as_boxes(shows):
    rows, columns = np.nonzero(shows)
    box = np.zeros_like(shows)
    box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    return box


@pytest.mark.parametrize("exact", [True, False], ids=["label_maps", "boxes"])
def test_parts_are_those_of_the_file_in_the_model_s_view(run, corpus, pairs, exact):
    found = truths(run, corpus, list(pairs), str(corpus.label_maps) if exact else "")
    right = {name for name, (_, _, is_positive) in pairs.items() if is_positive}
    assert found.keys() == right
    assert len(right) == N < len(pairs)
    said = {row["filename"]: row["spans"] for row in json.loads(corpus.regions.read_text())["regions"]}
    for name, truth in found.items():
        image, text, _ = pairs[name]
        labels = label_map_from_png((corpus.label_maps / image["uri"]).read_bytes())
        words = run.table("segments", filter=pc.field("item_id") == text["item_id"]).sort_by("segment")
        spans = said[image["uri"]][:-1] if "thing" in text["text"] else said[image["uri"]]
        assert truth.areas == pytest.approx(np.full(64, 1 / 64))
        assert len(truth.parts) == len(spans)
        for part, span in zip(truth.parts, spans, strict=True):
            assert " ".join(words["text"][word].as_py() for word in part.words) == span["text"]
            shows = labels == span["label"]
            expected = patches(shows if exact else as_boxes(shows))
            assert part.covered == pytest.approx(expected)
            assert part.size == pytest.approx(expected.mean())


def test_what_is_said_wrongly_of_one_pair_is_left_out_with_a_warning(run, corpus, pairs, tmp_path):
    tree = json.loads(corpus.regions.read_text())
    tree["regions"][0]["spans"][0]["text"] = "something else"
    (tmp_path / "regions.json").write_text(json.dumps(tree))
    broken = replace(corpus, regions=tmp_path / "regions.json")
    with pytest.warns(
        IlimeWarning, match=r"the ground truth of 1 pairs cannot be used, .*spans\[0\]: got 'text' 'something"
    ):
        found = truths(run, broken, list(pairs), "")
    assert len(found) == N - 1


def test_words_beyond_the_context_name_nothing(run, corpus, pairs):
    [name] = [name for name, (_, text, own) in pairs.items() if own and "thing" in text["text"]]
    item = pairs[name][1]["item_id"]
    words = run.table("segments", filter=pc.field("item_id") == item).to_pylist()
    (beyond,) = [word for word in words if word["text"] == "thing"]
    assert beyond["truncated"]
    found = truths(run, corpus, [name], "")[name]
    assert every(beyond["segment"] not in part.words for part in found.parts)


def test_only_pairs_that_are_asked_for_are_read(run, corpus, pairs):
    first = next(name for name, (_, _, own) in pairs.items() if own)
    assert truths(run, corpus, [first], "").keys() == {first}
    assert truths(run, corpus, [], "") == {}


def test_a_measurement_points_where_w_of_a_phrase_is_largest(run, corpus, pairs):
    truth = {"format": "spans", "annotations": str(corpus.regions), "label_maps": str(corpus.label_maps)}
    faithfulness = {"metrics": ["localisation"], "sample": 50, "truth": truth}
    spec = run.plan["parameters"] | {"output": run.root, "faithfulness": faithfulness}
    outcome = explain(spec, "measure")
    assert outcome.finished, outcome.failures
    rows = {
        row["pair_id"]: row["value"]
        for row in run_of(outcome).table("faithfulness").to_pylist()
        if (row["metric"], row["mode"], row["control"]) == ("pointing_game", "phrase", "explanation")
    }
    found = truths(run, corpus, list(pairs), str(corpus.label_maps))
    assert rows.keys() == found.keys()
    for name, known in found.items():
        cells = run.table("interactions", filter=pc.field("pair_id") == name).to_pylist()
        weights = np.zeros((64, 1 + max(cell["right_segment"] for cell in cells)))
        for cell in cells:
            weights[cell["left_segment"], cell["right_segment"]] = cell["weight"]
        covered = np.stack([part.covered for part in known.parts], axis=1)
        hits = []
        for place, part in enumerate(known.parts):
            strongest = weights[:, list(part.words)].sum(axis=1).argmax()
            hits.append(covered[strongest, place] >= 0.05 and covered[strongest].argmax() == place)
        assert rows[name] == pytest.approx(np.mean(hits))
