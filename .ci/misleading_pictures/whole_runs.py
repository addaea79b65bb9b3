"""Pictures of whole runs: insertion of the score, paired rows, searches."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from drawing import BLUE, GREY, RED, heat
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from rich.console import Console

from flows.actions.demo import Demo, demo_parameters
from flows.execution import execute
from tasks.runs.run import Run, open_run

__all__ = ["insertion", "paired", "search"]

SCRATCH = tempfile.TemporaryDirectory()


def insertion() -> Figure:
    """Insertion of the score rewards what regions and words do alone, and says little of W."""
    board = scenes_run().table("leaderboard").to_pylist()
    found: dict[str, dict[str, float]] = {}
    for row in board:
        asked = ("insertion", "both", "count", "raw", "all", "all", "banzhaf", "none")
        names = ("metric", "side", "axis", "scale", "relation", "slice", "estimator", "versus")
        if tuple(row[name] for name in names) == asked:
            found.setdefault(row["mode"], {})[row["control"]] = row["mean"]
    print(f"insertion: {found}")
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    titles = {"score": "of the score", "mixed_difference": "of the joint effect"}
    names = {
        "interactions": "W alone",
        "explanation": "both",
        "main_effects": "without W",
        "random": "random",
    }
    for axis, mode in zip(axes, sorted(found, reverse=True), strict=False):
        values = [found[mode].get(control, np.nan) for control in names]
        axis.bar(list(names.values()), values, color=[RED, RED, BLUE, GREY])
        axis.set_title(f"insertion {titles.get(mode, mode)}", fontsize=10)
    return figure


def paired() -> Figure:
    """W of a pair from joint rows, as the paper samples them, beside W of the same encoder's items."""
    changes = [
        "estimators=[banzhaf, paired]",
        "faithfulness.sample=0",
        "opaque.sample=4",
        "pairs.errors=false",
    ]
    run = scenes_run(tuple(changes), items=6)
    rows = run.table("interactions", filter=pc.field("estimator") == "paired")
    pair = min(rows["pair_id"].to_pylist())
    w = {name: matrix(run, pair, name) for name in ("banzhaf", "paired")}
    difference = float(np.linalg.norm(w["paired"] - w["banzhaf"]) / np.linalg.norm(w["banzhaf"]))
    print(
        f"paired: {run.plan['parameters']['opaque']['rows']} rows, differs by {difference:.2f} of the matrix"
    )
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    order = np.argsort(-np.abs(w["banzhaf"]).max(axis=1))[:14]
    for axis, (name, title) in zip(
        axes, (("banzhaf", "product of effects"), ("paired", "paired rows")), strict=True
    ):
        heat(axis, w[name][order], float(np.abs(w["banzhaf"]).max()), None)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("word")
    axes[0].set_ylabel("region")
    return figure


def search() -> Figure:
    """A search for convincing regions finds some for a wrong caption, too."""
    changes = (
        "faithfulness.sample=0", "selection.methods=[smdl]", "selection.sample=88", "selection.sides=[left]",
        "estimators=[banzhaf]",
    )  # fmt: skip
    run = photographs_run(changes)
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    steps: dict[str, list[tuple[int, float]]] = {}
    for row in run.table("selections").to_pylist():
        steps.setdefault(row["pair_id"], []).append((row["step"], row["confidence"]))
    best = {name: max(value for _, value in own if value is not None) for name, own in steps.items()}
    groups = {
        label: [value for name, value in best.items() if pairs[name]["is_positive"] == positive]
        for label, positive in (("matches", True), ("wrong captions that won", False))
    }
    print({label: (len(values), round(float(np.median(values)), 3)) for label, values in groups.items()})
    figure, axis = plt.subplots(figsize=(7, 3), layout="constrained")
    for height, (values, colour) in enumerate(zip(groups.values(), (BLUE, RED), strict=True)):
        axis.scatter(values, height + np.linspace(-0.18, 0.18, len(values)), color=colour, s=14)
        axis.plot([np.median(values)] * 2, [height - 0.3, height + 0.3], color="black")
    axis.set_yticks(range(2), [f"{label} ({len(values)})" for label, values in groups.items()])
    axis.set_xlabel("highest confidence that the search reached by keeping regions")
    axis.set_ylim(-0.6, 1.6)
    return figure


def matrix(run: Run, pair: str, estimator: str) -> np.ndarray:
    mine = (pc.field("estimator") == estimator) & (pc.field("pair_id") == pair)
    rows = run.table("interactions", filter=mine).sort_by(
        [("left_segment", "ascending"), ("right_segment", "ascending")]
    )
    return rows["weight"].to_numpy().reshape(rows["left_segment"].to_numpy().max() + 1, -1)


@cache
def scenes_run(changes: tuple[str, ...] = (), items: int | None = None) -> Run:
    return _run(Demo.of("scenes", items), changes)


@cache
def photographs_run(changes: tuple[str, ...] = ()) -> Run:
    return _run(Demo(), changes)


def _run(demo: Demo, changes: tuple[str, ...]) -> Run:
    folder = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    parameters = demo_parameters(folder, [*changes, "runner.name=inline"], demo)
    outcome = execute("explain", parameters, Console(stderr=True))
    return open_run(outcome.run.root, outcome.run.run_id)
