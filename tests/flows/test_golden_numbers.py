"""Rounded outputs of every stage on the tiny benchmark: if one moves, its number in NUMERICS has to.

They are compared as numbers of another processor: sums may move by OTHER_BITS of what is summed.

``python tests/flows/test_golden_numbers.py`` writes tests/golden/numbers.json anew.

Proves ilime_core.numerics.
"""

import hashlib
import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from ilime_core.numerics import NUMERICS

GOLDEN = Path(__file__).parent.parent / "golden" / "numbers.json"

OF_STAGE = {
    "embed": {"items": ("item_id", "embedding")},
    "match": {
        "rankings": ("query_id", "rank", "candidate_id", "score"),
        "pairs": ("pair_id", "relation", "rank_left_to_right", "rank_right_to_left"),
        "retrieval_metrics": ("direction", "metric", "value"),
    },
    "segment": {
        "segments": ("item_id", "segment", "area", "rle", "char_start", "char_end", "word", "truncated"),
        "views": ("item_id", "view_left", "view_top", "scale_x", "scale_y", "n_segments", "seen"),
    },
    "score": {
        "embeddings": ("item_id", "set", "row", "mask", "embedding"),
        "effects": ("item_id", "estimator", "segment", "effect"),
        "item_fits": ("item_id", "estimator", "mean", "rank", "n_masks", "n_encodes"),
    },
    "fit": {
        "interactions": ("pair_id", "estimator", "left_segment", "right_segment", "weight"),
        "main_effects": ("pair_id", "estimator", "side", "segment", "effect", "intact_effect"),
        "margins": ("query_id", "direction", "estimator", "margin"),
        "fits": ("pair_id", "estimator", "f_full", "r2_cross", "share_cross"),
    },
    "sweep": {
        "tile_segments": ("tile", "side", "item_id", "segment", "net", "mass", "n_largest"),
        "tile_histograms": ("tile", "measure", "relation", "bin", "n"),
    },
    "gather": {
        "segment_totals": ("side", "item_id", "segment", "mean_net", "mean_mass", "largest_share"),
        "pair_summaries": (
            "query_id",
            "direction",
            "candidate_id",
            "score_rank",
            "joint_effect",
            "mass",
            "largest",
        ),
        "joint_rankings": ("direction", "quantity", "value", "low", "high", "n"),
    },
    "measure": {
        "faithfulness": (
            "pair_id",
            "estimator",
            "metric",
            "mode",
            "side",
            "baseline",
            "axis",
            "control",
            "value",
        ),
        "curves": (
            "pair_id",
            "estimator",
            "metric",
            "mode",
            "side",
            "control",
            "random_order",
            "x",
            "area",
            "y",
        ),
    },
    "rank": {
        "leaderboard": ("estimator", "metric", "mode", "side", "axis", "control", "versus", "mean", "n")
    },
    "select": {
        "selections": ("pair_id", "method", "side", "step", "segment", "objective", "score", "top1_after"),
        "selection_curves": ("pair_id", "side", "segment", "x", "y"),
        "rank_effects": (
            "query_id",
            "direction",
            "segment",
            "correct_id",
            "rank_before",
            "rank_after",
            "score_correct",
        ),
    },
    "summarise": {
        "global_factors": ("estimator", "component", "strength"),
        "aggregates": ("estimator", "relation", "quantity", "mean", "n"),
    },
}
"""Columns that say what a stage computes. Vectors whose sign or order is free are left to ``ilime diff``."""

OTHER_BITS = 1e-4
"""Of the sum of magnitudes: the tolerance of W, to which all else of a run is fitted."""

TWEAKED = {
    "segmentation": {"image": {"method": "slic", "n_segments": 7}},
    "pairs": {"all": True},
    "selection": {
        "methods": ["smdl", "counterfactual", "fade", "ranks"],
        "sides": ["left", "right"],
        "sample": 3,
        "fade_points": 4,
    },
}
"""Slic, so that a library that segments otherwise is noticed, too."""


