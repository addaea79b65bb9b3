"""Pictures of what a model does: words whose order it does not read, emptied photographs that match."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawing import BLUE, GREY, RED
from jaxtyping import Float
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor

from ilime_core import ExplainOptions, build_encoder
from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from ilime_core.explaining.pairs import explain_pairs
from tasks.corpora.demos.visual_search import materialise_demo_search
from training.matching_batches import held_out_twins

__all__ = ["emptied", "word_order"]

SCRATCH = tempfile.TemporaryDirectory()

MARKS: dict[str, dict[str, Any]] = {
    "whole": {"marker": "o", "color": "black", "markersize": 4, "linestyle": "none"},
    "one emptied": {"marker": "|", "color": GREY, "markersize": 11, "linestyle": "none"},
    "both emptied": {
        "marker": "o",
        "color": RED,
        "fillstyle": "none",
        "markersize": 9,
        "linestyle": "none",
    },
}


def word_order() -> Figure:
    """The cross-encoder holds a caption for true whose relation is the wrong way round."""
    batch = held_out_twins(300, seed=5)
    views = torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255
    own = list(batch.texts[: len(views)])
    asked = {
        "its own caption": own,
        "its own, the relation\nthe wrong way round": [turned(text) for text in own],
        "of another picture": own[2:] + own[:2],  # two on: a neighbour is a twin
    }
    logits = {name: logits_of(views, texts) for name, texts in asked.items()}
    first, second, third = logits.values()
    above = [round(float((one > 0).mean()), 3) for one in (first, second, third)]
    print(
        f"word_order: n {len(own)}, above 0 {above}, own above the wrong way round "
        f"{np.mean(first > second):.3f}, median difference {np.median(np.abs(first - second)):.3f}"
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained", width_ratios=(1, 2))
    left.imshow(batch.pixels[0])
    left.axis("off")
    words = own[0].replace(" of ", " of\n"), turned(own[0]).replace(" of ", " of\n")
    left.set_title(f"{words[0]}: {first[0]:+.2f}", fontsize=9, color=BLUE)
    left.text(32, 67, f"{words[1]}: {second[0]:+.2f}", fontsize=9, color=RED, ha="center", va="top")
    for height, (values, colour) in enumerate(zip(logits.values(), (BLUE, RED, GREY), strict=True)):
        spread = height + np.linspace(-0.25, 0.25, len(values))
        right.scatter(values, spread, color=colour, s=5, alpha=0.6)
    right.axvline(0, color="black", linewidth=0.8)
    right.set_yticks(range(3), list(logits), fontsize=9)
    right.set_xlabel("logit: above 0 the model takes the caption for true")
    return figure


def emptied() -> Figure:
    """Two photographs that still match with all regions removed leave nothing to be explained."""
    encoder = build_encoder("conse")
    search = materialise_demo_search(Path(SCRATCH.name))
    matches = [row for row in csv.DictReader(search.annotations.open()) if row["relevance"] == "1"]
    pairs = [(search.images / row["query"], search.images / row["candidate"]) for row in matches]
    names = [Path(row["query"]).stem.removesuffix("_left") for row in matches]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, sharex=True, layout="constrained")
    fills = {"segment_mean": "removed: mean colour of the region", "blur": "removed: blurred"}
    for axis, (fill, title) in zip(axes, fills.items(), strict=True):
        options = ExplainOptions(max_image_masks=128, image_baseline=fill)
        for height, one in enumerate(explain_pairs(encoder, pairs, options)):
            fit = one.fit
            joint = fit.f_full - fit.f_left_empty - fit.f_right_empty + fit.f_empty
            print(f"{names[height]}, {fill}: {fit.f_full:.3f}, emptied {fit.f_empty:.3f}, joint {joint:.3f}")
            axis.plot([fit.f_left_empty, fit.f_right_empty], [height] * 2, **MARKS["one emptied"])
            axis.plot(fit.f_empty, height, **MARKS["both emptied"])
            axis.plot(fit.f_full, height, **MARKS["whole"])
            axis.text(1.03, height, f"{joint:+.2f}", va="center", fontsize=9)
        axis.text(1.03, len(names) - 0.45, "joint", fontsize=9)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("score", fontsize=9)
        axis.set_xlim(0.55, 1.15)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(-0.5, len(names) - 0.1)
    handles = [Line2D([], [], label=name, **style) for name, style in MARKS.items()]
    figure.legend(handles=handles, fontsize=9, loc="outside lower center", ncols=len(MARKS))
    return figure


def logits_of(views: Tensor, texts: list[str]) -> Float[np.ndarray, " pairs"]:
    """What the cross-encoder says of each picture and its text."""
    scorer = CrossEncoderScorer("cpu", "float32")
    parts = [scorer.score(views[at : at + 50], texts[at : at + 50]) for at in range(0, len(texts), 50)]
    return torch.cat(parts).numpy()


def turned(text: str) -> str:
    """A caption of a scene with its relation the wrong way round."""
    opposite = {"left": "right", "right": "left", "above": "below", "below": "above"}
    return " ".join(opposite.get(word, word) for word in text.split())
