"""Slices of a planted run by brute force, on any grouping of work, and those too small or too many.

Proves tasks.spec.summary, tasks.stages.summarise.aggregates, tasks.stages.summarise.word_classes,
tasks.stages.pair_tags and tasks.query.views.slices.
"""

import json
import shutil

import numpy as np
import pytest
from every import every
from tagged_benchmark import N_IMAGES, make_tagged, slices_spec
from tiny_benchmark import Benchmark, explain, merged, run_of

from ilime_core.aggregates.corrections import question_by_question
from tasks.query.database import Database
from tasks.run_files.plan import open_run_plan
from tasks.spec import ExplainParameters
from tasks.stages.pair_tags import item_tags
from tasks.tables import TABLES

SPEC = slices_spec()


@pytest.fixture(scope="module")
def tagged(tmp_path_factory):
    return make_tagged(tmp_path_factory.mktemp("slices") / "corpus")


@pytest.fixture(scope="module")
def run(tagged, tmp_path_factory):
    outcome = explain(tagged.spec(tmp_path_factory.mktemp("slices-run"), **SPEC))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def pairs(run):
    """Items, relation and share_cross of every pair, with the values of a tag on either side."""
    tags = {row["item_id"]: dict(row["tags"] or ()) for row in run.table("items").to_pylist()}
    fits = {row["pair_id"]: row for row in run.table("fits").to_pylist()}
    found = []
    for row in run.table("pairs").to_pylist():
        sides = [tags[row["left_id"]], tags[row["right_id"]]]
        values = {tag: {side[tag] for side in sides if tag in side} for tag in ("source", "kind", "id")}
        found.append(row | {"tags": values, "share_cross": fits[row["pair_id"]]["share_cross"]})
    return found


def of(pairs, relation, tag="", value=""):
    return [
        pair
        for pair in pairs
        if relation in ("all", pair["relation"]) and (not tag or value in pair["tags"][tag])
    ]


def is_large(pairs, floor=4, items=2):
    return len(pairs) >= floor and all(
        len({pair[side] for pair in pairs}) >= items for side in ("left_id", "right_id")
    )


def test_means_of_slices_are_those_of_their_pairs(run, pairs):
    rows = {
        (row["relation"], row["slice"]): row
        for row in run.table("aggregates").to_pylist()
        if row["quantity"] == "share_cross"
    }
    relations = ["all", *sorted({pair["relation"] for pair in pairs})]
    assert len(relations) > 2
    expected = {}
    for relation in relations:
        expected[relation, "all"] = of(pairs, relation)
        for tag in ("source", "kind"):
            for value in {value for pair in pairs for value in pair["tags"][tag]}:
                own = of(pairs, relation, tag, value)
                if is_large(own):
                    expected[relation, f"{tag}={value}"] = own
    assert rows.keys() - expected.keys() <= {
        (relation, f"id={n}") for relation in relations for n in range(N_IMAGES)
    }
    assert expected.keys() <= rows.keys()
    assert ("all", "source=<b>web</b>") in rows
    assert ("positive", "source=<b>web</b>") not in rows  # two captions of one image
    for key, own in expected.items():
        assert rows[key]["n"] == len(own)
        assert rows[key]["mean"] == pytest.approx(np.mean([pair["share_cross"] for pair in own]), abs=1e-6)


def test_word_classes_of_slices_are_those_of_their_pairs(run, pairs):
    classes = {
        (row["item_id"], row["segment"]): row["word_class"]
        for row in run.table("segments").to_pylist()
        if row["word"]
    }
    right = {pair["pair_id"]: pair["right_id"] for pair in pairs}
    masses = {pair["pair_id"]: {} for pair in pairs}
    for row in run.table("main_effects").to_pylist():
        if row["side"] == "right":
            own, name = masses[row["pair_id"]], classes[right[row["pair_id"]], row["segment"]]
            own[name] = own.get(name, 0.0) + row["mass"]
    rows = {
        (row["relation"], row["slice"], row["word_class"]): row
        for row in run.table("word_class_means").to_pylist()
        if row["quantity"] == "mass_share"
    }
    assert {name for _, name, _ in rows} > {"all", "source=coco", "kind=red", "source=<b>web</b>"}
    for (relation, name, word_class), row in rows.items():
        tag, _, value = name.partition("=")
        own = of(pairs, relation) if name == "all" else of(pairs, relation, tag, value)
        assert name == "all" or is_large(own)
        shares = [masses[pair["pair_id"]].get(word_class, 0.0) for pair in own]
        totals = [sum(masses[pair["pair_id"]].values()) for pair in own]
        assert row["mean"] == pytest.approx(np.mean(np.array(shares) / totals), rel=1e-5)
        assert row["n"] == len(own)
    large = {
        (relation, f"source={value}")
        for relation in ("all", "positive")
        for value in ("coco", "flickr", "<b>web</b>")
        if is_large(of(pairs, relation, "source", value))
    }
    assert large <= {(relation, name) for relation, name, _ in rows}


