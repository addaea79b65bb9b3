"""Two models on the same items, held against brute force over the tables of both runs.

Proves tasks.model_comparison.common_cells, tasks.model_comparison.common_pairs,
tasks.model_comparison.common_segments, tasks.model_comparison.compare,
tasks.model_comparison.comparison_rows, tasks.model_comparison.queries,
tasks.model_comparison.common_effects.
"""

import shutil
from collections import defaultdict
from functools import lru_cache

import numpy as np
import pytest
from tiny_benchmark import Benchmark, add_picture, explain, run_of

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.errors import InputError
from tasks.model_comparison import common_pairs, common_segments
from tasks.model_comparison.compare import compare_runs
from tasks.tables.comparisons import COMPARISONS

LEAN = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "perturbation": {"max_image_masks": 32, "max_text_masks": 16, "held_out": {"image": 0, "text": 0}},
}
COLOURS = {"red", "green", "blue", "yellow"}
DIRECTIONS = ("left_to_right", "right_to_left")


@lru_cache(maxsize=8)
def listed(found):
    return found.rows.to_pylist()


def rows_of(found, **where):
    return [row for row in listed(found) if all(row[name] == value for name, value in where.items())]


def one(found, **where):
    [row] = rows_of(found, **where)
    return row


def by_pair(run, table, value):
    """A table as nested dictionaries: pair, then key, then value."""
    found = defaultdict(dict)
    for row in run.table(table).to_pylist():
        key, number = value(row)
        found[row["pair_id"]][key] = number
    return found


def cells(run):
    return by_pair(run, "interactions", lambda row: ((row["left_segment"], row["right_segment"]), row))


@lru_cache(maxsize=8)
def words(run):
    return {(row["item_id"], row["segment"]): row["word"] for row in run.table("segments").to_pylist()}


@lru_cache(maxsize=8)
def pairs(run):
    return {row["pair_id"]: row for row in run.table("pairs").to_pylist()}


def scale(run, ids):
    fits = {row["pair_id"]: row for row in run.table("fits").to_pylist()}
    joint = [
        own["f_full"] - own["f_left_empty"] - own["f_right_empty"] + own["f_empty"]
        for own in (fits[pair] for pair in ids)
    ]
    return float(np.sqrt(np.mean(np.square(joint))))


def test_correlation_is_that_of_the_cells(before, colourless, compared):
    first, second = cells(before), cells(colourless)
    common = sorted(first.keys() & second.keys())
    expected, left, right = [], [], []
    for pair in common:
        keys = sorted(first[pair])
        assert keys == sorted(second[pair])
        a, b = ([own[pair][key]["weight"] for key in keys] for own in (first, second))
        expected.append(np.corrcoef(a, b)[0, 1])
        row = one(compared, level="pair", name=pair, quantity="correlation")
        assert row["value"] == pytest.approx(expected[-1], abs=1e-9)
        assert row["n"] == len(keys)
        left.append(pairs(before)[pair]["left_id"])
        right.append(pairs(before)[pair]["right_id"])
    mean = clustered_mean(np.array(expected), left, right)
    row = one(compared, level="benchmark", quantity="correlation")
    assert row["value"] == pytest.approx(mean.mean)
    assert row["standard_error"] == pytest.approx(mean.standard_error)
    assert (row["n"], row["n_left"], row["n_right"]) == (mean.n, mean.n_left, mean.n_right)
    assert row["low"] < row["value"] < row["high"] < 1


def test_shares_and_effects_of_words_are_sums_over_their_segments(before, colourless, compared):
    common = sorted(pairs(before).keys() & pairs(colourless).keys())
    assert one(compared, level="benchmark", quantity="pairs")["value"] == len(common)
    expected = {"mass_share": [], "intact_effect": []}
    for run in (before, colourless):
        named, own, unit = words(run), pairs(run), scale(run, common)
        by_word = {quantity: defaultdict(dict) for quantity in expected}
        effects = by_pair(run, "main_effects", lambda row: ((row["side"], row["segment"]), row))
        for pair in common:
            of_words = {key[1]: row for key, row in effects[pair].items() if key[0] == "right"}
            mass = sum(row["mass"] for row in of_words.values())
            for segment, row in of_words.items():
                word = named[own[pair]["right_id"], segment]
                share, effect = row["mass"] / mass, row["intact_effect"] / unit
                for quantity, value in (("mass_share", share), ("intact_effect", effect)):
                    sums = by_word[quantity][word]
                    sums[pair] = sums.get(pair, 0.0) + value
        for quantity, values in by_word.items():
            expected[quantity].append(values)
    for quantity, (first, second) in expected.items():
        found = {row["name"]: row for row in rows_of(compared, level="word", quantity=quantity)}
        assert found.keys() == first.keys() & second.keys()
        for word, row in found.items():
            ids = sorted(first[word].keys() & second[word].keys())
            a, b = (np.array([own[word][pair] for pair in ids]) for own in (first, second))
            mean = clustered_mean(
                b - a, [pairs(before)[p]["left_id"] for p in ids], [pairs(before)[p]["right_id"] for p in ids]
            )
            assert row["value_a"] == pytest.approx(a.mean(), rel=1e-6)
            assert row["value_b"] == pytest.approx(b.mean(), rel=1e-6, abs=1e-6)
            assert row["difference"] == pytest.approx(mean.mean, rel=1e-5, abs=1e-6)
            assert row["n"] == mean.n
            if mean.standard_error is not None:
                assert row["standard_error"] == pytest.approx(mean.standard_error, rel=1e-4, abs=1e-7)


