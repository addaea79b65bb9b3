"""Pairs whose W is known from a long run, and many short runs of the same design."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from real_towers import CaptionTower, PhotographTower, demo_pairs
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf_batch
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import EffectsStack, stack_effects
from ilime_core.interactions.standard_errors import InteractionErrors
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import iid
from ilime_core.perturbation.stratified import stratified
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower
from tasks.corpora.demos.scenes import materialise_scenes

__all__ = [
    "FOLDOVER",
    "Estimates",
    "Law",
    "Pair",
    "designs",
    "estimates",
    "long_run",
    "photographs",
    "planted",
    "scenes",
]


@dataclass(frozen=True, slots=True)
class Law:
    """How masks are drawn; `stratified` is what the estimator `weighted_banzhaf` draws, too."""

    design: str
    p: float

    def draw(
        self, n_segments: int, n_masks: int, rng: np.random.Generator
    ) -> Bool[np.ndarray, "samples segments"]:
        """Masks of one run."""
        kinds = {"foldover": foldover, "iid": iid(self.p), "stratified": stratified(self.p)}
        return kinds[self.design](n_segments, n_masks, rng)


FOLDOVER = Law("foldover", 0.5)


@dataclass(frozen=True, slots=True)
class Pair:
    """Towers of one pair, and how long a run stands for the truth of the left one."""

    name: str
    left: PlantedTower
    right: PlantedTower
    long_run: int


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """W of many runs, with its errors."""

    weights: Float[Tensor, "runs left right"]
    errors: InteractionErrors


def designs(tower: PlantedTower, n_masks: int | None, seeds: range, law: Law = FOLDOVER) -> EffectsStack:
    """Effects under one design for each seed; None enumerates."""
    if n_masks is None:
        drawn = [enumerate_all(tower.n_segments)] * len(seeds)
    else:
        drawn = [law.draw(tower.n_segments, n_masks, np.random.default_rng([7, seed])) for seed in seeds]
    masks = torch.as_tensor(np.stack(drawn))
    embeddings = torch.stack([tower(rows) for rows in masks])
    ends = (end.expand(len(seeds), -1) for end in (tower.empty, tower.full))
    options = BanzhafOptions(p=law.p, enumerated=n_masks is None)
    return stack_effects(fit_banzhaf_batch(masks, embeddings, *ends, options=options), p=law.p)


def estimates(left: EffectsStack, right: EffectsStack) -> Estimates:
    """W of the i-th left with the i-th right design; one design stands beside all of the other side."""
    n = max(left.n_items, right.n_items)
    index = [
        torch.arange(n) if one.n_items > 1 else torch.zeros(n, dtype=torch.long) for one in (left, right)
    ]
    fits = fit_pairs(left, right, *index)
    return Estimates(fits.weights, fits.errors)


def long_run(pair: Pair, law: Law = FOLDOVER) -> Estimates:
    """One long run for the truth: seeds of it and of short runs differ, they share no mask but by chance."""
    left = designs(pair.left, pair.long_run, range(1_000_000, 1_000_001), law)
    return estimates(left, designs(pair.right, None, range(1), law))


def planted(n_pairs: int) -> Iterator[Pair]:
    """Toys: three pairs of either kind."""
    for name, make in (("tanh", TanhTower), ("attention", AttentionTower)):
        for seed in range(n_pairs):
            yield Pair(f"{name} {seed}", make(seed, 49, 64), make(100 + seed, 8, 64), 2**16)


def scenes(n_scenes: int, long_run: int) -> Iterator[Pair]:
    """Generated scenes with their first caption in the model of scenes."""
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
    """Photographs of the demo in its model."""
    for name, picture, caption in demo_pairs(n_photographs, 49) if n_photographs else ():
        yield Pair(name, picture, caption, long_run)
