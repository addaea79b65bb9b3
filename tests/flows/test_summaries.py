"""What summarise says of a whole run, against all segments, all words and all pairs at once.

Proves tasks.stages.measure.global_parts.
"""

from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

from tasks.run_files.plan import open_run_plan
from tasks.stages.measure.global_parts import GlobalParts
from tasks.stages.summarise import summarise


def stacked(run, estimator):
    """Effects of all segments of each side, and where each row belongs."""
    sides = {row["item_id"]: row["modality"] for row in run.table("items").to_pylist()}
    rows = [row for row in run.table("effects").to_pylist() if row["estimator"] == estimator]
    rows.sort(key=lambda row: (row["item_id"], row["segment"]))
    found = {}
    for side, modality in (("left", "image"), ("right", "text")):
        own = [row for row in rows if sides[row["item_id"]] == modality]
        effects = np.array([row["effect"] for row in own], dtype=np.float64)
        found[side] = effects, [(row["item_id"], row["segment"]) for row in own]
    return found


def singular_vectors(found, component):
    """Strength and both vectors of the matrix of all segments against all words; signs by the convention."""
    (left, _), (right, _) = found["left"], found["right"]
    u, strengths, v = np.linalg.svd(left @ right.T, full_matrices=False)
    u, v = u[:, component], v[component]
    sign = np.sign(u.sum() / np.sqrt(len(u)) + v.sum() / np.sqrt(len(v)))
    return strengths[component], {"left": sign * u, "right": sign * v}


@pytest.mark.parametrize("estimator", ["banzhaf", "product_shapley"])
def test_loadings_are_entries_of_the_singular_vectors_of_the_whole_benchmark(reference, estimator):
    found = stacked(reference, estimator)
    loadings = defaultdict(dict)
    for row in reference.table("global_loadings").to_pylist():
        if row["estimator"] == estimator:
            loadings[row["component"], row["side"]][row["item_id"], row["segment"]] = row["loading"]
    factors = {
        row["component"]: row
        for row in reference.table("global_factors").to_pylist()
        if row["estimator"] == estimator
    }
    for component in (1, 2, 3):
        strength, vectors = singular_vectors(found, component - 1)
        assert factors[component]["strength"] == pytest.approx(strength, rel=1e-4)
        for side, (_, places) in found.items():
            entries = dict(zip(places, vectors[side], strict=True))
            kept = loadings[component, side]
            assert len(kept) == min(len(places), summarise.LOADINGS_KEPT)
            assert kept == pytest.approx({place: entries[place] for place in kept}, abs=1e-4)


def test_the_largest_loadings_of_either_sign_are_kept(reference, monkeypatch):
    monkeypatch.setattr(summarise, "LOADINGS_KEPT", 7)
    run = open_run_plan(reference.root, reference.run_id)
    rows = summarise._summarise(run).tables["global_loadings"].to_pylist()
    found = stacked(reference, "banzhaf")
    _, vectors = singular_vectors(found, 0)
    for side, (_, places) in found.items():
        kept = [
            (row["item_id"], row["segment"])
            for row in rows
            if (row["estimator"], row["component"], row["side"]) == ("banzhaf", 1, side)
        ]
        assert kept == [places[row] for row in np.argsort(-np.abs(vectors[side]))[:7]]


def test_parts_of_items_are_entries_of_the_same_vectors(reference):
    run = open_run_plan(reference.root, reference.run_id)
    found = stacked(reference, "banzhaf")
    pair = reference.table("pairs").to_pylist()[-1]
    ids = {"left": pair["left_id"], "right": pair["right_id"]}
    part = GlobalParts(run, list(ids.values()), ("banzhaf",)).of("banzhaf", *ids.values())
    for component in (0, 1, 2):
        strength, vectors = singular_vectors(found, component)
        assert part.strengths[component] == pytest.approx(strength, rel=1e-4)
        for side, scores in (("left", part.left_scores), ("right", part.right_scores)):
            own = [place[0] == ids[side] for place in found[side][1]]
            assert scores[:, component] == pytest.approx(vectors[side][own], abs=1e-4)


def two_way_error(values, lefts, rights):
    """Root of the sum over all pairs of pairs that share an item, counted once where they share both."""
    rest = values - np.mean(values)

    def variance(groups):
        sums = [sum(rest[row] for row in range(len(rest)) if groups[row] == name) for name in set(groups)]
        return np.square(sums).sum() / len(rest) ** 2 * len(sums) / (len(sums) - 1)

    by_left, by_right = variance(lefts), variance(rights)
    both = list(zip(lefts, rights, strict=True))
    return max(by_left + by_right - variance(both), by_left, by_right) ** 0.5


def test_aggregates_are_clustered_by_both_items(reference):
    pairs = {row["pair_id"]: row for row in reference.table("pairs").to_pylist()}
    fits = reference.table("fits").to_pylist()
    rows = reference.table("aggregates").to_pylist()
    keys = {(row["estimator"], row["relation"]) for row in rows}
    relations = {"all"} | {pair["relation"] for pair in pairs.values()}
    assert keys == {(e, relation) for e in ("banzhaf", "product_shapley") for relation in relations}
    assert len(relations) > 2
    n_apart = 0
    for row in rows:
        own = [
            (fit[row["quantity"]], pair["left_id"], pair["right_id"])
            for fit in fits
            for pair in [pairs[fit["pair_id"]]]
            if fit["estimator"] == row["estimator"] and row["relation"] in ("all", pair["relation"])
        ]
        known = [one for one in own if one[0] is not None]
        assert (row["n"], row["n_unknown"]) == (len(known), len(own) - len(known))
        if not known:
            continue
        values, lefts, rights = zip(*known, strict=True)
        assert (row["n_left"], row["n_right"]) == (len(set(lefts)), len(set(rights)))
        assert row["mean"] == pytest.approx(np.mean(values), abs=1e-6)
        assert row["median"] == pytest.approx(np.median(values), abs=1e-6)
        error = two_way_error(values, lefts, rights)
        assert row["standard_error"] == pytest.approx(error, rel=1e-5, abs=1e-9)
        n_apart += error > 1.2 * np.std(values, ddof=1) / np.sqrt(len(values))
    assert n_apart > 5  # pairs taken for independent give other errors


def test_intervals_of_aggregates_keep_to_the_range_of_their_quantity(reference):
    """Of scores without ends Student's interval; of cosines and shares that of their range."""
    rows = {
        row["quantity"]: row
        for row in reference.table("aggregates").to_pylist()
        if (row["estimator"], row["relation"]) == ("banzhaf", "all")
    }
    row = rows["completeness_residual"]
    reach = stats.t.ppf(0.975, row["degrees"]) * row["standard_error"]
    assert (row["low"], row["high"]) == pytest.approx((row["mean"] - reach, row["mean"] + reach))
    for quantity, low, high in (("f_full", -1, 1), ("share_cross", 0, 1)):
        row = rows[quantity]
        place = (row["mean"] - low) / (high - low)
        slope = row["standard_error"] / (high - low) / (place * (1 - place))
        reach = stats.t.ppf(0.975, row["degrees"]) * slope
        middle = np.log(place / (1 - place))
        ends = [low + (high - low) / (1 + np.exp(-middle + way * reach)) for way in (1, -1)]
        assert (row["low"], row["high"]) == pytest.approx(tuple(ends))
    row = rows["r2_total"]
    reach = stats.t.ppf(0.975, row["degrees"]) * row["standard_error"] / (1 - row["mean"])
    ends = 1 - (1 - row["mean"]) * np.exp([reach, -reach])
    assert (row["low"], row["high"]) == pytest.approx(tuple(ends))