def test_the_known_difference_is_found(compared):
    colours = one(compared, level="word_class", name="colour", quantity="mass_share")
    assert colours["value_a"] > 0.2
    assert colours["value_b"] < 0.5 * colours["value_a"]
    assert colours["p_adjusted"] < 0.001
    tested = [row for row in rows_of(compared, level="word", quantity="mass_share") if row["p_adjusted"]]
    lost = {row["name"] for row in tested if row["p_adjusted"] < 0.05 and row["difference"] < 0}
    assert lost & COLOURS
    assert lost <= COLOURS


def test_ranks_and_the_segments_behind_them(before, colourless, compared):
    first, second = pairs(before), pairs(colourless)
    common = sorted(first.keys() & second.keys())
    changed = set()
    for pair in common:
        for direction in DIRECTIONS:
            row = one(compared, level="pair", name=pair, quantity="rank", side=direction)
            column = f"rank_{direction}"
            assert (row["value_a"], row["value_b"]) == (first[pair][column], second[pair][column])
            if row["difference"]:
                changed.add(pair)
    assert changed
    assert {row["name"] for row in rows_of(compared, level="segment")} == changed
    scales = [scale(run, common) for run in (before, colourless)]
    effects = [
        by_pair(run, "main_effects", lambda row: ((row["side"], row["segment"]), row["intact_effect"]))
        for run in (before, colourless)
    ]
    for pair in changed:
        moves = {
            key: effects[1][pair][key] / scales[1] - effects[0][pair][key] / scales[0]
            for key in effects[0][pair]
        }
        largest = sorted(moves, key=lambda key: -abs(moves[key]))[:5]
        shown = rows_of(compared, level="segment", name=pair)
        assert {(row["side"], row["segment"]) for row in shown} == set(largest)
        for row in shown:
            assert row["difference"] == pytest.approx(moves[row["side"], row["segment"]], rel=1e-5)
            assert row["segment_b"] == row["segment"]
            if row["side"] == "right":
                assert row["text"] == words(before)[first[pair]["right_id"], row["segment"]]


def test_recalls_are_those_of_both_runs_and_failures_are_counted(before, colourless, compared):
    stored = [
        {
            (row["direction"], row["metric"]): row["value"]
            for row in run.table("retrieval_metrics").to_pylist()
        }
        for run in (before, colourless)
    ]
    for direction in DIRECTIONS:
        for metric in ("recall_at_1", "recall_at_5", "recall_at_10"):
            row = one(compared, name=direction, quantity=metric)
            assert row["value_a"] == pytest.approx(stored[0][direction, metric])
            assert row["value_b"] == pytest.approx(stored[1][direction, metric])
            assert row["n_left"] == 12
        failed = one(compared, name=direction, quantity="failed")
        only = one(compared, name=direction, quantity="failed_in_one")
        both = one(compared, name=direction, quantity="failed_in_both")["value"]
        assert only["value_a"] + both == failed["value_a"]
        assert only["value_b"] + both == failed["value_b"]
        recall = one(compared, name=direction, quantity="recall_at_1")
        assert failed["value_b"] == pytest.approx(failed["n"] * (1 - recall["value_b"]))
        queries = rows_of(compared, level="query", quantity="failed", side=direction)
        assert len(queries) == only["value_a"] + only["value_b"] + both
        margins = rows_of(compared, level="query", quantity="margin", side=direction)
        for query, margin in zip(queries, margins, strict=True):
            assert query["name"] == margin["name"]
            assert (margin["value_a"] is not None) == (query["value_a"] == 1)