def test_differences_are_between_a_slice_and_the_rest_of_its_tag(run, pairs):
    rows = run.table("slice_differences").to_pylist()
    chosen = {(row["relation"], row["slice"]): row for row in rows if row["quantity"] == "share_cross"}
    tagged = [pair for pair in pairs if pair["tags"]["source"]]
    for relation, value in (("all", "coco"), ("all", "flickr"), ("all", "<b>web</b>"), ("positive", "coco")):
        own = of(tagged, relation, "source", value)
        rest = [pair for pair in of(tagged, relation) if pair not in own]
        row = chosen[relation, f"source={value}"]
        means = [np.mean([pair["share_cross"] for pair in group]) for group in (own, rest)]
        assert (row["n"], row["n_rest"]) == (len(own), len(rest))
        assert (row["mean"], row["rest_mean"]) == pytest.approx(tuple(means), abs=1e-6)
        assert row["difference"] == pytest.approx(means[0] - means[1], abs=1e-6)
        assert row["low"] < row["difference"] < row["high"]
        sides = [{pair[side] for pair in group} for group in (own, rest) for side in ("left_id", "right_id")]
        assert row["n_items"] == min(map(len, sides))
        assert row["p_value"] is None  # fewer than 10 items


def test_the_view_has_means_beside_those_of_the_rest(run):
    differences = {
        (row["relation"], row["slice"], row["quantity"]): row
        for row in run.table("slice_differences").to_pylist()
    }
    with Database(run) as database:
        found = {
            (row["relation"], row["slice"], row["quantity"]): row
            for row in database.query("FROM slices").read_all().to_pylist()
        }
    means = [row for row in run.table("aggregates").to_pylist() if row["slice"] != "all"]
    assert len(found) == len(means) > len(differences) > 10
    for row in means:
        key = row["relation"], row["slice"], row["quantity"]
        assert [found[key][name] for name in ("mean", "low", "n")] == [row["mean"], row["low"], row["n"]]
        own = differences.get(key, {})
        for name, theirs in {
            "rest_mean": "rest_mean",
            "difference_low": "low",
            "p_adjusted": "p_adjusted",
        }.items():
            assert found[key][name] == own.get(theirs)


def test_tags_say_how_many_slices_are_too_small_or_too_many(run, pairs):
    rows = {row["tag"]: row for row in run.table("slice_counts").to_pylist()}
    assert {tag: (row["n_values"], row["n_rare"]) for tag, row in rows.items()} == {
        "source": (3, 0),
        "kind": (2, 0),
        "id": (N_IMAGES, N_IMAGES - 6),
    }
    for tag, row in rows.items():
        assert row["n_pairs"] == sum(bool(pair["tags"][tag]) for pair in pairs)
        assert row["n_slices"] + row["n_small"] + row["n_rare"] == row["n_values"]
    large = sum(is_large(of(pairs, "all", "source", value)) for value in ("coco", "flickr", "<b>web</b>"))
    assert rows["source"]["n_slices"] == large


def test_p_values_are_corrected_over_the_slices_of_a_question(tagged, tmp_path):
    """Slices of captions with ten items each, so that there is something to test."""
    copied = Benchmark(tmp_path / "corpus")
    shutil.copytree(tagged.folder, copied.folder)
    make_more(copied)
    changes = merged(SPEC, {"summary": {"slice_items": 10, "slice_floor": 10}, "corpus": {"tags": ["third"]}})
    rows = run_of(explain(copied.spec(tmp_path / "out", **changes))).table("slice_differences").to_pylist()
    assert every(row["p_value"] is not None and row["n_items"] >= 10 for row in rows)
    questions = {name: n for n, name in enumerate({(row["relation"], row["quantity"]) for row in rows})}
    numbers = np.array([questions[row["relation"], row["quantity"]] for row in rows])
    adjusted = question_by_question(np.array([row["p_value"] for row in rows]), numbers)
    assert [row["p_adjusted"] for row in rows] == pytest.approx(adjusted.tolist())
    assert len(rows) > 20


