"""Pictures of when each method misleads, computed anew; names choose some of them.

python .ci/misleading_pictures.py [name ...]

Each function draws one picture of docs/images and prints the numbers that its caption in docs names. Runs
that it needs are made in a folder that is removed.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Float
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from PIL import Image, ImageDraw
from rich.console import Console
from skimage import data

from flows.actions.demo import Demo, demo_parameters
from flows.execution import execute
from ilime_core import ExplainOptions, build_encoder, explain_pair
from ilime_core.encoding.images import encode_images
from ilime_core.encoding.texts import encode_texts
from ilime_core.protocols.encoders import DualEncoder
from tasks.runs.run import Run, open_run

IMAGES = Path(__file__).parents[1] / "docs" / "images"
RED, BLUE, GREY = "#b2182b", "#2166ac", "#878787"


def noise() -> Figure:
    """W of few masks, the same with faint cells below two standard errors, and W of many masks."""
    encoder = build_encoder("conse")
    caption = "a tabby cat with striped fur and green eyes"
    few, many = (
        explain_pair(encoder, data.chelsea(), caption, ExplainOptions(max_image_masks=n, max_text_masks=256))
        for n in (128, 2048)
    )
    sure = np.abs(few.weights) > 2 * few.standard_errors
    wrong = np.sign(few.weights) != np.sign(many.weights)
    rows = np.argsort(-np.abs(few.weights).max(axis=1))[14:30]  # the middle: strong rows hide nothing
    for which in (slice(None), rows):
        print(
            f"noise: of {wrong[which].size} cells {wrong[which].sum()} have another sign with 2,048 masks, "
            f"of the {sure[which].sum()} above two standard errors {(wrong & sure)[which].sum()}"
        )
    figure, axes = plt.subplots(1, 3, figsize=(9, 4.4), sharey=True, layout="constrained")
    scale = float(np.abs(few.weights[rows]).max())
    shown = (
        ("128 masks", few.weights, None),
        ("128 masks, below two\nstandard errors faint", few.weights, sure),
        ("2,048 masks", many.weights, None),
    )
    for axis, (title, weights, clear) in zip(axes, shown, strict=True):
        heat(axis, weights[rows], scale, None if clear is None else clear[rows])
        axis.set_title(title, fontsize=10)
        axis.set_xticks(range(len(caption.split())), caption.split(), rotation=60, ha="right", fontsize=8)
    axes[0].set_yticks(range(len(rows)), [str(row) for row in rows], fontsize=8)
    axes[0].set_ylabel("region")
    return figure


def redundancy() -> Figure:
    """Two equal objects answer one word: each alone is enough, and taking one away changes little."""
    encoder = build_encoder("scenes")
    scores = {}
    for kept in ((True, True), (True, False), (False, True), (False, False)):
        scores[kept] = score(encoder, circles(left=kept[0], right=kept[1]), "a large red circle")
    left = scores[True, True] - scores[False, True]
    shares = [(scores[True, other] - scores[False, other]) for other in (True, False)]
    banzhaf = float(np.mean(shares))
    print(f"redundancy: {scores}, occlusion {left:.3f}, banzhaf {banzhaf:.3f}")
    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained", width_ratios=(1, 1.3, 1))
    axes[0].imshow(circles(left=True, right=True))
    axes[0].axis("off")
    axes[0].set_title("“a large red circle”", fontsize=10)
    names = ["both", "left one", "right one", "neither"]
    axes[1].barh(names[::-1], list(scores.values())[::-1], color=GREY)
    axes[1].set_title("score with", fontsize=10)
    axes[2].bar(["occlusion", "Banzhaf"], [left, banzhaf], color=[BLUE, RED])
    axes[2].set_title("effect of the left circle", fontsize=10)
    return figure


def saturation() -> Figure:
    """The score is flat where a gradient looks at it."""
    encoder = build_encoder("scenes")
    share = np.linspace(0, 1, 41)
    full, empty = (
        np.asarray(circles(left=kept[0], right=kept[1]), dtype=float)
        for kept in ((True, False), (False, False))
    )
    frames = [np.uint8(np.round(one * full + (1 - one) * empty)) for one in share]
    values = scores_of(encoder, frames, "a large red circle")
    slope = (values[-1] - values[-2]) / (share[-1] - share[-2])
    whole = values[-1] - values[0]
    print(f"saturation: slope at the whole picture {slope:.3f}, change from none to all {whole:.3f}")
    figure, axis = plt.subplots(figsize=(6, 3.4), layout="constrained")
    axis.plot(share, values, color="black")
    axis.plot([1, 0.45], [values[-1], values[-1] - 0.55 * slope], color=BLUE, linestyle="--")
    axis.text(
        0.5, values[0] + 0.7 * whole, "all that a gradient at the\nwhole picture sees", color=BLUE, fontsize=9
    )
    axis.set_xlabel("how far the circle is drawn, from nothing (0) to whole (1)")
    axis.set_ylabel("score of “a large red circle”")
    return figure


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


def heat(axis: Axes, weights: Float[np.ndarray, "rows words"], scale: float, sure: np.ndarray | None) -> None:
    """Cells in the colours of the viewer; faint where they are not sure."""
    alpha = None if sure is None else np.where(sure, 1.0, 0.18)
    axis.imshow(weights, cmap="RdBu_r", norm=TwoSlopeNorm(0, -scale, scale), alpha=alpha, aspect="auto")


def circles(*, left: bool, right: bool) -> Image.Image:
    """Two equal red circles on grey, each drawn or not."""
    picture = Image.new("RGB", (448, 448), (127, 127, 127))
    draw = ImageDraw.Draw(picture)
    for drawn, x in ((left, 50), (right, 250)):
        if drawn:
            draw.ellipse((x, 150, x + 150, 300), fill=(215, 40, 40))
    return picture


def score(encoder: DualEncoder, picture: Image.Image, caption: str) -> float:
    return float(scores_of(encoder, [np.asarray(picture)], caption)[0])


def scores_of(encoder: DualEncoder, pictures: list[np.ndarray], caption: str) -> np.ndarray:
    views = ((place, encoder.image.view(Image.fromarray(one)).pixels) for place, one in enumerate(pictures))
    images = [one.embeddings.flatten() for one in encode_images(encoder, views, batch_size=8)]
    [text] = [one.embeddings.flatten() for one in encode_texts(encoder, [(0, caption)], batch_size=1)]
    return np.array([float(image @ text) for image in images])


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


SCRATCH = tempfile.TemporaryDirectory()
PICTURES: dict[str, Callable[[], Figure]] = {
    one.__name__: one for one in (noise, redundancy, saturation, insertion, paired, search)
}


def main() -> None:
    """Draw the named pictures, or all."""
    for name in sys.argv[1:] or PICTURES:
        figure = PICTURES[name]()
        target = IMAGES / f"misleads-{name}.webp"
        figure.savefig(target, dpi=110, pil_kwargs={"quality": 85, "method": 6})
        plt.close(figure)
        print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