def test_a_run_beside_itself_agrees_and_nothing_moves(before):
    found = compare_runs(before, before)
    correlation = one(found, quantity="correlation", level="benchmark")
    assert correlation["value"] == pytest.approx(1.0)
    assert {row["difference"] for row in rows_of(found, level="word")} == {0.0}
    assert {row["p_adjusted"] for row in rows_of(found, level="word")} <= {None, 1.0}
    assert rows_of(found, level="segment") == []
    assert (
        one(found, quantity="disattenuated_least")["value"] <= one(found, quantity="disattenuated")["value"]
    )


def test_other_masks_give_no_bound_and_errors_explain_the_rest(before, explained):
    found = compare_runs(before, explained("seeded", seed=5))
    assert rows_of(found, quantity="disattenuated_least") == []
    correlation, true = (
        one(found, level="benchmark", quantity=q)["value"] for q in ("correlation", "disattenuated")
    )
    assert correlation < true < 1.01
    assert 1 - true < 0.5 * (1 - correlation)
    assert not [row for row in rows_of(found, level="word") if (row["p_adjusted"] or 1) < 0.05]


def test_regions_that_are_cut_otherwise_are_not_compared_and_words_are(before, explained):
    other = explained("coarse", segmentation={"image": {"method": "grid", "n_segments": 4}})
    found = compare_runs(before, other)
    images, texts = (one(found, name=modality, quantity="segments") for modality in ("image", "text"))
    assert (images["value_a"], images["value_b"], images["value"]) == (12 * 9, 12 * 4, 0)
    assert texts["value"] == texts["value_a"] == texts["value_b"] > 0
    assert one(found, level="benchmark", quantity="correlation")["value"] is None
    assert one(found, level="benchmark", quantity="disattenuated")["value"] is None
    assert one(found, level="word_class", name="colour", quantity="mass_share")["n"] > 0


def test_recalls_are_among_the_candidates_that_both_runs_have(before, twelve, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(twelve.folder, folder)
    grown = Benchmark(folder)
    for seed in range(60, 66):
        add_picture(grown, seed)
    changes = LEAN | {"model": {"factory": "planted_plugin:colourless"}}
    after = run_of(explain(grown.spec(tmp_path / "tables", **changes)))
    found = compare_runs(before, after)
    items = [{row["item_id"]: row for row in run.table("items").to_pylist()} for run in (before, after)]
    common = items[0].keys() & items[1].keys()
    answers = {(row["left_id"], row["right_id"]) for row in pairs(before).values() if row["is_positive"]}
    fewer = 0
    for end, direction in enumerate(DIRECTIONS):
        row = one(found, name=direction, quantity="recall_at_1")
        asked = sorted({pair[end] for pair in answers})
        assert row["n"] == len(asked)
        for value, own in zip((row["value_a"], row["value_b"]), items, strict=True):
            pool = [item for item in sorted(common) if own[item]["modality"] != own[asked[0]]["modality"]]
            hits = 0
            for query in asked:
                scores = [np.dot(own[query]["embedding"], own[item]["embedding"]) for item in pool]
                first = pool[int(np.argmax(scores))]
                hits += ((query, first) if end == 0 else (first, query)) in answers
            assert value == pytest.approx(hits / len(asked))
        stored = after.table("retrieval_metrics").to_pylist()
        [whole] = [
            own["value"] for own in stored if (own["direction"], own["metric"]) == (direction, "recall_at_1")
        ]
        fewer += whole < row["value_b"]
    assert fewer
    assert any("recalls are among these" in note for note in found.notes)


def test_small_pieces_find_the_same(before, colourless, compared, monkeypatch):
    monkeypatch.setattr(common_pairs, "PIECE", 5)
    monkeypatch.setattr(common_segments, "PIECE", 7)
    assert compare_runs(before, colourless).rows.equals(compared.rows)


def test_keys_are_unique_and_columns_those_of_the_table(compared):
    assert compared.rows.schema.names == [column.name for column in COMPARISONS.columns]
    keys = [tuple(row[name] for name in COMPARISONS.key) for row in compared.rows.to_pylist()]
    assert len(set(keys)) == len(keys)


def test_what_cannot_be_compared_is_told(before, reference):
    with pytest.raises(InputError, match="no explanations by 'product_shapley'; it has banzhaf"):
        compare_runs(before, before, "product_shapley")
    found = compare_runs(before, reference)
    assert any("the corpora differ" in note for note in found.notes)
