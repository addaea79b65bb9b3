"""Every method on the same pairs: one spec on photographs and on scenes, costs alone, and small games' truth.

``python tests/benchmarks/compare_estimators.py [--scenes 200] [--write]``; ``--write`` puts the table into
docs/methods.md.
"""

import argparse
import json
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from flows.actions.demo import Demo, demo_parameters
from flows.execution import execute
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.white_box.registry import WHITE_BOX
from tasks.run_files.committed import all_commits
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters
from tasks.spec.estimation import EVERY_ESTIMATOR
from tasks.tables.counts import Counts

NAMES: tuple[str, ...] = EVERY_ESTIMATOR.names
INDICES = tuple(name for name in NAMES if name not in PAIR_ESTIMATORS.names and name != "search_lime")
SAMPLE_NOTHING = frozenset({"occlusion", "sliding_block_occlusion", *WHITE_BOX.names})
"""Methods that have no other truth than themselves."""

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
BEGIN, END = "<!-- compared methods: begin -->", "<!-- compared methods: end -->"
WORDS = 10
"""Of the captions of small games; with 9 regions every coalition can be encoded."""

ALL = {
    "estimators": list(NAMES),
    "faithfulness": {"metrics": [], "sample": 0},
    "runner": {"name": "inline"},
    "perturbation": {"max_image_masks": 128, "shapley_image_masks": 64, "held_out": {"image_share": 1.0}},
    "opaque": {"sample": 12, "rows": 600},
    "estimation": {"weighted_image_masks": 128, "path_steps": 2},
    "blocks": {"image_encodes": 20_000},
}
PHOTOGRAPHS = {
    "segmentation": {"image": {"n_segments": 25}},
    "estimation": {"weighted_image_masks": 64, "quadrature_image_masks": 256},
    "pairs": {"sample_queries": 8},
    "opaque": {"sample": 3},
}
"""A real encoder does twenty pictures a second on two cores."""
SMALL = {
    "segmentation": {"image": {"method": "grid", "n_segments": 9}},
    "perturbation": {
        "max_image_masks": 64,
        "max_text_masks": 64,
        "shapley_image_masks": 64,
        "shapley_text_masks": 64,
        "held_out": {"image": 0, "text": 0},
    },
    "estimation": {
        "quadrature_image_masks": 128,
        "quadrature_text_masks": 128,
        "weighted_image_masks": 64,
        "path_steps": 4,
    },
    "opaque": {"sample": 12},
}
EVERY = {"design": "enumerate", "max_image_masks": 512, "max_text_masks": 2**WORDS}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one method by itself, per item or per pair."""

    images: float
    texts: float
    scores: float
    seconds: float


def merged(tree: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    found = dict(tree)
    for name, value in changes.items():
        known = found.get(name)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        found[name] = merged(known, value) if both else value
    return found


def explain(parameters: ExplainParameters, **changes: object) -> Run:
    spec = merged(parameters.model_dump(mode="json"), changes)
    outcome = execute("explain", ExplainParameters.model_validate(spec), Console(quiet=True))
    if not outcome.finished:
        raise SystemExit(f"a run did not finish: {outcome}")
    return open_run(outcome.run.root, outcome.run.run_id)


def held_out(run: Run) -> dict[str, float]:
    """Median R2_cross on fresh masks, of each method."""
    values: dict[str, list[float]] = {}
    for row in run.table("fits").to_pylist():
        if row["r2_cross_held_out"] is not None:
            values.setdefault(row["estimator"], []).append(row["r2_cross_held_out"])
    return {name: float(np.median(found)) for name, found in values.items()}


def matrices(run: Run) -> dict[tuple[str, str], np.ndarray]:
    """W of each method and pair, in the order of its cells."""
    cells = run.table("interactions").sort_by(
        [(name, "ascending") for name in ("estimator", "pair_id", "left_segment", "right_segment")]
    )
    found: dict[tuple[str, str], list[float]] = {}
    for row in cells.select(["estimator", "pair_id", "weight"]).to_pylist():
        found.setdefault((row["estimator"], row["pair_id"]), []).append(row["weight"])
    return {key: np.array(weights) for key, weights in found.items()}


def agreement(
    found: Mapping[tuple[str, str], np.ndarray], name: str, truth: Mapping, of: str
) -> float | None:
    """Median correlation of W over the pairs that both have."""
    both = [
        np.corrcoef(weights, truth[of, pair])[0, 1]
        for (method, pair), weights in found.items()
        if method == name and (of, pair) in truth
    ]
    return float(np.median(both)) if both else None


def cost_alone(parameters: ExplainParameters, name: str, output: Path) -> Cost:
    run = explain(parameters, estimators=[name], output=str(output), pairs={"errors": False})
    stages = {stage: list(blocks.values()) for stage, blocks in all_commits(run.storage, run.run_id).items()}
    n_images = sum(row["modality"] == "image" for row in run.table("items").to_pylist())
    n_pairs = len({row["pair_id"] for row in run.table("fits").to_pylist()})
    worked = [commit for stage in ("score", "fit", "fit-opaque") for commit in stages.get(stage, [])]
    spent = sum((commit.facts.counts for commit in worked), Counts())
    return Cost(
        spent.image_encodes / n_images,
        spent.text_encodes / n_images,
        spent.scores / n_pairs,
        spent.seconds / n_pairs,
    )


def small_games(folder: Path, n_scenes: int) -> ExplainParameters:
    """Scenes of two objects, whose captions are short enough for all their coalitions."""
    parameters = demo_parameters(folder, ["runner.name=inline"], Demo("scenes", n_scenes))
    annotations = Path(parameters.corpus.annotations)
    document = json.loads(annotations.read_text())
    document["images"] = [
        image for image in document["images"] if len(image["sentences"][0]["raw"].split()) <= WORDS
    ]
    short = annotations.with_name("short.json")
    short.write_text(json.dumps(document))
    spec = merged(parameters.model_dump(mode="json"), merged(ALL, SMALL))
    return ExplainParameters.model_validate(merged(spec, {"corpus": {"annotations": str(short)}}))


def told(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}".replace("0.", ".", 1).replace("-0.", "-.", 1)


def table(
    costs: Mapping[str, Cost],
    fidelity: Sequence[Mapping[str, float]],
    truths: Sequence[Mapping[str, float | None]],
) -> list[str]:
    lines = [
        (
            "| method | encodes an image / a caption | seconds a pair | R2_cross photographs | scenes |"
            " r with its own truth | with Banzhaf's |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        cost = costs[name]
        encodes = f"{cost.images:.0f} / {cost.texts:.0f}"
        if cost.scores:
            encodes += f" and {cost.scores:.0f} scores a pair"
        values = [told(found.get(name)) for found in (*fidelity, *truths)]
        if name in SAMPLE_NOTHING:
            values[-2] = "exact"
        lines.append(f"| `{name}` | {encodes} | {cost.seconds:.2f} | {' | '.join(values)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--alone", type=int, default=12, help="scenes on which a method's cost is measured")
    parser.add_argument("--small", type=int, default=36, help="scenes among which small games are sought")
    parser.add_argument("--photographs", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--write", action="store_true", help="put the table into docs/methods.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fidelity: list[Mapping[str, float]] = [{}]
        if asked.photographs:
            photographs = demo_parameters(folder / "photographs")
            fidelity = [held_out(explain(photographs, **merged(ALL, PHOTOGRAPHS)))]
            print("photographs", fidelity[0], flush=True)
        scenes = demo_parameters(folder / "scenes", (), Demo("scenes", asked.scenes))
        fidelity.append(held_out(explain(scenes, **ALL)))
        print("scenes", fidelity[1], flush=True)
        few = demo_parameters(folder / "alone", (), Demo("scenes", asked.alone))
        few = ExplainParameters.model_validate(merged(few.model_dump(mode="json"), ALL))
        cost_alone(few, "banzhaf", folder / "warm")
        costs = {one: cost_alone(few, one, folder / f"alone-{one}") for one in NAMES}
        print("costs", costs, flush=True)
        games = small_games(folder / "small", asked.small)
        truth = matrices(
            explain(games, perturbation=EVERY, estimators=list(INDICES), output=str(folder / "t"))
        )
        found: dict[tuple[str, str], np.ndarray] = {}
        for one in NAMES:
            found |= matrices(explain(games, estimators=[one], output=str(folder / f"small-{one}")))
        own = {one: agreement(found, one, truth, one) for one in INDICES}
        banzhaf = {one: agreement(found, one, truth, "banzhaf") for one in NAMES}
        n_games = len({pair for _, pair in truth})
    lines = [
        (
            f"Measured on {platform.processor() or platform.machine()} with threads of torch:"
            f" {torch.get_num_threads()};"
            f" {asked.scenes} scenes, {n_games} small games of 9 regions and up to {WORDS} words."
        ),
        "",
        *table(costs, fidelity, (own, banzhaf)),
    ]
    print("\n".join(lines))
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
