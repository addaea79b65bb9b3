"""Word classes and words on labels of a run over scenes, against loops over its tables.

Proves tasks.stages.summarise.fitted_blocks, tasks.stages.summarise.label_word_mass,
tasks.stages.summarise.word_classes.
"""

from collections import defaultdict

import numpy as np
import pytest
from tiny_benchmark import explain, run_of

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.segmentation.lexicon import english_lexicon
from tasks.corpora.demos.scenes import materialise_scenes
from tasks.run_files.plan import open_run_plan
from tasks.spec import ExplainParameters
from tasks.stages.summarise import label_word_mass, word_classes
from tasks.stages.summarise.fitted_blocks import selected_pairs

N_SCENES = 40
SHAPES = {"circle", "square", "triangle", "diamond", "cross", "ring"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    corpus = materialise_scenes(folder, N_SCENES, seed=3)
    image = {"method": "given", "label_maps": str(corpus.label_maps), "label_names": str(corpus.regions)}
    spec = {
        "corpus": {"annotations": str(corpus.annotations), "images": str(corpus.images)},
        "model": {"name": "scenes"},
        "segmentation": {"image": image},
        "perturbation": {"image_baseline": "dataset_mean", "max_image_masks": 64, "max_text_masks": 64},
        "estimators": ["banzhaf", "grid"],
        "opaque": {"sample": 15},
        "faithfulness": {"sample": 0},
        "runner": {"name": "inline"},
        "blocks": {"image_encodes": 700, "text_encodes": 700, "pairs": 16},
        "output": str(folder / "tables"),
    }
    outcome = explain(ExplainParameters.model_validate(spec))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def segments(run):
    return {(row["item_id"], row["segment"]): row for row in run.table("segments").to_pylist()}


@pytest.fixture(scope="module")
def pairs(run):
    return {row["pair_id"]: row for row in run.table("pairs").to_pylist()}


def test_regions_have_the_shapes_of_their_objects_as_labels(segments):
    regions = [row for row in segments.values() if row["rle"] is not None]
    assert {row["label"] for row in regions} == SHAPES | {None}
    assert {row["label_source"] for row in regions if row["label"]} == {"label_names"}
    grounds = defaultdict(float)
    for row in regions:
        grounds[row["item_id"]] += row["share"] if row["label"] is None else 0.0
    assert len(grounds) == N_SCENES
    assert min(grounds.values()) > 0.4
    words = [row for row in segments.values() if row["word"]]
    assert {row["word_class"] for row in words} == {"size", "colour", "content", "function", "spatial"}
    lexicon = english_lexicon()
    assert [row["word_class"] for row in words] == [lexicon.of_word(row["text"]) for row in words]


@pytest.mark.parametrize("estimator", ["banzhaf", "grid"])
def test_means_of_word_classes_are_those_of_a_loop(run, segments, pairs, estimator):
    words = defaultdict(list)
    for row in run.table("main_effects").to_pylist():
        if (row["estimator"], row["side"]) == (estimator, "right"):
            own = segments[pairs[row["pair_id"]]["right_id"], row["segment"]]
            words[row["pair_id"]].append((own["word_class"], row["mass"], abs(row["intact_effect"])))
    got = {
        (row["relation"], row["word_class"], row["quantity"]): row
        for row in run.table("word_class_means").to_pylist()
        if (row["estimator"], row["slice"]) == (estimator, "all")
    }
    relations = {pairs[pair]["relation"] for pair in words} | {"all"}
    classes = ["size", "colour", "content", "function", "spatial"]
    expected = {}
    for relation in relations:
        chosen = [pair for pair in words if relation in {"all", pairs[pair]["relation"]}]
        lefts, rights = ([pairs[pair][side] for pair in chosen] for side in ("left_id", "right_id"))
        for name in classes:
            own = {pair: [one for one in words[pair] if one[0] == name] for pair in chosen}
            n_pairs = sum(bool(found) for found in own.values())
            if not n_pairs:
                continue
            values = {
                "mass_share": [
                    sum(mass for _, mass, _ in own[pair]) / sum(mass for _, mass, _ in words[pair])
                    for pair in chosen
                ],
                "word_share": [len(own[pair]) / len(words[pair]) for pair in chosen],
                "intact_size": [
                    np.mean([size for _, _, size in own[pair]]) if own[pair] else np.nan for pair in chosen
                ],
            }
            for quantity, column in values.items():
                mean = clustered_mean(np.array(column, dtype=np.float64), lefts, rights)
                expected[relation, name, quantity] = mean, n_pairs, sum(map(len, own.values()))
    assert got.keys() == expected.keys()
    for key, (mean, n_pairs, n_words) in expected.items():
        row = got[key]
        assert (row["n_pairs"], row["n_words"], row["n"]) == (n_pairs, n_words, mean.n), key
        assert [row["mean"], row["median"]] == pytest.approx([mean.mean, mean.median], rel=1e-5), key
        assert (row["low"] is None) == (n_pairs < 10 or mean.low is None), key
        if row["low"] is not None:
            assert row["standard_error"] == pytest.approx(mean.standard_error, rel=1e-4)
            assert row["low"] < row["mean"] < row["high"]
    assert any(row["low"] is not None for row in got.values())


def by_brute_force(run, segments, pairs, estimator):
    cells = defaultdict(list)
    for row in run.table("interactions").to_pylist():
        if row["estimator"] == estimator and pairs[row["pair_id"]]["is_positive"]:
            cells[row["pair_id"]].append((row["left_segment"], row["right_segment"], row["weight"]))
    found, n_pairs = defaultdict(list), defaultdict(set)
    for pair, own in cells.items():
        left, right = pairs[pair]["left_id"], pairs[pair]["right_id"]
        regions = {i: segments[left, i] for i, _, _ in own}
        texts = {j: segments[right, j]["word"] for _, j, _ in own}
        for word in set(texts.values()):
            n_pairs[word].add(pair)
            mass = sum(abs(w) for _, j, w in own if texts[j] == word)
            for label in {row["label"] for row in regions.values()} - {None}:
                on = {
                    name: sum(abs(w) for i, j, w in own if texts[j] == word and wanted(regions[i]["label"]))
                    for name, wanted in (
                        ("inside", lambda one, label=label: one == label),
                        ("other", lambda one, label=label: one not in {label, None}),
                        ("background", lambda one: one is None),
                    )
                }
                net = sum(w for i, j, w in own if texts[j] == word and regions[i]["label"] == label)
                area = sum(row["share"] for row in regions.values() if row["label"] == label)
                shares = [value / mass for value in on.values()]
                found[label, word].append((mass, *shares, net, area))
    return {key: rows for key, rows in found.items() if len(n_pairs[key[1]]) >= 10}


@pytest.mark.parametrize("estimator", ["banzhaf", "grid"])
def test_words_on_labels_are_those_of_a_loop(run, segments, pairs, estimator):
    expected = by_brute_force(run, segments, pairs, estimator)
    got = {
        (row["label"], row["word"]): row
        for row in run.table("label_word_mass").to_pylist()
        if row["estimator"] == estimator
    }
    assert got.keys() == expected.keys()
    assert len(got) > 10
    for key, rows in expected.items():
        names = ("mass", "inside", "other", "background", "net", "area")
        assert got[key]["n_pairs"] == len(rows), key
        assert [got[key][name] for name in names] == pytest.approx(np.mean(rows, axis=0), abs=1e-5), key


def test_no_more_labels_and_words_are_kept_than_fit(run, monkeypatch):
    monkeypatch.setattr(label_word_mass, "MOST_LABELS", 2)
    monkeypatch.setattr(label_word_mass, "MOST_CELLS", 7)
    opened = open_run_plan(run.root, run.run_id)
    rows = label_word_mass.label_word_table(opened, selected_pairs(opened)).to_pylist()
    assert len({row["label"] for row in rows}) == 2
    assert {row["word"] for row in rows} >= {"a"}
    assert len({row["word"] for row in rows}) == 3
    whole = {
        (row["estimator"], row["label"], row["word"]): row for row in run.table("label_word_mass").to_pylist()
    }
    for row in rows:
        assert row == pytest.approx(whole[row["estimator"], row["label"], row["word"]])


def test_colours_and_sizes_are_read_more_than_relations(run):
    """By the word: the share of the joint effect over that of the words."""
    means = {
        (row["word_class"], row["quantity"]): row["mean"]
        for row in run.table("word_class_means").to_pylist()
        if (row["estimator"], row["relation"]) == ("banzhaf", "positive")
    }
    weight = {
        name: means[name, "mass_share"] / means[name, "word_share"] for name in ("colour", "size", "spatial")
    }
    assert weight["colour"] > 1.3 > 0.9 > weight["spatial"]
    assert weight["size"] > weight["spatial"]
    assert means["colour", "intact_size"] > 2 * means["spatial", "intact_size"]


def test_own_shape_is_where_a_shape_lies(run):
    rows = [row for row in run.table("label_word_mass").to_pylist() if row["estimator"] == "banzhaf"]
    own = [row for row in rows if row["word"] == row["label"]]
    assert own
    assert np.mean([row["inside"] for row in own]) > 2 * np.mean([row["area"] for row in own])
    foreign = [row for row in rows if row["word"] in SHAPES - {row["label"]}]
    assert np.mean([row["net"] for row in own]) > np.mean([row["net"] for row in foreign])


def test_a_run_without_texts_or_labels_has_no_rows(run):
    opened = open_run_plan(run.root, run.run_id)
    pairs = selected_pairs(opened)
    images = np.full(pairs.table.num_rows, "image")
    place = pairs.table.schema.get_field_index("right_modality")
    changed = type(pairs)(pairs.table.set_column(place, "right_modality", [images]), pairs.ids)
    assert word_classes.word_class_table(opened, changed, []).num_rows == 0
    assert label_word_mass.label_word_table(opened, changed).num_rows == 0
