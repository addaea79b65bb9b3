"""Random wrong pairs of a spec: in the tables, counted by ``plan``, seeded, alike under every grouping."""

import pytest
from tiny_benchmark import LEAN, explain, merged, run_of

from tasks.planning.draft import draft_plan
from tasks.run_files.plan import digest
from tasks.spec import ExplainParameters, PairParameters

RANDOM = merged(LEAN, {"pairs": {"random": 1, "errors": False}})
"""Each image and each caption asks for one candidate that does not match it."""


def pairs_of(spec):
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    columns = ["pair_id", "left_id", "right_id", "relation", "is_positive", "score"]
    return run_of(outcome), run_of(outcome).table("pairs", columns).sort_by("pair_id").to_pylist()


@pytest.fixture(scope="module")
def drawn(benchmark, tmp_path_factory):
    return pairs_of(benchmark.spec(tmp_path_factory.mktemp("random"), **RANDOM))


def test_every_query_has_a_wrong_pair_that_is_explained(drawn):
    run, rows = drawn
    wrong = [row for row in rows if not row["is_positive"]]
    # A random pair that is the best wrong one of a failed query is named so.
    assert {row["relation"] for row in wrong} == {"hard_negative", "sampled"}
    for side in ("left_id", "right_id"):
        assert {row[side] for row in wrong} == {row[side] for row in rows}
    fitted = set(run.table("fits", ["pair_id"])["pair_id"].to_pylist())
    assert fitted == {row["pair_id"] for row in rows}


def test_the_draw_is_that_of_the_seed_whatever_the_blocks(drawn, benchmark, tmp_path):
    small = merged(RANDOM, {"blocks": {"pairs": 2, "image_encodes": 200, "text_encodes": 60}})
    assert pairs_of(benchmark.spec(tmp_path / "small", **small))[1] == drawn[1]
    other = pairs_of(benchmark.spec(tmp_path / "other", **merged(RANDOM, {"seed": 3})))[1]
    assert {row["pair_id"] for row in other} != {row["pair_id"] for row in drawn[1]}


def test_plan_bounds_them(call, drawn, benchmark, tmp_path):
    status, out, _ = call("plan", benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "out", **RANDOM))
    assert status == 0
    rows = drawn[1]
    n_queries = len({row["left_id"] for row in rows}) + len({row["right_id"] for row in rows})
    assert f"and up to {n_queries} random" in out
    assert sum(not row["is_positive"] for row in rows) <= n_queries


def test_a_run_without_them_keeps_the_id_that_it_had_before_they_could_be_asked_for(benchmark, tmp_path):
    before = {
        "positives": True,
        "errors": True,
        "retrieved": 0,
        "hard_negatives": 0,
        "listed": "",
        "sample_queries": None,
    }
    assert digest(PairParameters().identity()) == digest(before)
    specs = [benchmark.spec(tmp_path, **merged(LEAN, {"pairs": {"random": n}})) for n in (0, 1)]
    ids = {draft_plan(ExplainParameters.model_validate(spec)).run_id for spec in specs}
    assert len(ids) == 2
