"""Pictures of single pairs: noise of few masks, two equal objects, a flat score."""

import numpy as np
from drawing import BLUE, GREY, RED, heat
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image, ImageDraw
from skimage import data

from ilime_core import ExplainOptions, build_encoder, explain_pair
from ilime_core.encoding.images import encode_images
from ilime_core.encoding.texts import encode_texts
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["noise", "redundancy", "saturation"]


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
