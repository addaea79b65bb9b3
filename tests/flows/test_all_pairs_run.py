"""Every pair of a corpus: tables of the stages sweep and gather, against loops over the stored effects.

Proves tasks.stages.all_pairs.sweep, tasks.stages.all_pairs.gather, tasks.stages.all_pairs.sides,
tasks.stages.all_pairs.tile_sums, tasks.stages.all_pairs.rankings, tasks.stages.all_pairs.best_candidates,
tasks.stages.all_pairs.typed_table, tasks.stages.match.all_pairs, tasks.tables.sweep tasks.tables.gather,
tasks.query.views.segment_totals, tasks.explorer.all_pairs_page, tasks.explorer.page_question.
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from every import every
from kill_scenarios import problems_of
from killing import Ended, ended_after
from tiny_benchmark import LEAN, explain, run_of

from ilime_core.all_pairs.histograms import EDGES
from tasks.explorer.site import write_report
from tasks.query.database import Database

ALL = {"pairs": LEAN["pairs"] | {"all": True}, "estimators": ["banzhaf"], "faithfulness": {"sample": 0}}
SMALL = {"image_encodes": 130, "text_encodes": 70, "tile_pairs": 6}


@pytest.fixture(scope="module")
def swept(benchmark, tmp_path_factory):
    return run_of(explain(benchmark.spec(tmp_path_factory.mktemp("swept"), **ALL, blocks=SMALL)))


@pytest.fixture(scope="module")
def matrices(swept):
    """W of every pair, by the ids of its items."""
    effects = defaultdict(list)
    for row in (
        swept.table("effects").sort_by([("item_id", "ascending"), ("segment", "ascending")]).to_pylist()
    ):
        effects[row["item_id"]].append(row["effect"])
    kinds = {row["item_id"]: row["modality"] for row in swept.table("items").to_pylist()}
    sides = {
        kind: {
            name: np.array(rows, dtype=np.float64) for name, rows in effects.items() if kinds[name] == kind
        }
        for kind in ("image", "text")
    }
    return {(x, y): a @ b.T for x, a in sides["image"].items() for y, b in sides["text"].items()}


@pytest.fixture(scope="module")
def matches(swept):
    return {
        (row["left_id"], row["right_id"]) for row in swept.table("pairs").to_pylist() if row["is_positive"]
    }


def test_several_tiles_hold_every_pair_once(swept, matrices):
    tiles = {row["tile"] for row in swept.table("tile_segments").to_pylist()}
    assert len(tiles) > 3
    histogram = [row["n"] for row in swept.table("pair_histograms").to_pylist() if row["measure"] == "norm"]
    assert sum(histogram) == len(matrices) == 4 * 8


def test_each_segment_has_its_totals_over_all_items(swept, matrices):
    rows = {
        (row["side"], row["item_id"], row["segment"]): row
        for row in swept.table("segment_totals").to_pylist()
    }
    expected = {}
    for side, axis in (("left", 1), ("right", 0)):
        for item in {pair[axis == 0] for pair in matrices}:
            own = [w for pair, w in matrices.items() if pair[axis == 0] == item]
            for segment in range(own[0].shape[1 - axis]):
                cells = [np.take(w, segment, axis=1 - axis) for w in own]
                holds = sum(np.abs(w).max() == np.abs(one).max() for w, one in zip(own, cells, strict=True))
                expected[side, item, segment] = (
                    sum(one.sum() for one in cells), sum(np.abs(one).sum() for one in cells), holds, len(own),
                )  # fmt: skip
    assert rows.keys() == expected.keys()
    for key, (net, mass, holds, n) in expected.items():
        row = rows[key]
        assert row["net"] == pytest.approx(net, abs=1e-6)
        assert row["mass"] == pytest.approx(mass, rel=1e-5)
        assert (row["n_largest"], row["n_candidates"]) == (holds, n)
        assert row["mean_net"] == pytest.approx(net / n, abs=1e-6)
        assert row["largest_share"] == holds / n


def test_distributions_count_pairs_by_relation(swept, matrices, matches):
    expected = defaultdict(int)
    for pair, w in matrices.items():
        size = np.abs(w)
        values = {"norm": np.linalg.norm(w), "largest": size.max(), "share": size.max() / size.sum()}
        for measure, value in values.items():
            relation = "positive" if pair in matches else "other"
            expected[measure, relation, int(np.searchsorted(EDGES, value, side="right"))] += 1
    rows = swept.table("pair_histograms").to_pylist()
    assert {(row["measure"], row["relation"], row["bin"]): row["n"] for row in rows} == expected
    assert every(row["low"] is None or row["low"] < row["high"] for row in rows if row["high"] is not None)


def test_the_largest_cells_of_the_benchmark_are_in_order(swept, matrices):
    cells = [
        (-abs(np.float32(value)), x, y, i, j)
        for (x, y), w in matrices.items()
        for (i, j), value in np.ndenumerate(w)
    ]
    sizes = sorted(one[0] for one in cells)[:100]
    rows = swept.table("top_cells").sort_by("rank").to_pylist()
    assert [row["rank"] for row in rows] == list(range(1, 101))
    np.testing.assert_allclose([-abs(row["weight"]) for row in rows], sizes, rtol=1e-5)
    for row in rows:
        w = matrices[row["left_id"], row["right_id"]]
        assert w[row["left_segment"], row["right_segment"]] == pytest.approx(row["weight"], rel=1e-5)


def test_best_candidates_have_both_ranks_and_what_their_pair_amounts_to(swept, matrices, matches):
    rows = swept.table("pair_summaries").to_pylist()
    scores = {(row["query_id"], row["candidate_id"]): row for row in swept.table("rankings").to_pylist()}
    joint = defaultdict(dict)
    for (x, y), w in matrices.items():
        joint["left_to_right", x][y] = joint["right_to_left", y][x] = round(float(w.sum()), 6)
    assert len(rows) == 2 * len(matrices)  # no more candidates than are kept
    for row in rows:
        asks, answers = row["query_id"], row["candidate_id"]
        pair = (asks, answers) if row["direction"] == "left_to_right" else (answers, asks)
        w = matrices[pair]
        own = joint[row["direction"], asks]
        order = sorted(own, key=lambda one: (-own[one], one))
        assert row["joint_effect"] == pytest.approx(own[answers], abs=2e-6)
        assert abs(row["joint_rank"] - 1 - order.index(answers)) <= sum(
            abs(own[one] - own[answers]) < 3e-6 for one in own if one != answers
        )
        assert row["score_rank"] == scores[asks, answers]["rank"]
        assert row["score"] == pytest.approx(scores[asks, answers]["score"], abs=2e-6)
        assert row["is_relevant"] == (pair in matches)
        assert row["mass"] == pytest.approx(np.abs(w).sum(), rel=1e-5)
        assert row["norm"] == pytest.approx(np.linalg.norm(w), rel=1e-5)
        assert abs(row["largest"]) == pytest.approx(np.abs(w).max(), rel=1e-5)
        assert w[row["left_segment"], row["right_segment"]] == pytest.approx(row["largest"], rel=1e-5)


def test_the_joint_effect_ranks_beside_the_score(swept):
    found = {(row["direction"], row["quantity"]): row for row in swept.table("joint_rankings").to_pylist()}
    known = {
        (row["direction"], row["metric"]): row["value"]
        for row in swept.table("retrieval_metrics").to_pylist()
        if row["slice"] == "all"
    }
    for direction, n_queries in (("left_to_right", 4), ("right_to_left", 8)):
        for k in (1, 5):
            assert found[direction, f"score_recall_at_{k}"]["value"] == known[direction, f"recall_at_{k}"]
        best = {
            row["query_id"]: row["is_relevant"]
            for row in swept.table("pair_summaries").to_pylist()
            if row["direction"] == direction and row["joint_rank"] == 1
        }
        assert found[direction, "joint_recall_at_1"]["value"] == np.mean(list(best.values()))
        assert found[direction, "joint_recall_at_1"]["n"] == n_queries
        assert found[direction, "overlap_at_10"]["value"] == 1.0
        assert -1 <= found[direction, "spearman"]["value"] <= 1


def test_words_and_regions_are_summed_up_by_views(swept, matrices, matches):
    """Each word over all of its texts, beside its mean in matches; one region by hand."""
    words = {
        (row["item_id"], row["segment"]): row["word"]
        for row in swept.table("segments").to_pylist()
        if row["word"] is not None
    }
    net, matched, texts = defaultdict(list), defaultdict(list), defaultdict(set)
    for (item, segment), word in words.items():
        own = {pair: w[:, segment].sum() for pair, w in matrices.items() if pair[1] == item}
        net[word].append(np.mean(list(own.values())))
        matched[word] += [value for pair, value in own.items() if pair in matches]
        texts[word].add(item)
    with Database(swept) as database:
        found = database.query("FROM word_totals").read_all().to_pylist()
        regions = database.query("FROM region_totals ORDER BY item_id, region").read_all().to_pylist()
    assert {row["word"] for row in found} == net.keys()
    for row in found:
        word = row["word"]
        assert row["mean_net"] == pytest.approx(np.mean(net[word]), abs=1e-6)
        assert row["net_in_matches"] == pytest.approx(np.mean(matched[word]), abs=1e-6)
        assert row["specific"] == pytest.approx(np.mean(matched[word]) - np.mean(net[word]), abs=2e-6)
        assert row["n_texts"] == len(texts[word])
    assert len(regions) == sum(matrices[pair].shape[0] for pair in {one[0]: one for one in matrices}.values())
    first = regions[0]
    own = [matrices[pair][first["region"]].sum() for pair in matches if pair[0] == first["item_id"]]
    assert first["net_in_matches"] == pytest.approx(np.mean(own), abs=1e-6)


def test_the_report_has_a_page_of_every_pair(swept, tmp_path):
    first = Path(write_report(swept, tmp_path / "site"))
    page = (first.parent / "all-pairs.html").read_text()
    assert 'href="all-pairs.html"' in first.read_text()
    assert (first.parent / "images" / "all-pairs.webp").read_bytes()[8:12] == b"WEBP"
    assert "left_to_right" in page
    assert page.count("<h2>") >= 4


def test_the_cut_of_tiles_moves_nothing(benchmark, swept, tmp_path):
    from tasks.comparison.diff import diff_runs

    whole = run_of(explain(benchmark.spec(tmp_path, **ALL, blocks=SMALL | {"tile_pairs": 1_000_000})))
    assert {row["tile"] for row in whole.table("tile_cells").to_pylist()} == {0}
    assert whole.run_id == swept.run_id
    for table in ("segment_totals", "pair_histograms", "top_cells", "pair_summaries", "joint_rankings"):
        one, other = (run.table(table) for run in (swept, whole))
        assert one.drop_columns(
            [name for name in ("net", "mass", "mean_net", "mean_mass") if name in one.column_names]
        ).equals(
            other.drop_columns(
                [name for name in ("net", "mass", "mean_net", "mean_mass") if name in one.column_names]
            )
        ), table
    assert diff_runs(swept, swept).same


def test_every_item_is_scored_and_only_matches_are_fitted(swept, matrices, matches):
    assert {row["item_id"] for row in swept.table("item_fits").to_pylist()} == {
        one for pair in matrices for one in pair
    }
    assert swept.table("fits").num_rows == len(matches)


def test_without_being_asked_nothing_is_swept(benchmark, tmp_path):
    from tasks.spec import ExplainParameters

    run = run_of(explain(benchmark.spec(tmp_path, **(ALL | {"pairs": LEAN["pairs"]}))))
    assert run.table("pair_summaries").num_rows == 0
    assert "sweep" not in run.commits()
    with pytest.raises(ValueError, match="give one of them"):
        ExplainParameters.model_validate(benchmark.spec(tmp_path, pairs={"all": True, "sample_queries": 1}))


@pytest.mark.parametrize("seed", range(3))
def test_an_end_at_any_write_of_a_sweep_is_made_good(benchmark, swept, tmp_path, monkeypatch, seed):
    spec = benchmark.spec(tmp_path, **ALL, blocks=SMALL)
    rng = np.random.default_rng(seed)
    for _ in range(2):
        before = bool(rng.random() < 0.5)
        with ended_after(monkeypatch, int(rng.integers(30, 90)), before=before), pytest.raises(Ended):
            explain(spec)
    assert explain(spec).finished
    assert problems_of(swept, str(tmp_path)) == []  # whole, verified, nothing beside it, the same to the bit
