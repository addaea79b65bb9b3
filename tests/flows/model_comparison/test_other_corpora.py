"""Comparisons where regions have labels, and where both sides are texts or pictures."""

import pytest
from tiny_benchmark import SPEC, explain, make_benchmark, merged, run_of

from tasks.corpora.demos.scenes import materialise_scenes
from tasks.model_comparison.compare import compare_runs
from tasks.model_comparison.lines import comparison_lines

LEAN = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "perturbation": {"design": "enumerate", "max_image_masks": 64, "max_text_masks": 64},
    "failures": {"tolerate": 1.0},
}
COLOURLESS = {"model": {"factory": "planted_plugin:colourless"}}
TEXTS = """query\tcandidate\trelevance
a red cat\tthe "ginger" kitten\t1
the big dog\ta hound\t1
a blue hound\tthe big dog\t1
"""
PICTURES = """query,candidate,relevance
shapes-0.png,shapes-1.png,1
shapes-2.png,shapes-3.png,1
"""


def both(spec, folder):
    """Runs of a spec by the two models, and their comparison."""
    runs = [
        run_of(explain(merged(spec, changes | {"output": str(folder / name)})))
        for name, changes in (("before", {}), ("after", COLOURLESS))
    ]
    return runs, compare_runs(*runs)


def rows_of(found, **where):
    return [row for row in found.rows.to_pylist() if all(row[name] == value for name, value in where.items())]


def test_margins_of_contrasts_are_not_those_of_failed_queries(tmp_path):
    """A query has a margin for each contrast, too; the one of the failed query is compared."""
    benchmark = make_benchmark(tmp_path / "corpus", 6)
    changes = {
        "corpus": {"edits": ["colours", "shuffle"]},
        "pairs": {"retrieved": 0, "errors": True},
        "perturbation": {"design": "foldover"},
    }
    spec = merged(merged(benchmark.spec(tmp_path / "tables"), LEAN), changes)
    runs, found = both(spec, tmp_path)
    margins = [run.table("margins").to_pylist() for run in runs]
    assert {row["reason"] for row in margins[1]} >= {"error", "contrast"}
    rows = {(row["name"], row["side"]): row for row in rows_of(found, level="query", quantity="margin")}
    (scale,) = rows_of(found, level="benchmark", quantity="scale")
    for of_run, value in zip(margins, ("value_a", "value_b"), strict=True):
        errors = {(row["query_id"], row["direction"]): row for row in of_run if row["reason"] == "error"}
        for key, row in rows.items():
            if key in errors:
                assert row[value] == pytest.approx(errors[key]["margin"] / scale[value], rel=1e-5)
            else:
                assert row[value] is None
    assert rows


def test_labels_of_regions_are_summed_over_the_regions_that_have_them(tmp_path):
    corpus = materialise_scenes(tmp_path / "scenes", 4, seed=3)
    image = {"method": "given", "label_maps": str(corpus.label_maps), "label_names": str(corpus.regions)}
    places = {"annotations": str(corpus.annotations), "images": str(corpus.images)}
    changes = LEAN | {"perturbation": {"design": "foldover", "max_image_masks": 64, "max_text_masks": 64}}
    spec = merged(SPEC, changes) | {"corpus": places, "segmentation": {"image": image}}
    (before, after), found = both(spec, tmp_path)
    labels = {(row["item_id"], row["segment"]): row["label"] for row in before.table("segments").to_pylist()}
    common = {row["name"] for row in rows_of(found, level="pair", quantity="rank")}
    left = {row["pair_id"]: row["left_id"] for row in before.table("pairs").to_pylist()}
    sums = [{}, {}]
    for own, run in zip(sums, (before, after), strict=True):
        regions = [row for row in run.table("main_effects").to_pylist() if row["side"] == "left"]
        for pair in common:
            mine = [row for row in regions if row["pair_id"] == pair]
            whole = sum(row["mass"] for row in mine)
            for row in mine:
                label = labels[left[pair], row["segment"]]
                if label is not None:
                    own[label, pair] = own.get((label, pair), 0.0) + row["mass"] / whole
    rows = rows_of(found, level="label", quantity="mass_share")
    assert {row["name"] for row in rows} == {label for label, _ in sums[0]}
    for row in rows:
        pairs = [pair for label, pair in sums[0] if label == row["name"]]
        a, b = ([own[row["name"], pair] for pair in pairs] for own in sums)
        assert row["n"] == len(pairs)
        assert row["value_a"] == pytest.approx(sum(a) / len(a), rel=1e-5)
        assert row["value_b"] == pytest.approx(sum(b) / len(b), rel=1e-5)
    assert {row["text"] for row in rows_of(found, level="segment", side="left")} <= {*labels.values()}


def test_texts_that_answer_texts_have_words_on_both_sides(tmp_path):
    (tmp_path / "pairs.tsv").write_text(TEXTS)
    corpus = {"format": "text_pairs", "annotations": str(tmp_path / "pairs.tsv")}
    _, found = both(merged(SPEC, LEAN) | {"corpus": corpus}, tmp_path)
    per_pair = len(rows_of(found, level="pair", quantity="correlation"))
    assert per_pair >= 3
    shares = {row["name"]: row for row in rows_of(found, level="word", quantity="mass_share")}
    assert {"red", "kitten", "hound", "big"} <= shares.keys()
    assert shares["red"]["value_b"] < shares["red"]["value_a"]
    assert rows_of(found, level="label") == []
    assert sum(row["value_a"] * row["n"] for row in shares.values()) == pytest.approx(per_pair, rel=1e-5)
    assert any("query to candidate: R@1" in line for line in comparison_lines(found))


def test_pictures_that_answer_pictures_have_no_words(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus")
    (tmp_path / "judged.csv").write_text(PICTURES)
    places = {
        "format": "image_pairs",
        "annotations": str(tmp_path / "judged.csv"),
        "images": str(corpus.images),
    }
    grid = {"image": {"method": "grid", "n_segments": 4}}
    _, found = both(
        merged(SPEC, LEAN) | {"corpus": places | {"split": "all"}, "segmentation": grid}, tmp_path
    )
    [correlation] = rows_of(found, level="benchmark", quantity="correlation")
    assert correlation["value"] == pytest.approx(1.0)
    assert {row["level"] for row in found.rows.to_pylist()} <= {"benchmark", "pair", "query"}
