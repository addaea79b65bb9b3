"""What ``refine`` saves: error of W, coverage, fidelity and places of words, for none, gls and posterior.

The truth is W from a long run of fold-over masks; all coalitions of the caption are encoded (of photographs'
captions the first nine words), so that errors are those of the image's masks. The squared error of an
estimate is its inner product with two independent halves of the long run, which adds no noise in the mean. A
table of Markdown for each kind of picture, a line for each number of masks:

- error: mean over pairs of |W - truth| / |truth|, root of the mean square over designs;
- saved: encodes that least squares would need for the same error over those that were made, geometric mean
  over pairs (squared errors fall as 1/N), and the share of pairs whose error rose;
- covers: cells whose 95 % interval (Student's t) holds the truth, whose own error is added;
- R2: of the cross part that the estimate explains on the masks of the long run, and what the closed form
  says;
- of scenes, over words that name an object: how often the strongest region lies on it (by a quarter of its
  area or more), and the share of |W| that is positive on the object or negative beside it (PGR).

Items of which fewer than 8 pairs of masks are left beyond the segments are refined by nothing: at 64 masks
only those of up to 24 segments are refined.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from real_towers import CaptionTower, PhotographTower, demo_pairs
from scipy.stats import t
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.registry import Refinement
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.interactions.fidelity import held_out_r2
from ilime_core.interactions.pair_fits import PairFits, fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import block_order, foldover
from ilime_core.records import Effects, HeldOut
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions
from ilime_core.segmentation.words import word_segments
from ilime_core.synthetic.planted import PlantedTower
from ilime_core.synthetic.scenes import describe, draw_scene, object_masks, render

REFINEMENTS: tuple[Refinement, ...] = ("none", "gls", "posterior")
MASKS = (64, 128, 256)
GRIDS = (20, 30, 42, 49)
"""Regions of scenes, in turn."""

SIDE = 64
GREY = (95, 95, 95)
"""About the mean colour of scenes."""

WORDS = 9
ON_OBJECT = 0.25
_ONLY = torch.zeros(1, dtype=torch.long)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One pair; ``inside`` is the share of each region that lies on the object of each word, or NaN."""

    name: str
    left: PlantedTower
    right: PlantedTower
    inside: Float[np.ndarray, "regions words"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """W of two halves of a long run, the squared errors of their mean, and all masks."""

    halves: tuple[Float[Tensor, "left right"], Float[Tensor, "left right"]]
    squares: Float[Tensor, "left right"]
    left: HeldOut
    right: HeldOut
    text: Effects


@dataclass(frozen=True, slots=True)
class Found:
    """Of one pair, number of masks and refinement; means over designs."""

    error: float
    covers: float
    r2: float
    r2_said: float
    pointing: float
    pgr: float


def scenes(n_scenes: int) -> Iterator[Subject]:
    """Generated scenes of two to four objects, two of them in the caption, cut by grids."""
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    with TemporaryDirectory() as folder:
        for number in range(n_scenes):
            rng = np.random.default_rng([11, number])
            scene = draw_scene(rng)
            caption = describe(scene, rng, 2)
            pixels, labels = render(scene, SIDE)
            path = Path(folder) / f"{number}.png"
            Image.fromarray(pixels).save(path)
            n_regions = GRIDS[number % len(GRIDS)]
            regions = SEGMENTERS["grid"].make(SegmenterOptions(n_regions))(pixels).labels
            objects = object_masks(labels, len(scene.objects))
            words = word_segments(caption.text)
            inside = np.full((n_regions, words.n_segments), np.nan)
            for word, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
                for phrase in caption.phrases:
                    if phrase.start <= start and end <= phrase.end:
                        on_object = np.bincount(regions.ravel(), objects[phrase.place].ravel(), n_regions)
                        inside[:, word] = on_object / np.bincount(regions.ravel(), minlength=n_regions)
            picture = PhotographTower(encoder, path, n_regions, "grid", GREY)
            yield Subject(f"scene {number}", picture, CaptionTower(encoder, caption.text), inside)


def photographs(n_photographs: int) -> Iterator[Subject]:
    """Photographs of the demo in its model, in some 30 regions."""
    if n_photographs:
        encoder = build_encoder(EncoderSpec("conse"), "cpu", "float32")
        for name, picture, caption in demo_pairs(n_photographs, 28):
            short = " ".join(caption.text.split()[:WORDS])
            yield Subject(name, picture, CaptionTower(encoder, short))


def fitted(tower: PlantedTower, masks: Tensor, refine: Refinement) -> Effects:
    return fit_banzhaf(
        masks, tower(masks), tower.empty, tower.full, options=BanzhafOptions(refine=refine, spread_rank=32)
    )


def paired(image: Effects, text: Effects, *, posterior: bool = False) -> PairFits:
    left, right = (stack_effects([one], posterior=posterior) for one in (image, text))
    return fit_pairs(left, right, _ONLY, _ONLY)


def long_run(subject: Subject, n_masks: int) -> Truth:
    n, m = subject.left.n_segments, subject.right.n_segments
    every = torch.from_numpy(enumerate_all(m))
    texts = subject.right(every)
    ends = subject.right.empty, subject.right.full
    text = fit_banzhaf(every, texts, *ends, options=BanzhafOptions(enumerated=True))
    masks = [torch.from_numpy(foldover(n, n_masks // 2, np.random.default_rng([1, half]))) for half in (0, 1)]
    fits = [paired(fitted(subject.left, rows, "gls"), text) for rows in masks]
    both = torch.cat(masks)
    return Truth(
        (fits[0].weights[0], fits[1].weights[0]),
        torch.stack([fit.errors.standard_errors[0].square() for fit in fits]).sum(dim=0) / 4,
        HeldOut(both, subject.left(both)),
        HeldOut(every, texts),
        text,
    )


def found(subject: Subject, truth: Truth, masks: list[Tensor], refine: Refinement) -> Found:
    rows = [_one_design(subject, truth, one, refine) for one in masks]
    values = np.array([[one.error, one.covers, one.r2, one.r2_said, one.pointing, one.pgr] for one in rows])
    return Found(*values.mean(axis=0))


def _one_design(subject: Subject, truth: Truth, masks: Tensor, refine: Refinement) -> Found:
    image = fitted(subject.left, masks, refine)
    fit = paired(image, truth.text, posterior=refine == "posterior")
    weights = fit.weights[0]
    first, second = truth.halves
    error = ((weights - first) * (weights - second)).sum() / (first * second).sum()
    errors = (fit.errors.standard_errors[0].square() + truth.squares).sqrt()
    off = (weights - (first + second) / 2).abs()
    held = (off < torch.as_tensor(t.ppf(0.975, fit.errors.degrees[0])) * errors).double().mean()
    places = _places(weights.numpy(), subject.inside)
    return Found(
        float(error),
        float(held) if image.error is not None else float("nan"),
        held_out_r2(truth.left, truth.right, image, truth.text),
        float(fit.variance.r2_cross),
        *places,
    )


def _places(
    weights: Float[np.ndarray, "regions words"], inside: Float[np.ndarray, "regions words"] | None
) -> tuple[float, float]:
    """How often the strongest region of a word lies on its object, and PGR."""
    if inside is None:
        return float("nan"), float("nan")
    named = ~np.isnan(inside[0])
    cells, share = weights[:, named], inside[:, named]
    hits = share[cells.argmax(axis=0), np.arange(named.sum())] >= ON_OBJECT
    right = np.where(cells > 0, cells * share, -cells * (1 - share))
    return float(hits.mean()), float((right.sum(axis=0) / np.abs(cells).sum(axis=0)).mean())


def table(kind: str, subjects: Iterator[Subject], long: int, n_designs: int) -> None:
    results: dict[int, list[dict[Refinement, Found]]] = {n_masks: [] for n_masks in MASKS}
    for number, subject in enumerate(subjects):
        truth = long_run(subject, long)
        for n_masks in MASKS:
            if n_masks < 2 * block_order(subject.left.n_segments):
                continue  # would be rounded up
            draws = (np.random.default_rng([2, number, n_masks, seed]) for seed in range(n_designs))
            masks = [torch.from_numpy(foldover(subject.left.n_segments, n_masks, rng)) for rng in draws]
            results[n_masks].append({one: found(subject, truth, masks, one) for one in REFINEMENTS})
    print(
        f"\n| {kind} | masks | refine | error | saved | worse | covers | R2 | R2 said | pointing | PGR |\n"
        f"|{' --- |' * 11}"
    )
    for n_masks, pairs in results.items():
        for refine in REFINEMENTS if pairs else ():
            print(line(f"{kind}, {len(pairs)}", n_masks, refine, pairs), flush=True)


def line(kind: str, n_masks: int, refine: Refinement, pairs: list[dict[Refinement, Found]]) -> str:
    errors = np.maximum([one[refine].error for one in pairs], 1e-9)
    plain = np.maximum([one["none"].error for one in pairs], 1e-9)
    names = ("covers", "r2", "r2_said", "pointing", "pgr")
    means = [[getattr(one[refine], name) for one in pairs] for name in names]
    # Pairs without errors are left out of coverage and of what the closed form says.
    shown = [f"{np.nanmean(values):.3f}" if not np.isnan(values).all() else "" for values in means]
    saved, worse = np.exp(np.log(plain / errors).mean()), (errors > plain).mean()
    return (
        f"| {kind} | {n_masks} | {refine} | {np.sqrt(errors).mean():.3f} | {saved:.2f} | {worse:.0%} | "
        + " | ".join(shown)
        + " |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=16)
    parser.add_argument("--conse", type=int, default=0, help="photographs; a minute and a half each")
    parser.add_argument("--long-run", type=int, default=2048, help="masks of the truth")
    parser.add_argument("--designs", type=int, default=3, help="short runs of each number of masks")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.scenes:
        table("scenes", scenes(asked.scenes), asked.long_run, asked.designs)
    table("photographs", photographs(asked.conse), asked.long_run, asked.designs)


if __name__ == "__main__":
    main()
