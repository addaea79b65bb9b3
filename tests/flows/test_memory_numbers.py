"""Pairs explained in memory have the numbers of a run, in the sense in which two runs are the same.

Proves tasks.spec.memory_options.
"""

from dataclasses import fields
from itertools import product
from pathlib import Path

import numpy as np
import planted_plugin
import pytest
import torch
from tiny_benchmark import explain, make_benchmark, run_of

from ilime_core.explaining.items import explain_items
from ilime_core.explaining.options import ExplainOptions
from ilime_core.explaining.pairs import fit_item_pair
from tasks.comparison.tolerances import PROJECTOR, STRENGTH, tolerance_of
from tasks.spec import ExplainParameters
from tasks.spec.memory_options import memory_options

ESTIMATORS = ("banzhaf", "product_shapley", "shapley_taylor", "occlusion")


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """A run, its items and the options that its spec stands for."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("memory")
    corpus = make_benchmark(folder / "corpus", n_images=3)
    spec = corpus.spec(
        folder / "tables",
        estimators=list(ESTIMATORS),
        faithfulness={"sample": 0},
        perturbation={"image_baseline": "noise"},
        blocks={"image_batch": 8, "text_batch": 8},
        seed=5,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ILIME_PLUGINS", "planted_plugin")
        run = run_of(explain(spec))
    options = memory_options(ExplainParameters.model_validate(spec))
    rows = run.table("items").to_pylist()
    contents = [row["text"] or Path(corpus.images / row["uri"]) for row in rows]
    found = explain_items(planted_plugin.make("cpu", "float32"), contents, options)
    return run, {row["item_id"]: one for row, one in zip(rows, found, strict=True)}, options


def pairs_of(explained, estimator):
    """Each pair of the run: its explanation in memory, and its rows of a table."""
    run, items, options = explained
    for pair in run.table("pairs").to_pylist():
        found = fit_item_pair(items[pair["left_id"]], items[pair["right_id"]], options, estimator)

        def rows(table, *key, pair_id=pair["pair_id"]):
            own = [row for row in run.table(table).to_pylist() if row["pair_id"] == pair_id]
            return sorted(
                (row for row in own if row["estimator"] == estimator),
                key=lambda row: [row[name] for name in key],
            )

        yield found, rows


def assert_same(table, column, mine, theirs):
    """Equal within the tolerance of the column; NULL where a value is not known."""
    mine = np.ravel(np.asarray(mine, dtype=np.float64))
    theirs = np.array([np.nan if value is None else value for value in theirs], dtype=np.float64)
    rule = tolerance_of(table, column)
    scale = np.nanmax(np.abs(theirs), initial=0.0) if rule.group else np.abs(theirs)
    assert np.array_equal(np.isnan(mine), np.isnan(theirs)), column
    apart = np.abs(np.where(mine == theirs, 0.0, mine - theirs))  # infinities of one sign
    assert not (apart > rule.absolute + rule.relative * scale).any(), column


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_matrices_and_fits_are_those_of_a_run(explained, estimator):
    found_pairs = list(pairs_of(explained, estimator))
    assert len(found_pairs) > 6
    for found, rows in found_pairs:
        cells = rows("interactions", "left_segment", "right_segment")
        shape = found.weights.shape
        assert [(c["left_segment"], c["right_segment"]) for c in cells] == list(product(*map(range, shape)))
        for column, name in [
            ("weight", "weights"),
            ("standard_error", "standard_errors"),
            ("degrees", "degrees"),
            ("p_value", "p_values"),
        ]:
            assert_same("interactions", column, getattr(found, name), [cell[column] for cell in cells])
        [fit] = rows("fits")
        for one in fields(found.fit):
            assert_same("fits", one.name, [getattr(found.fit, one.name)], [fit[one.name]])


def test_effects_of_both_sides_are_those_of_a_run(explained):
    for found, rows in pairs_of(explained, "banzhaf"):
        told = rows("main_effects", "side", "segment")
        for side, effects in (("left", found.left_effects), ("right", found.right_effects)):
            own = [row for row in told if row["side"] == side]
            for one in fields(effects):
                assert_same(
                    "main_effects", one.name, getattr(effects, one.name), [row[one.name] for row in own]
                )


def test_factors_are_those_of_a_run(explained):
    n_clear = 0
    for found, rows in pairs_of(explained, "banzhaf"):
        told = rows("factors", "component")
        assert len(told) == len(found.factors.strengths)
        first = told[0]["strength"]
        for place, row in enumerate(told):
            assert found.factors.strengths[place] == pytest.approx(row["strength"], abs=STRENGTH * first)
            if row["gap"] > 0.05 * first and (place == 0 or told[place - 1]["gap"] > 0.05 * first):
                n_clear += 1
                for mine, name in (
                    (found.factors.left_vectors, "left_vector"),
                    (found.factors.right_vectors, "right_vector"),
                ):
                    assert abs(mine[place] @ np.array(row[name])) > 1 - PROJECTOR
    assert n_clear > 6


def test_items_are_cut_as_in_a_run(explained):
    run, items, _ = explained
    segments = run.table("segments").to_pylist()
    encodes = {row["item_id"]: row["n_encodes"] for row in run.table("item_fits").to_pylist()}
    for item_id, item in items.items():
        own = [row for row in segments if row["item_id"] == item_id]
        assert item.n_encodes == encodes[item_id] + 1  # score has the whole item from embed
        if item.view is None:
            assert item.words == tuple(row["text"] for row in own)
        else:
            areas = np.bincount(item.label_map[item.label_map >= 0], minlength=item.n_segments)
            assert areas.tolist() == [row["area"] for row in own]


def test_defaults_are_those_of_a_spec():
    places = {"corpus": {"annotations": "a.json", "images": "i"}, "model": {"name": "conse"}, "output": "o"}
    assert memory_options(ExplainParameters.model_validate(places)) == ExplainOptions()