def make_more(corpus):
    """Thirty entries of three kinds: the nine pictures under other sizes."""
    from PIL import Image

    tree = json.loads(corpus.annotations.read_text())
    images = []
    for number in range(30):
        base = tree["images"][number % N_IMAGES]
        name = f"more-{number}.png"
        with Image.open(corpus.images / base["filename"]) as picture:
            picture.resize((60 + number, 44)).save(corpus.images / name)
        caption = {"raw": f"{base['sentences'][0]['raw']} number {number}"}
        own = {"filename": name, "imgid": number, "split": "test", "sentences": [caption]}
        images.append(own | {"third": number % 3})
    corpus.annotations.write_text(json.dumps({"images": images}))


def test_tables_are_the_same_on_any_grouping_of_work(run, tagged, tmp_path):
    """Other blocks make other batches, whose sums may have other last bits."""
    blocks = {"image_encodes": 700, "text_encodes": 400, "pairs": 3}
    other = run_of(explain(tagged.spec(tmp_path, **merged(SPEC, {"blocks": blocks}))))
    for table in ("aggregates", "slice_differences", "slice_counts"):
        key = TABLES[table].key
        found, expected = (
            {tuple(row.pop(name) for name in key): row for row in one.table(table).to_pylist()}
            for one in (other, run)
        )
        assert found.keys() == expected.keys()
        for name, row in expected.items():
            known = {column: value for column, value in row.items() if value is not None}
            assert {column for column, value in found[name].items() if value is not None} == known.keys()
            own = {column: found[name][column] for column in known}
            assert own == pytest.approx(known, rel=1e-2, abs=1e-4)


def test_limits_and_values_are_part_of_what_defines_a_run_with_tags(run, tagged, tmp_path):
    from tasks.planning.draft import draft_plan

    def run_id(**changes):
        return draft_plan(
            ExplainParameters.model_validate(tagged.spec(tmp_path, **merged(SPEC, changes)))
        ).run_id

    assert run_id() == run.run_id
    limits = [{"slice_floor": 5}, {"slice_items": 3}, {"slice_values": 7}]
    assert len({run_id(), *(run_id(summary=one) for one in limits)}) == 4
    without = {"corpus": {"tags": []}}
    assert run_id(**without) == run_id(**without, summary={"slice_floor": 5})


def test_retrieval_of_a_slice_is_that_of_its_queries_among_all_candidates(run, pairs):
    tags = {row["item_id"]: dict(row["tags"] or ()) for row in run.table("items").to_pylist()}
    hits = {}
    for row in run.table("rankings").to_pylist():
        if row["rank"] == 1:
            hits[row["direction"], row["query_id"]] = row["relevant"]
    rows = {
        (row["direction"], row["slice"]): row
        for row in run.table("retrieval_metrics").to_pylist()
        if row["metric"] == "recall_at_1"
    }
    for direction in ("left_to_right", "right_to_left"):
        for value in ("coco", "flickr", "<b>web</b>"):
            own = [
                hit
                for (way, query), hit in hits.items()
                if way == direction and tags[query].get("source") == value
            ]
            if len(own) < 4:
                assert (direction, f"source={value}") not in rows
                continue
            row = rows[direction, f"source={value}"]
            assert (row["n_queries"], row["value"]) == (len(own), pytest.approx(np.mean(own)))
        assert rows[direction, "all"]["n_candidates"] == rows[direction, "source=coco"]["n_candidates"]
    assert ("right_to_left", "source=flickr") in rows
    assert ("left_to_right", "source=flickr") not in rows


def test_a_run_without_tags_has_no_slices(reference):
    for table in ("aggregates", "leaderboard", "retrieval_metrics"):
        assert set(reference.table(table)["slice"].to_pylist()) == {"all"}
    assert reference.table("slice_differences").num_rows == reference.table("slice_counts").num_rows == 0
    assert item_tags(open_run_plan(reference.storage.url, reference.run_id)) == {}
