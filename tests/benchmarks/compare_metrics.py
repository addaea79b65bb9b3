"""Our metrics beside other implementations on the same inputs: captum, and quantus where it is installed.

captum (PyPI ``captum``) has the infidelity and the max-sensitivity of Yeh et al.; both know additive
explanations of one input. A pair becomes one input of n + m bits; the products of left and right bits are
further inputs, which carry W, so that the bilinear surrogate is an additive explanation, too. captum's
``normalize`` is our ``infidelity_scaled``.

quantus has pixel flipping, region perturbation, the pointing game and relevance mass accuracy. It brings
pandas and opencv, and is therefore no extra of ours: ``pip install quantus`` adds its lines. Segments become
an image one pixel high, of ones, and 0 is what a removed one becomes. Its areas call a function that numpy
has removed, so curves are compared point by point.

xplique needs TensorFlow and is left out.

``pip install 'ilime[peers]'``, then ``python tests/benchmarks/compare_metrics.py``. Exits with 1 if a
difference exceeds the tolerance.
"""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Target
from ilime_core.faithfulness.encoded import EncodedCoalitions, merge_masks
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.fresh_coalitions import fresh_coalitions
from ilime_core.faithfulness.measured_pair import FitShares, MeasuredPair
from ilime_core.faithfulness.measurement import Control, Measurement, Side
from ilime_core.faithfulness.metrics.max_sensitivity import max_sensitivity
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.placement import energy_inside, localise
from ilime_core.faithfulness.registry import metric_set
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower

TOLERANCE = 1e-5
"""Largest difference, as a share of the largest number of both sides: quantus works in float32."""

