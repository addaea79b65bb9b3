"""A run of refined effects: the same bits again, what it stores, and what it leaves alone."""

import numpy as np
import pytest
from tiny_benchmark import explain, make_benchmark, run_of

from tasks.comparison.diff import diff_runs

LEAN = {
    "estimators": ["banzhaf", "weighted_banzhaf"],
    "faithfulness": {"sample": 1, "metrics": ["comprehensibility"]},
    "pairs": {"retrieved": 0},
    "perturbation": {"max_text_masks": 4096},
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_benchmark(tmp_path_factory.mktemp("refined") / "corpus", n_images=2)


def explained(corpus, folder, refine, **changes):
    outcome = explain(corpus.spec(folder, **LEAN, estimation={"refine": refine}, **changes))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def runs(corpus, tmp_path_factory):
    return {
        refine: explained(corpus, tmp_path_factory.mktemp(refine), refine)
        for refine in ("none", "gls", "posterior")
    }


def _columns(run, table, *names):
    return {name: run.table(table, [name])[name].to_pylist() for name in names}


def test_a_rerun_gives_the_same_bits(corpus, runs, tmp_path):
    again = explained(corpus, tmp_path, "gls")
    assert again.run_id == runs["gls"].run_id != runs["none"].run_id
    assert diff_runs(runs["gls"], again).bitwise


def test_smaller_blocks_change_no_number(corpus, runs, tmp_path):
    blocks = {"image_encodes": 1, "text_encodes": 1, "pairs": 1}
    report = diff_runs(runs["posterior"], explained(corpus, tmp_path, "posterior", blocks=blocks))
    assert report.same, report.lines


@pytest.mark.parametrize("refine", ["gls", "posterior"])
def test_images_of_one_estimator_are_refined_and_enumerated_texts_are_not(runs, refine):
    plain, refined = (
        {
            (row["item_id"], row["estimator"], row["segment"]): (row["effect"], row["error_scale"])
            for row in runs[name]
            .table("effects", ["item_id", "estimator", "segment", "effect", "error_scale"])
            .to_pylist()
        }
        for name in ("none", refine)
    )
    images = set(
        runs[refine].table("items", ["item_id", "modality"]).to_pandas().query("modality == 'image'").item_id
    )
    moved = {key[:2] for key in plain if plain[key] != refined[key]}
    assert moved == {(item, "banzhaf") for item in images}


def test_errors_are_stored_and_fidelity_is_of_its_kind(runs):
    fits = {
        refine: _columns(run, "fits", "estimator", "r2_cross", "r2_cross_ceiling", "sum_squared_error")
        for refine, run in runs.items()
    }
    for refine, found in fits.items():
        of_banzhaf = [place for place, name in enumerate(found["estimator"]) if name == "banzhaf"]
        cross, ceiling = (
            np.array(found[name], dtype=float)[of_banzhaf] for name in ("r2_cross", "r2_cross_ceiling")
        )
        assert (ceiling > cross).all(), refine
        assert (np.array(found["sum_squared_error"], dtype=float)[of_banzhaf] > 0).all()


@pytest.mark.parametrize("refine", ["none", "posterior"])
def test_components_are_counted_without_the_energy_of_unbiased_errors_only(runs, refine):
    run = runs[refine]
    [value] = [
        row
        for row in run.table("faithfulness", ["pair_id", "estimator", "metric", "value"]).to_pylist()
        if row["metric"] == "comprehensibility" and row["estimator"] == "banzhaf"
    ]
    cells = [
        (row["left_segment"], row["right_segment"], row["weight"])
        for row in run.table(
            "interactions", ["pair_id", "estimator", "left_segment", "right_segment", "weight"]
        ).to_pylist()
        if (row["pair_id"], row["estimator"]) == (value["pair_id"], "banzhaf")
    ]
    weights = np.zeros(tuple(1 + max(cell[side] for cell in cells) for side in (0, 1)))
    for left, right, weight in cells:
        weights[left, right] = weight
    [noise] = [
        row["sum_squared_error"]
        for row in run.table("fits", ["pair_id", "estimator", "sum_squared_error"]).to_pylist()
        if (row["pair_id"], row["estimator"]) == (value["pair_id"], "banzhaf")
    ]
    energies = np.cumsum(np.linalg.svd(weights, compute_uv=False) ** 2)
    wanted = energies[-1] - (0.0 if refine == "posterior" else noise)
    assert value["value"] == np.searchsorted(energies, 0.9 * wanted) + 1
