"""Every method by every metric, on photographs, scenes and mosaics: the tables of docs/faithfulness.md.

``python tests/benchmarks/leaderboard.py --out leaderboards [--corpora scenes mosaics] [--write]``. It runs
``ilime explain`` and ``ilime measure`` below ``--out``: stopped anywhere, the same command goes on.
``--write`` puts the tables into the page.
"""

import argparse
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from tasks.allocator import keep_freed_memory

keep_freed_memory()  # before anything starts threads

import torch
from rich.console import Console

from flows.demo import Demo, demo_parameters
from flows.execution import execute
from tasks.measure_plan import plan_measurement
from tasks.parameters import ExplainParameters
from tasks.parameters.estimation import EstimatorName
from tasks.parameters.faithfulness import MetricName
from tasks.plan import open_run_plan
from tasks.report.leaderboard import (
    Leaderboard,
    claims_markdown,
    differences_markdown,
    leaderboard_markdown,
    read_leaderboard,
)
from tasks.runs import open_run

PAGE = Path(__file__).parents[2] / "docs" / "faithfulness.md"


def merged(tree: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    found = dict(tree)
    for name, value in changes.items():
        known = found.get(name)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        found[name] = merged(known, value) if both else value
    return found


METRICS = [name for name in get_args(MetricName) if name != "consistency"]
COMMON = {
    "estimators": list(get_args(EstimatorName)),
    "runner": {"name": "inline"},
    "estimation": {"path_steps": 8},
    "blocks": {"image_encodes": 20_000, "text_encodes": 100_000},
    "faithfulness": {
        "metrics": METRICS,
        "relations": ["positive"],
        "random_orders": 20,
        "fills": [{"image_baseline": "blur"}],
    },
}
PHOTOGRAPHS = {
    # 2,800 image encodes a pair: the scenes tell of it, too.
    "estimators": [name for name in get_args(EstimatorName) if name != "kernel_shapley_taylor"],
    "segmentation": {"image": {"n_segments": 25}},
    "perturbation": {
        "max_image_masks": 128,
        "shapley_image_masks": 64,
        "held_out": {"image_share": 1.0},
    },
    "estimation": {"weighted_image_masks": 64, "quadrature_image_masks": 256, "path_steps": 4},
    "pairs": {"sample_queries": 16, "errors": False},
    "opaque": {"sample": 8, "rows": 600},
    "faithfulness": {
        "sample": 8,
        "steps": 9,
        "coalitions": 48,
        "refits": {"sample": 2, "seeds": 2, "noise_draws": 1, "sensitivity_draws": 2, "random_models": 3},
    },
}
"""A real encoder does a hundred pictures a second on two cores."""
MOSAICS = merged(PHOTOGRAPHS, {"segmentation": {"image": {"n_segments": 36}}})
"""Six cells a side: they cut between the four photographs."""
SCENES = {
    "perturbation": {"max_image_masks": 256, "shapley_image_masks": 128},
    "pairs": {"errors": False},
    "opaque": {"sample": 30, "rows": 1000},
    "faithfulness": {
        "metrics": [*METRICS, "consistency"],
        "sample": 30,
        "steps": 10,
        "coalitions": 64,
        "refits": {
            "sample": 6,
            "seeds": 3,
            "noise_draws": 2,
            "sensitivity_draws": 3,
            "other": {"name": "scenes", "pretrained": "early", "device": "cpu"},
        },
    },
}
LOCATED = ["pointing_game", "pgr", "energy_inside", "iou"]
STORED = ["incompleteness", "missed_rows", "certainty", "comprehensibility", "representativeness"]
FREE = {
    "faithfulness": {
        "metrics": ["localisation", "fidelity", "asymmetry", *STORED[:1], *STORED[2:]],
        "sample": 1000,
        "fills": [],
    }
}
"""Measured on every match; asymmetry alone encodes."""
CORPORA: Mapping[str, tuple[Demo, Mapping[str, object]]] = {
    "photographs": (Demo("photographs"), PHOTOGRAPHS),
    "scenes": (Demo("scenes", 48), SCENES),
    "mosaics": (Demo("mosaics", 24), MOSAICS),
}


def measured(folder: Path, demo: Demo, changes: Mapping[str, object], fields: list[str]) -> str:
    """Explain and measure one corpus; its leaderboard in Markdown."""
    spec = demo_parameters(folder, fields, demo).model_dump(mode="json")
    parameters = ExplainParameters.model_validate(merged(spec, merged(COMMON, changes)))
    encoded = _board(parameters, "explain")
    free = _board(
        ExplainParameters.model_validate(merged(parameters.model_dump(mode="json"), FREE)), "measure"
    )
    return "\n\n".join(
        [
            leaderboard_markdown(encoded),
            "Method against method, pair by pair:",
            differences_markdown(encoded, encoded.estimators[0]),
            "Localisation and what the tables hold, on all matches:",
            leaderboard_markdown(free, LOCATED + STORED),
            differences_markdown(free, free.estimators[0], LOCATED),
            "The claims of the InteractionLIME paper, on all matches:",
            claims_markdown(free),
        ]
    )


def _board(parameters: ExplainParameters, kind: str) -> Leaderboard:
    outcome = execute(kind, parameters, Console(stderr=True))
    if not outcome.finished:
        raise SystemExit(f"{kind} did not finish: {outcome.failures}")
    run = open_run(outcome.run.root, outcome.run.run_id)
    if kind == "explain":
        return _board(parameters, "measure")
    plan = plan_measurement(open_run_plan(run.root, run.run_id), parameters.faithfulness)
    return read_leaderboard(run, plan.measure_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of runs; kept, so that it can go on")
    parser.add_argument("--corpora", nargs="+", choices=list(CORPORA), default=list(CORPORA))
    parser.add_argument("--set", action="append", default=[], help="change a field of the demos' specs first")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/faithfulness.md")
    asked = parser.parse_args()
    for name in asked.corpora:
        demo, changes = CORPORA[name]
        table = measured((asked.out / name).resolve(), demo, changes, asked.set)
        print(f"{name}, on {platform.machine()} with {torch.get_num_threads()} threads of torch\n\n{table}")
        if asked.write:
            page = PAGE.read_text(encoding="utf-8")
            begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
            before, rest = page.split(begin)
            _, after = rest.split(end)
            PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