def summary(table: pa.Table) -> dict[str, object]:
    """Digest of everything exact; of reals a few sums, rounded: they are compared with a tolerance."""
    reals: dict[str, list[float]] = {}
    exact = []
    rows = table.to_pylist()
    for column, kind in zip(table.column_names, table.schema.types, strict=True):
        values = [row[column] for row in rows]
        if pa.types.is_list(kind) or pa.types.is_floating(kind):
            vectors = [value if isinstance(value, list) else [value] for value in values if value is not None]
            # Weights that differ by place, so that swapped values are seen.
            weighted = [x * (1 + (k * 7 + n) % 11) for n, v in enumerate(vectors) for k, x in enumerate(v)]
            reals[column] = [round(sum(weighted), 4), round(sum(abs(x) for x in weighted), 4)]
            exact.append([value is None for value in values])
        else:
            exact.append([value.hex() if isinstance(value, bytes) else value for value in values])
    text = json.dumps(exact, ensure_ascii=False)
    return {"rows": len(rows), "exact": hashlib.sha256(text.encode()).hexdigest()[:16], "reals": reals}


def golden_tables(run) -> dict[str, dict[str, pa.Table]]:
    from tasks.tables import TABLES

    found: dict[str, dict[str, pa.Table]] = {}
    for stage, tables in OF_STAGE.items():
        found[stage] = {}
        for name, columns in tables.items():
            keys = [(key, "ascending") for key in TABLES[name].key]
            found[stage][name] = run.table(name).sort_by(keys).select(columns)
    return found


@pytest.fixture(scope="module")
def found(benchmark, tmp_path_factory):
    from tiny_benchmark import explain, run_of

    outcome = explain(benchmark.spec(tmp_path_factory.mktemp("golden"), **TWEAKED))
    assert outcome.finished, outcome.failures
    return golden_tables(run_of(outcome))


@pytest.mark.parametrize("stage", OF_STAGE)
def test_numbers_of_a_stage_move_only_with_its_number_in_numerics(found, stage):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    advice = (
        f"what stage {stage} computes has moved. If that is meant, raise NUMERICS[{stage!r}] in "
        f"ilime_core/numerics.py, where several stages moved that of the first one (runs of both kinds must "
        f"not share an id), and write {GOLDEN.name} anew: "
        "python tests/flows/test_golden_numbers.py"
    )
    assert golden["numerics"][stage] == NUMERICS[stage], (
        f"NUMERICS[{stage!r}] was raised: write the file anew"
    )
    for name, known in golden["stages"][stage].items():
        got = summary(found[stage][name])
        assert (got["rows"], got["exact"]) == (known["rows"], known["exact"]), f"{name}: {advice}"
        for column, sums in known["reals"].items():
            allowed = OTHER_BITS * max(1.0, sums[1])
            moved = max(abs(a - b) for a, b in zip(got["reals"][column], sums, strict=True))
            assert moved < allowed, f"{name}.{column} by {moved:.1e}, more than {allowed:.1e}: {advice}"


def test_every_stage_with_a_number_has_golden_ones():
    assert OF_STAGE.keys() == NUMERICS.keys()


def write() -> None:
    import os
    import tempfile

    sys.path.append(str(GOLDEN.parent.parent / "fixtures"))
    os.environ["ILIME_PLUGINS"] = "planted_plugin"
    from tiny_benchmark import explain, make_benchmark, run_of

    with tempfile.TemporaryDirectory() as folder:
        benchmark = make_benchmark(Path(folder) / "corpus")
        run = run_of(explain(benchmark.spec(Path(folder) / "tables", **TWEAKED)))
        stages = {
            stage: {name: summary(table) for name, table in tables.items()}
            for stage, tables in golden_tables(run).items()
        }
        golden = {"numerics": NUMERICS, "stages": stages}
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
