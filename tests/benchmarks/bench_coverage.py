"""How often 95 % intervals of W hold the truth: on toys, on generated scenes, on the demo's photographs.

The truth is W from a long run of the same design (texts: all coalitions); the intervals come from many short
runs with seeds of their own, W +- 1.96 standard errors. Each line is the share of all cells of all runs whose
interval holds the truth. Regions are masked by whole fold-over blocks, as in a run of the pipeline.

``--photographs 1`` adds photographs in the model of the demo, which takes some minutes each. Exits with 1 if
a coverage is not between 90 and 98 %.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from real_towers import CaptionTower, PhotographTower, demo_pairs
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf_batch
from ilime_core.encoders.registry import EncoderSpec, build_encoder
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import EffectsStack, stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower
from tasks.corpora.scenes import materialise_scenes

LOWEST, HIGHEST = 0.90, 0.98


@dataclass(frozen=True, slots=True)
class Pair:
    """Towers of one pair, and how long a run stands for the truth of the left one."""

    name: str
    left: PlantedTower
    right: PlantedTower
    long_run: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one setting."""

    covered: float
    ratio: float
    """Root mean square of the standard errors over that of the true errors: 1 is calibrated."""


def designs(tower: PlantedTower, n_masks: int | None, seeds: range) -> EffectsStack:
    """Effects under one design for each seed; None enumerates."""
    if n_masks is None:
        drawn = [enumerate_all(tower.n_segments)] * len(seeds)
    else:
        drawn = [foldover(tower.n_segments, n_masks, np.random.default_rng([7, seed])) for seed in seeds]
    masks = torch.as_tensor(np.stack(drawn))
    embeddings = torch.stack([tower(rows) for rows in masks])
    ends = (end.expand(len(seeds), -1) for end in (tower.empty, tower.full))
    options = BanzhafOptions(enumerated=n_masks is None)
    return stack_effects(fit_banzhaf_batch(masks, embeddings, *ends, options=options))


def weights_and_errors(left: EffectsStack, right: EffectsStack) -> tuple[Tensor, Tensor]:
    """W of the i-th left with the i-th right design; one design stands beside all of the other side."""
    n = max(left.n_items, right.n_items)
    index = [
        torch.arange(n) if one.n_items > 1 else torch.zeros(n, dtype=torch.long) for one in (left, right)
    ]
    fits = fit_pairs(left, right, *index)
    return fits.weights, fits.errors.standard_errors


def truth(pair: Pair) -> Tensor:
    # Seeds of the truth and of the runs differ: they share no mask but by chance.
    long_run = designs(pair.left, pair.long_run, range(1_000_000, 1_000_001))
    return weights_and_errors(long_run, designs(pair.right, None, range(1)))[0]


def coverage(pair: Pair, exact: Tensor, n_images: int, n_texts: int | None, n_runs: int) -> Coverage:
    left = designs(pair.left, n_images, range(n_runs))
    # An enumerated text is the same in every run.
    right = designs(pair.right, n_texts, range(5000, 5000 + (1 if n_texts is None else n_runs)))
    weights, errors = weights_and_errors(left, right)
    if not bool(errors.isfinite().all()):
        raise SystemExit(f"{pair.name}: {n_images} masks of {pair.left.n_segments} regions give no errors")
    off = (weights - exact).abs()
    ratio = errors.square().mean().sqrt() / off.square().mean().sqrt()
    return Coverage(float((off < 1.96 * errors).double().mean()), float(ratio))


def planted(n_pairs: int) -> Iterator[Pair]:
    for seed in range(n_pairs):
        yield Pair(f"tanh {seed}", TanhTower(seed, 49, 64), TanhTower(100 + seed, 8, 64), 2**16)
    for seed in range(n_pairs):
        yield Pair(
            f"attention {seed}", AttentionTower(seed, 49, 64), AttentionTower(100 + seed, 8, 64), 2**16
        )


def scenes(n_scenes: int, long_run: int) -> Iterator[Pair]:
    if not n_scenes:
        return
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    with tempfile.TemporaryDirectory() as folder:
        corpus = materialise_scenes(Path(folder), n_scenes)
        for entry in json.loads(corpus.annotations.read_text(encoding="utf-8"))["images"][:n_scenes]:
            picture = PhotographTower(encoder, corpus.images / entry["filename"], 64, "grid")
            caption = CaptionTower(encoder, entry["sentences"][0]["raw"])
            yield Pair(entry["filename"], picture, caption, long_run)


def photographs(n_photographs: int, long_run: int) -> Iterator[Pair]:
    for name, picture, caption in demo_pairs(n_photographs, 49) if n_photographs else ():
        yield Pair(name, picture, caption, long_run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40, help="designs of each setting")
    parser.add_argument("--planted", type=int, default=3, help="pairs of either toy")
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--photographs", type=int, default=0)
    parser.add_argument("--long-run", type=int, default=16_384, help="masks of a real picture's truth")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print(
        f"{'pair':<22} {'regions':>7} {'words':>5} {'N':>4} {'texts':>10} {'covered':>8} {'SE / error':>10}"
    )
    real = [scenes(asked.scenes, asked.long_run), photographs(asked.photographs, asked.long_run)]
    means: dict[tuple[str, int, str], list[float]] = {}
    for kind, pairs in zip(
        ("planted", "scenes", "photographs"), (planted(asked.planted), *real), strict=True
    ):
        for pair in pairs:
            exact = truth(pair)
            for n_images in (128, 256) if pair.left.n_segments < 64 else (256,):
                for n_texts in (None, 64):
                    found = coverage(pair, exact, n_images, n_texts, asked.runs)
                    texts = "enumerated" if n_texts is None else str(n_texts)
                    print(
                        f"{pair.name:<22} {pair.left.n_segments:>7} {pair.right.n_segments:>5} {n_images:>4}"
                        f" {texts:>10} {found.covered:>8.1%} {found.ratio:>10.2f}"
                    )
                    means.setdefault((kind, n_images, texts), []).append(found.covered)
    print()
    for (kind, n_images, texts), values in means.items():
        print(f"{kind}, N = {n_images}, texts {texts}: {np.mean(values):.1%} of {len(values)} pairs")
    if not all(LOWEST <= np.mean(values) <= HIGHEST for values in means.values()):
        raise SystemExit(f"a coverage is not between {LOWEST:.0%} and {HIGHEST:.0%}")


if __name__ == "__main__":
    main()
