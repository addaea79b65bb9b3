"""Slices by tags over every pair of a corpus, against loops over the pairs.

Proves tasks.stages.all_pairs.sides, tasks.stages.all_pairs.rankings and tasks.query.views.segment_totals.
"""

from collections import defaultdict

import numpy as np
import pytest
from tagged_benchmark import N_IMAGES, make_tagged, slices_spec
from tiny_benchmark import explain, run_of

from tasks.query.database import Database


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    corpus = make_tagged(tmp_path_factory.mktemp("tagged") / "corpus")
    outcome = explain(corpus.spec(tmp_path_factory.mktemp("swept"), **slices_spec(all=True)))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def test_distributions_over_all_pairs_have_slices(run):
    """Each image with each text; a text has the tags of its image."""
    items = run.table("items").to_pylist()
    sides = [
        [dict(row["tags"] or ()) for row in items if row["modality"] == kind] for kind in ("image", "text")
    ]
    both = [{*one.items(), *other.items()} for one in sides[0] for other in sides[1]]
    rows = run.table("pair_histograms").to_pylist()
    found = {
        name: sum(row["n"] for row in rows if row["slice"] == name and row["measure"] == "norm")
        for name in {row["slice"] for row in rows}
    }
    assert found.pop("all") == len(both) == N_IMAGES * len(sides[1])
    names = {f"{tag}={value}": (tag, value) for pair in both for tag, value in pair}
    ids = [name for name in names if name.startswith("id=")]
    assert len(ids) == N_IMAGES > len([name for name in found if name.startswith("id=")]) == 6
    assert found == {
        name: sum(one in pair for pair in both)
        for name, one in names.items()
        if name not in ids or name in found
    }


def test_words_in_matches_are_of_no_other_explained_pair(run):
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    words = {
        (row["item_id"], row["segment"]): row["word"]
        for row in run.table("segments").to_pylist()
        if row["word"] is not None
    }
    found = {True: defaultdict(list), False: defaultdict(list)}
    for row in run.table("main_effects").to_pylist():
        pair = pairs[row["pair_id"]]
        if row["side"] == "right" and row["estimator"] == "banzhaf":
            found[pair["is_positive"]][words[pair["right_id"], row["segment"]]].append(row["net"])
    assert len(found[False]) > 3
    with Database(run) as database:
        rows = database.query("FROM word_totals").read_all().to_pylist()
    for row in rows:
        assert row["net_in_matches"] == pytest.approx(np.mean(found[True][row["word"]]), abs=1e-7)


def test_the_joint_effect_ranks_in_the_slices_of_retrieval(run):
    metrics, rankings = (run.table(name).to_pylist() for name in ("retrieval_metrics", "joint_rankings"))
    known = {
        (row["direction"], row["slice"]): (row["value"], row["n_queries"])
        for row in metrics
        if row["metric"] == "recall_at_1"
    }
    assert len(known) > 4
    assert known == {
        (row["direction"], row["slice"]): (row["value"], row["n"])
        for row in rankings
        if row["quantity"] == "score_recall_at_1"
    }
