"""Views against SQL and NumPy written by hand, on the demonstration's tables of the test benchmark.

Proves tasks.query.views.effects, tasks.query.views.factor_loadings, tasks.query.views.matches,
tasks.query.views.named_pairs, tasks.query.views.retrieval_errors, tasks.query.views.shared_columns,
tasks.query.views.trust.
"""

import math

import numpy as np
import pyarrow.compute as pc
import pytest
from every import every

from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.errors import InputError
from tasks.query.database import Database
from tasks.query.registry import THRESHOLDS, VIEWS


@pytest.fixture(scope="module")
def database(reference):
    with Database(reference) as opened:
        yield opened


def rows(database, sql):
    return database.query(sql).read_all().to_pylist()


@pytest.fixture(scope="module")
def named(reference):
    """Names and segments of the items, looked up row by row."""
    items = {row["item_id"]: row for row in reference.table("items").to_pylist()}
    segments = {(row["item_id"], row["segment"]): row for row in reference.table("segments").to_pylist()}
    pairs = {row["pair_id"]: row for row in reference.table("pairs").to_pylist()}
    return {name: one["text"] or one["uri"] for name, one in items.items()}, segments, pairs


def primary(reference, table):
    return reference.table(table, filter=pc.field("estimator") == "banzhaf").to_pylist()


def test_pairs_have_the_names_of_their_items(database, reference, named):
    names, _, pairs = named
    found = rows(database, "FROM named_pairs")
    assert len(found) == len(pairs) > 5
    for row in found:
        pair = pairs[row["pair_id"]]
        assert row["pair"] == row["pair_id"][:13]
        assert (row["file"], row["caption"]) == (names[pair["left_id"]], names[pair["right_id"]])
        assert row["score"] == pytest.approx(pair["score"])


def test_matches_are_the_cells_of_w_with_box_word_and_corrected_p_values(database, reference, named):
    _, segments, pairs = named
    cells = {
        (row["pair_id"], row["left_segment"], row["right_segment"]): row
        for row in primary(reference, "interactions")
    }
    found = rows(database, "FROM matches")
    assert len(found) == len(cells) > 50
    by_pair = {}
    for row in found:
        cell = cells[row["pair_id"], row["region"], row["word_number"]]
        pair = pairs[row["pair_id"]]
        region = segments[pair["left_id"], row["region"]]
        word = segments[pair["right_id"], row["word_number"]]
        assert (row["weight"], row["p_value"]) == (cell["weight"], cell["p_value"])
        assert (row["x"], row["width"], row["word"]) == (region["bbox_x"], region["bbox_width"], word["word"])
        by_pair.setdefault(row["pair_id"], []).append(row)
    for own in by_pair.values():
        tests = np.array([[math.nan if row["p_value"] is None else row["p_value"] for row in own]])
        adjusted = benjamini_hochberg(tests.astype(np.float64))[0]
        theirs = [math.nan if row["p_adjusted"] is None else row["p_adjusted"] for row in own]
        np.testing.assert_allclose(theirs, adjusted, rtol=1e-5)


@pytest.mark.parametrize(("view", "side"), [("word_effects", "right"), ("region_effects", "left")])
def test_effects_are_the_main_effects_of_one_side(database, reference, named, view, side):
    _, _, pairs = named
    effects = {
        (row["pair_id"], row["segment"]): row
        for row in primary(reference, "main_effects")
        if row["side"] == side
    }
    found = rows(database, f"FROM {view}")
    assert len(found) == len(effects) > 10
    number = "word_number" if side == "right" else "region"
    for row in found:
        own = effects[row["pair_id"], row[number]]
        assert (row["effect"], row["half_width"]) == (own["intact_effect"], own["intact_half_width"])
        whole = [one for (pair, _), one in effects.items() if pair == row["pair_id"]]
        assert row["share_of_mass"] == pytest.approx(
            own["mass"] / sum(one["mass"] for one in whole), rel=1e-5
        )
        if side == "left":
            total = sum(max(one["intact_effect"], 0) for one in whole)
            assert row["share_of_positive"] == pytest.approx(max(own["intact_effect"], 0) / total, rel=1e-5)
        else:
            assert row["n_words"] == len(whole)
    assert pairs


def test_ignored_words_are_those_whose_whole_interval_is_small(reference):
    with Database(reference, thresholds={"ignored_share": 0.6}) as database:
        found = {(row["pair_id"], row["word_number"]) for row in rows(database, "FROM ignored_words")}
        words = rows(database, "FROM word_effects")
    strongest = {}
    for row in words:
        strongest[row["pair_id"]] = max(strongest.get(row["pair_id"], 0), abs(row["effect"]))
    expected = {
        (row["pair_id"], row["word_number"])
        for row in words
        if abs(row["effect"]) + row["half_width"] <= 0.6 * strongest[row["pair_id"]]
    }
    assert found == expected
    assert 0 < len(found) < len(words)


