"""Slices of a leaderboard: their means, their floor, and p-values that move no other."""

import numpy as np
import pyarrow as pa
import pytest

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.aggregates.slices import SliceLimits, tag_slices
from tasks.stages.rank.measured_slices import NO_SLICES, MeasuredSlices
from tasks.stages.rank.rank import rank_rows
from tasks.stages.rank.ranked_values import RankedPair, metric_values

N = 40
IDS = [f"p{place:02}" for place in range(N)]
PAIRS = {
    name: RankedPair(f"i{place}", f"t{place}", "positive" if place % 4 else "hard_negative")
    for place, name in enumerate(IDS)
}
SOURCE = ["coco" if place < 24 else "flickr" for place in range(N)]
TAGS = [{"source": source} for source in SOURCE]
LIMITS = SliceLimits(pairs=12, items=10, values=50)
SLICES = MeasuredSlices(
    {name: place for place, name in enumerate(IDS)}, tag_slices(TAGS, [{}] * N, 50), LIMITS
)
VALUES = np.random.default_rng(2).normal(size=(2, N)) / 10 + [[0.5], [0.45]]


@pytest.fixture(scope="module")
def table():
    common = {"estimator": "banzhaf", "mode": "score", "side": "both", "baseline": "grey", "axis": "count"}
    common |= {"normalised": None, "direction": "higher", "metric": "insertion"}
    return pa.Table.from_pylist(
        [
            common | {"pair_id": name, "control": control, "value": float(value)}
            for control, values in zip(("explanation", "random"), VALUES, strict=True)
            for name, value in zip(IDS, values, strict=True)
        ]
    )


def test_a_slice_has_the_mean_of_its_pairs_where_it_is_large_enough(table):
    rows = rank_rows(metric_values(table), PAIRS, SLICES)
    found = {
        (row["relation"], row["slice"]): row
        for row in rows
        if (row["control"], row["versus"]) == ("explanation", "random")
    }
    assert found.keys() == {
        ("all", "all"),
        ("all", "source=coco"),
        ("all", "source=flickr"),
        ("positive", "all"),
        ("positive", "source=coco"),
        ("positive", "source=flickr"),
        ("hard_negative", "all"),
    }
    for (relation, name), row in found.items():
        here = [
            place
            for place, pair in enumerate(PAIRS.values())
            if relation in ("all", pair.relation) and name in ("all", f"source={SOURCE[place]}")
        ]
        sides = [[f"{kind}{place}" for place in here] for kind in "it"]
        mean = clustered_mean(VALUES[0, here] - VALUES[1, here], *sides)
        assert (row["n"], row["mean"]) == (len(here), pytest.approx(mean.mean))
        assert row["standard_error"] == pytest.approx(mean.standard_error)


def test_slices_are_corrected_apart_and_move_nothing_else(table):
    rows = rank_rows(metric_values(table), PAIRS, SLICES)
    whole = [row for row in rows if row["slice"] == "all"]
    assert (
        whole == rank_rows(metric_values(table), PAIRS) == rank_rows(metric_values(table), PAIRS, NO_SLICES)
    )
    tested = [row for row in rows if row["slice"] != "all" and row["p_value"] is not None]
    adjusted = benjamini_hochberg(np.array([row["p_value"] for row in tested]))
    assert [row["p_adjusted"] for row in tested] == pytest.approx(adjusted.tolist())
    assert len(tested) == 4


def test_slices_are_those_of_the_pairs_that_have_a_value(table):
    kept = table.filter(pa.compute.not_equal(table["pair_id"], "p30"))
    rows = rank_rows(metric_values(kept), PAIRS, SLICES)
    assert {row["n"] for row in rows if (row["relation"], row["slice"]) == ("all", "source=flickr")} == {15}
