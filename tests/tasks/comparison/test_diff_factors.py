"""Runs are compared up to what a decomposition leaves open: signs, and mixtures of factors without a gap.

Proves tasks.comparison.subspaces.
"""

import numpy as np
from comparison import both, counts


def flip(*columns):
    def change(tables):
        for name in columns:
            tables["factors"][0][name] = [-x for x in tables["factors"][0][name]]

    return change


def test_both_vectors_of_a_factor_may_change_sign_but_not_one(compare):
    report = compare(flip("left_vector", "right_vector"))
    assert report.same
    assert not report.bitwise
    assert counts(compare(flip("left_vector"))) == {("factors", "left_vector"): 1}


def turn(angle):
    """Mix the left vectors of the first two components."""

    def change(tables):
        one, two = (np.array(tables["factors"][row]["left_vector"]) for row in (0, 1))
        tables["factors"][0]["left_vector"] = (np.cos(angle) * one + np.sin(angle) * two).tolist()
        tables["factors"][1]["left_vector"] = (np.cos(angle) * two - np.sin(angle) * one).tolist()

    return change


def gap(relative):
    def change(tables):
        first, second = tables["factors"][:2]
        second["strength"] = first["strength"] * (1 - relative)

    return change


def test_vectors_of_clear_factors_may_hardly_turn(compare):
    assert compare(turn(1e-4)).same
    assert set(counts(compare(turn(0.1)))) == {("factors", "left_vector")}


def test_vectors_of_factors_without_a_gap_may_mix(compare):
    assert compare(both(gap(5e-4), turn(0.7)), original=gap(5e-4)).same
    assert not compare(both(gap(1e-1), turn(0.7)), original=gap(1e-1)).same


def test_covariance_factors_are_compared_as_covariances(compare):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 8))
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]

    def item_fit(factors):
        values = {"mean": [0.0] * 8, "error_factors": factors.ravel().astype(np.float32).tolist()}
        return lambda tables: tables["item_fits"][0].update(values)

    assert compare(item_fit(rotation @ rows), original=item_fit(rows)).same
    report = compare(item_fit(1.1 * rows), original=item_fit(rows))
    assert counts(report) == {("item_fits", "error_factors"): 1}


def loadings(*values, strengths=(2.0, 1.0)):
    def change(tables):
        items = [row["item_id"] for row in tables["items"]]
        tables["global_factors"] = [
            {"estimator": "banzhaf", "component": k + 1, "strength": s, "left_direction": [1.0, 0.0]}
            for k, s in enumerate(strengths)
        ]
        tables["global_loadings"] = [
            {
                "estimator": "banzhaf",
                "component": 1,
                "side": "left",
                "item_id": items[n],
                "segment": 0,
                "loading": value,
            }
            for n, value in enumerate(values)
            if value
        ]

    return change


def test_loadings_on_clear_components_are_compared(compare):
    assert compare(loadings(-1.0, -0.5), original=loadings(1.0, 0.5)).same
    report = compare(loadings(1.0, 0.7), original=loadings(1.0, 0.5))
    assert counts(report) == {("global_loadings", "loading"): 1}
    close = (2.0, 1.9995)
    assert compare(loadings(0.3, 0.7, strengths=close), original=loadings(1.0, 0.5, strengths=close)).same


def test_the_last_listed_loading_may_change_place(compare):
    assert compare(loadings(1.0, 0, 0.5001), original=loadings(1.0, 0.5, 0)).same
    assert not compare(loadings(1.0, 0, 0.9), original=loadings(1.0, 0.5, 0)).same