ONE = torch.zeros(1, dtype=torch.long)
OPTIONS = MetricOptions(steps=50, n_random=3, n_coalitions=32)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The same quantity by both sides; of curves all points."""

    name: str
    ours: np.ndarray
    theirs: np.ndarray

    @property
    def gap(self) -> float:
        largest = max(np.abs(self.ours).max(), np.abs(self.theirs).max())
        return float(np.abs(self.ours - self.theirs).max() / largest)


def pair_of(left: PlantedTower, right: PlantedTower) -> PairExplanation:
    """W and main effects by banzhaf: sampled on the left, all coalitions on the right."""
    rows = torch.as_tensor(foldover(left.n_segments, 256, np.random.default_rng(0)))
    every = torch.as_tensor(enumerate_all(right.n_segments))
    fits = fit_pairs(
        stack_effects([fit_banzhaf(rows, left(rows), left.empty, left.full)]),
        stack_effects(
            [
                fit_banzhaf(
                    every, right(every), right.empty, right.full, options=BanzhafOptions(enumerated=True)
                )
            ]
        ),
        ONE,
        ONE,
    )
    parts = (
        fits.weights,
        fits.left.raw_effect,
        fits.right.raw_effect,
        fits.left.effect,
        fits.right.effect,
    )
    areas = [np.full(tower.n_segments, 1 / tower.n_segments) for tower in (left, right)]
    return PairExplanation("left", "right", *(part[0].numpy() for part in parts), *areas)


def measured(name: str, pair: PairExplanation, towers: tuple[PlantedTower, PlantedTower]) -> Measurement:
    metric = metric_set([name], OPTIONS)
    merged = merge_masks(zip(("left", "right"), metric.masks(pair), strict=True))
    left, right = (
        EncodedCoalitions(masks, tower(masks.rows), tower.empty, tower.full)
        for masks, tower in zip(merged.values(), towers, strict=True)
    )
    return metric.measure(
        MeasuredPair("pair", "planted", pair, FitShares(*[None] * 10), encoded=(left, right))
    )


def scorer(towers: tuple[PlantedTower, PlantedTower]) -> Callable[[Tensor], Tensor]:
    """The score of rows of n + m bits; further columns say nothing new."""
    n, m = (tower.n_segments for tower in towers)

    def score(rows: Tensor) -> Tensor:
        kept = rows[:, : n + m] > 0.5
        return torch.linalg.vecdot(towers[0](kept[:, :n]), towers[1](kept[:, n:]))

    return score


def infidelities(pair: PairExplanation, towers: tuple[PlantedTower, PlantedTower]) -> Iterator[Compared]:
    from captum.metrics import infidelity

    ours = {(v.metric, v.mode, v.control): v.value for v in measured("infidelity", pair, towers).values}
    n, m = (tower.n_segments for tower in towers)
    additive = {
        Control.EXPLANATION: (pair.left_raw, pair.right_raw, pair.interactions.ravel()),
        Control.MAIN_EFFECTS: (pair.left_main, pair.right_main, np.zeros(n * m)),
    }
    for p in OPTIONS.probabilities:
        x, y = fresh_coalitions(OPTIONS, "left", n, p), fresh_coalitions(OPTIONS, "right", m, p)
        rows = np.array([[*a, *b, *np.outer(a, b).ravel()] for a in x for b in y], dtype=np.float64)
        kept = torch.tensor(rows)

        def perturb(inputs: Tensor, kept: Tensor = kept) -> tuple[Tensor, Tensor]:
            return inputs - kept, kept

        for control, coefficients in additive.items():
            for metric, normalize in (("infidelity", False), ("infidelity_scaled", True)):
                theirs = infidelity(
                    scorer(towers),
                    perturb,
                    torch.ones(1, n + m + n * m, dtype=torch.float64),
                    torch.tensor(np.concatenate(coefficients))[None],
                    n_perturb_samples=len(rows),
                    normalize=normalize,
                )
                yield Compared(
                    f"captum {metric} p={p:g} {control}",
                    np.asarray([ours[metric, f"p={p:g}", control]]),
                    theirs.numpy(),
                )


class Tokens(AttentionTower):
    """An attention tower whose tokens are the input."""

    def __init__(self, tokens: Tensor) -> None:
        super().__init__(5, *tokens.shape)
        self._tokens = tokens.double()


def sensitivities() -> Iterator[Compared]:
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(1, 9, 16, generator=generator, dtype=torch.float64)
    right = TanhTower(6, 5, 16)

    def explain(inputs: Tensor | tuple[Tensor]) -> tuple[Tensor]:
        # captum hands inputs over as a tuple or not, and takes explanations as tuples only.
        batch = inputs if isinstance(inputs, Tensor) else inputs[0]
        return (torch.stack([torch.tensor(pair_of(Tokens(one), right).interactions) for one in batch]),)

    for radius in (0.02, 0.2):
        noise = radius * (2 * torch.rand(10, 9, 16, generator=generator, dtype=torch.float64) - 1)

        def perturb(inputs: Tensor, _radius: float, noise: Tensor = noise) -> Tensor:
            return inputs + noise

        theirs = sensitivity_max(explain, tokens, perturb, perturb_radius=radius, n_perturb_samples=10)
        ours = max_sensitivity(explain(tokens)[0][0].numpy(), explain(tokens + noise)[0].numpy())
        yield Compared(f"captum max-sensitivity radius={radius:g}", np.asarray([ours]), theirs.numpy())


class RowImage(torch.nn.Module):
    """The score of images one pixel high: a pixel is a left segment, and the right item is whole."""

    def __init__(self, towers: tuple[PlantedTower, PlantedTower]) -> None:
        super().__init__()
        self._left, self._right = towers

    def forward(self, images: Tensor) -> Tensor:
        return (self._left(images.flatten(1) > 0.5) @ self._right.full).float()[:, None]


def flips(
    pair: PairExplanation, towers: tuple[PlantedTower, PlantedTower], quantus: Any
) -> Iterator[Compared]:
    """One-sided deletion: of the most important segments first, and of the least important."""
    n = towers[0].n_segments
    asked: dict[str, Any] = {
        "model": RowImage(towers).eval(),
        "x_batch": np.ones((1, 1, 1, n)),
        "y_batch": np.zeros(1, dtype=int),
        "softmax": False,
        "channel_first": True,
    }
    curves = {
        (curve.metric, curve.control): curve.y
        for curve in measured("insertion_deletion", pair, towers).curves
        if curve.side is Side.LEFT and curve.mode == Target.SCORE
    }
    settings: dict[str, Any] = {"normalise": False, "disable_warnings": True, "perturb_baseline": 0.0}
    flip = quantus.PixelFlipping(features_in_step=1, **settings)
    perturb = quantus.RegionPerturbation(patch_size=1, regions_evaluation=n, **settings)
    for control, values in (
        (Control.EXPLANATION, pair.left_whole),
        (Control.INTERACTIONS, pair.interactions.sum(axis=1)),
        (Control.MAIN_EFFECTS, pair.left_main),
    ):
        ours = curves[Direction.DELETION, control]
        attribution = values[None, None, None, :]
        theirs = np.asarray(flip(a_batch=attribution, **asked)).ravel()
        yield Compared(f"quantus pixel flipping {control}", ours[1:], theirs)
        drops = np.asarray(perturb(a_batch=attribution, **asked)).ravel()
        yield Compared(f"quantus region perturbation {control}", ours[0] - ours[1:], drops)


def places(quantus: Any) -> Iterator[Compared]:
    """The pointing game and the energy inside, on drawn weights and places of 12 regions."""
    rng = np.random.default_rng(0)
    weights, shown = rng.normal(size=(12, 8)), rng.random((12, 8)) < 0.3
    shown[0] = True
    asked: dict[str, Any] = {
        "model": torch.nn.Identity(),
        "x_batch": np.ones((8, 1, 3, 4)),
        "y_batch": np.zeros(8, dtype=int),
        "s_batch": shown.T.reshape(8, 1, 3, 4),
        "channel_first": True,
    }
    settings: dict[str, Any] = {"normalise": False, "disable_warnings": True}
    hits = quantus.PointingGame(**settings)(a_batch=weights.T.reshape(8, 1, 3, 4), **asked)
    yield Compared(
        "quantus pointing game", localise(weights, shown).hits.astype(float), np.asarray(hits, dtype=float)
    )
    positive = np.maximum(weights, 0).T.reshape(8, 1, 3, 4)
    inside = quantus.RelevanceMassAccuracy(**settings)(a_batch=positive, **asked)
    yield Compared(
        "quantus relevance mass accuracy", energy_inside(weights, shown.astype(float)), np.asarray(inside)
    )


def comparisons() -> Iterator[Compared]:
    if importlib.util.find_spec("captum") is None:
        raise SystemExit("captum is not installed: pip install 'ilime[peers]'")
    towers = AttentionTower(3, 16, 24), TanhTower(4, 6, 24)
    pair = pair_of(*towers)
    yield from infidelities(pair, towers)
    yield from sensitivities()
    if importlib.util.find_spec("quantus") is None:
        print("quantus is not installed, and its lines are left out: pip install quantus")
        return
    import quantus

    yield from flips(pair, towers, quantus)
    yield from places(quantus)


def main() -> None:
    torch.set_num_threads(1)
    worst = 0.0
    print(f"{'peer and metric':<52} {'ours':>12} {'theirs':>12} {'difference':>10}")
    for one in comparisons():
        worst = max(worst, one.gap)
        shown = (f"{float(values.mean()):>12.6g}" for values in (one.ours, one.theirs))
        points = f" (mean of {len(one.ours)})" if len(one.ours) > 1 else ""
        print(f"{one.name + points:<52} {' '.join(shown)} {one.gap:>10.1e}")
    if not worst < TOLERANCE:
        raise SystemExit(f"a difference exceeds {TOLERANCE}")


if __name__ == "__main__":
    main()