def test_single_regions_are_certain_and_hold_their_share(reference):
    with Database(reference, thresholds={"single_share": 0.2}) as database:
        found = {(row["pair_id"], row["region"]) for row in rows(database, "FROM single_region")}
        regions = rows(database, "FROM region_effects")
    expected = {
        (row["pair_id"], row["region"])
        for row in regions
        if row["effect"] > row["half_width"] and row["share_of_positive"] >= 0.2
    }
    assert found == expected
    assert found


def test_positions_are_means_over_words_of_one_place(database):
    words = rows(database, "FROM word_effects")
    found = rows(database, "FROM effect_by_position")
    assert sum(row["n_pairs"] for row in found) == len(words)
    for row in found:
        own = [
            one["effect"]
            for one in words
            if (one["relation"], one["word_number"]) == (row["relation"], row["word_number"])
        ]
        assert row["mean_effect"] == pytest.approx(np.mean(own), rel=1e-5)


def test_factors_are_unnested(database, reference, named):
    _, segments, pairs = named
    found = rows(database, "FROM factor_loadings")
    factors = {(row["pair_id"], row["component"]): row for row in primary(reference, "factors")}
    assert len(found) == sum(len(one["left_vector"]) + len(one["right_vector"]) for one in factors.values())
    for row in found:
        factor = factors[row["pair_id"], row["component"]]
        assert row["loading"] == factor[f"{row['side']}_vector"][row["segment"]]
        item = pairs[row["pair_id"]][f"{row['side']}_id"]
        assert row["word"] == segments[item, row["segment"]]["word"]


def test_retrieval_errors_name_query_candidates_and_segments(database, reference, named):
    names, segments, pairs = named
    margins = {(row["query_id"], row["direction"]): row for row in primary(reference, "margins")}
    effects = {
        (row["query_id"], row["direction"], row["part_of"], row["segment"]): row
        for row in primary(reference, "margin_effects")
    }
    found = rows(database, "FROM retrieval_errors")
    assert len(found) == len(effects) > 10
    for row in found:
        margin = margins[row["query_id"], row["direction"]]
        side = "right_id" if row["direction"] == "left_to_right" else "left_id"
        assert row["query"] == names[row["query_id"]]
        assert row["correct"] == names[pairs[margin["correct_pair_id"]][side]]
        assert row["wrong"] == names[pairs[margin["wrong_pair_id"]][side]]
        effect = effects[row["query_id"], row["direction"], row["part_of"], row["segment"]]
        assert row["effect"] == effect["effect"]
        assert row["word"] == segments[effect["item_id"], row["segment"]]["word"]
        split = "query" if row["part_of"] == "query" else "candidates"
        assert row["remainder"] == margin[f"{split}_remainder"]
        assert row["remainder_exceeds"] is margin[f"{split}_remainder_exceeds"]


def test_hubs_are_named(database, reference, named):
    names, _, _ = named
    hubs = {(row["direction"], row["rank"]): row for row in reference.table("hub_candidates").to_pylist()}
    found = rows(database, "FROM hubs")
    assert len(found) == len(hubs) > 3
    for row in found:
        own = hubs[row["direction"], row["rank"]]
        assert (row["candidate"], row["n_queries"]) == (names[own["candidate_id"]], own["k_occurrence"])
        assert row["ratio"] == pytest.approx(own["k_occurrence"] / own["expected"])


def test_trust_follows_its_thresholds(reference):
    fits = {row["pair_id"]: row for row in primary(reference, "fits")}
    with Database(reference, thresholds={"low_r2": 2.0}) as strict:
        found = rows(strict, "FROM trust")
        assert {row["verdict"] for row in found} == {"no"}
        assert every("explains little" in row["reasons"] for row in found)
    easy = {"low_r2": -9.0, "high_split": 99.0, "low_seen": 0.0}
    with Database(reference, thresholds=easy) as mild:
        found = rows(mild, "FROM trust")
    assert len(found) == len(fits)
    for row in found:
        uncertain = fits[row["pair_id"]]["share_certain"] == 0
        assert row["verdict"] == ("no" if uncertain else "doubtful" if row["n_truncated"] else "usable")
        assert bool(row["reasons"]) is (row["verdict"] != "usable")


def test_every_view_has_the_columns_and_types_that_it_describes(database):
    names = {"float": "FLOAT", "double": "DOUBLE", "int32": "INTEGER", "string": "VARCHAR", "bool": "BOOLEAN"}
    for name, view in VIEWS.items():
        described = [(row["column_name"], row["column_type"]) for row in rows(database, f"DESCRIBE {name}")]
        assert described == [(column.name, names[str(column.type)]) for column in view.columns], name


def test_unknown_thresholds_are_refused(reference):
    assert every(any(name in view.sql for view in VIEWS.values()) for name in THRESHOLDS)
    with pytest.raises(InputError, match="did you mean 'low_r2'"):
        Database(reference, thresholds={"low_r": 1.0})
