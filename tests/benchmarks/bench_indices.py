"""Encodes that W costs: effects of items, against shapiq's FBII and a paired regression on the same games.

``python tests/benchmarks/bench_indices.py``; the comparison with shapiq needs ``pip install ilime[peers]``.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec

import numpy as np
import torch
from bench_fit import processor
from real_towers import demo_pairs
from torch import Tensor

from ilime_core.effects.banzhaf import fit_banzhaf
from ilime_core.interactions.fidelity import held_out_r2
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.records import Effects, HeldOut
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower

LEFT_MASKS, RIGHT_MASKS = 128, 64
BUDGET = 4096
"""Joint rows of shapiq; each is one left and one right encode."""

PHOTOGRAPH_REGIONS, PHOTOGRAPH_BUDGET = 16, 2048
"""Of a real model, which encodes some tens of pictures a second on a core."""

HELD_OUT_MASKS = 256
REFERENCE_MASKS = 2**16
PAIRED_ROWS = (1024, 2048, 4096, 8192, 16384, 32768)
PENALTIES = tuple(10.0**power for power in np.arange(-4.0, 5.0, 0.5))


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """One pair of towers; ``truth`` is W, NaN where nobody knows it."""

    left: PlantedTower
    right: PlantedTower
    truth: Tensor

    def score(self, joint: np.ndarray) -> np.ndarray:
        """Scores of joint coalitions, the left item's segments first: both towers encode every row."""
        n = self.left.n_segments
        rows = torch.from_numpy(np.ascontiguousarray(joint, dtype=bool))
        return (self.left(rows[:, :n]) * self.right(rows[:, n:])).sum(dim=1).numpy()


def effects_of(tower: PlantedTower, n_masks: int, rng: np.random.Generator) -> Effects:
    """Banzhaf effects from fold-over masks."""
    masks = torch.from_numpy(foldover(tower.n_segments, n_masks, rng))
    return fit_banzhaf(masks, tower(masks), tower.empty, tower.full)


def weights_of(game: Game, n_left: int, n_right: int, rng: np.random.Generator) -> Tensor:
    """W of a pair from the effects of its items."""
    left, right = effects_of(game.left, n_left, rng), effects_of(game.right, n_right, rng)
    return left.effects @ right.effects.mT


def reference(left: PlantedTower, right: PlantedTower) -> Tensor:
    """W without noise: all coalitions, or 512 times the masks of the estimate."""
    rows = []
    for tower in (left, right):
        rng = np.random.default_rng(10**6)
        n = tower.n_segments
        masks = torch.from_numpy(enumerate_all(n) if n <= 12 else foldover(n, REFERENCE_MASKS, rng))
        rows.append(fit_banzhaf(masks, tower(masks), tower.empty, tower.full).effects)
    return rows[0] @ rows[1].mT


def fresh(game: Game) -> Callable[[Tensor], float]:
    """R2 of any W for the cross part of the scores on fresh fold-over masks."""
    rng = np.random.default_rng(10**7)
    held = [
        HeldOut(masks, tower(masks))
        for tower in (game.left, game.right)
        for masks in [torch.from_numpy(foldover(tower.n_segments, HELD_OUT_MASKS, rng))]
    ]
    blank = [effects_of(tower, 2, rng) for tower in (game.left, game.right)]

    def r2(weights: Tensor) -> float:
        # W times one is a thin pair, too, and fidelity reads nothing of effects but their products.
        one = torch.eye(weights.shape[1], dtype=weights.dtype)
        return held_out_r2(
            held[0],
            held[1],
            replace(blank[0], effects=weights, error=None, spread=None),
            replace(blank[1], effects=one, error=None, spread=None),
        )

    return r2


def shapiq_weights(game: Game, budget: int, seed: int) -> Tensor:
    """W of shapiq's regression for the faithful Banzhaf interaction index of order 2."""
    from shapiq.approximator import RegressionFBII  # pyright: ignore[reportMissingImports]

    n, m = game.left.n_segments, game.right.n_segments
    values = RegressionFBII(n + m, max_order=2, random_state=seed).approximate(budget, game.score)
    return torch.tensor([[values[(i, n + j)] for j in range(m)] for i in range(n)], dtype=torch.float64)


def paired_error(game: Game, n_rows: int, truth: Tensor, rng: np.random.Generator) -> float:
    """Relative error of W from one regression on joint rows, at the ridge penalty nearest to the truth."""
    n, m = truth.shape
    rows = rng.random((n_rows, n + m)) < 0.5
    signs = rows - 0.5
    columns = np.concatenate([signs, (signs[:, :n, None] * signs[:, None, n:]).reshape(n_rows, -1)], axis=1)
    columns -= columns.mean(axis=0)
    scores = game.score(rows)
    values, vectors = np.linalg.eigh(columns.T @ columns)
    moments = vectors.T @ (columns.T @ (scores - scores.mean()))
    errors = []
    for penalty in PENALTIES:
        found = vectors @ (moments / (values.clip(min=0.0) + penalty))
        errors.append(np.linalg.norm(found[n + m :].reshape(n, m) - truth.numpy()))
    return float(min(errors) / np.linalg.norm(truth.numpy()))


def games(seed: int) -> dict[str, Game]:
    """Planted pairs: two mild towers, small enough or not for a table of coalitions, and two strong ones."""
    towers = {
        "mild, 49 regions, 12 words": (TanhTower(seed, 49, 64), TanhTower(100 + seed, 12, 64)),
        "mild, 12 regions, 8 words": (TanhTower(seed, 12, 64), TanhTower(100 + seed, 8, 64)),
        "strong, 12 regions, 8 words": (AttentionTower(seed, 12, 64), AttentionTower(100 + seed, 8, 64)),
    }
    return {name: Game(left, right, reference(left, right)) for name, (left, right) in towers.items()}


def relative(found: Tensor, truth: Tensor) -> float:
    """Relative error in the Frobenius norm."""
    return float((found - truth).norm() / truth.norm())


@dataclass(frozen=True, slots=True)
class Cost:
    """What an estimate of W is allowed to encode."""

    left: int = LEFT_MASKS
    right: int = RIGHT_MASKS
    joint: int = BUDGET


def compare_with_shapiq(name: str, pairs: Sequence[Game], cost: Cost) -> None:
    """Print R2 on fresh masks, error of W and seconds of both on the same games."""
    ours: list[tuple[float, ...]] = []
    theirs: list[tuple[float, ...]] = []
    for seed, game in enumerate(pairs):
        r2 = fresh(game)
        draw = partial(weights_of, game, cost.left, cost.right, np.random.default_rng(seed))
        for kept, estimate in ((ours, draw), (theirs, partial(shapiq_weights, game, cost.joint, seed))):
            start = time.perf_counter()
            found = estimate()
            seconds = time.perf_counter() - start
            kept.append((r2(found), relative(found, game.truth), seconds))
    for method, counts, kept in (
        ("effects (banzhaf)", f"{cost.left} + {cost.right}", ours),
        ("shapiq RegressionFBII", f"{cost.joint} + {cost.joint}", theirs),
    ):
        r2_mean, error, seconds = np.mean(kept, axis=0)
        print(f"{name:28} {method:22} {counts:>12} {r2_mean:9.3f} {error:10.3f} {seconds:8.2f}")


def compare_with_pairs(name: str, pairs: Sequence[Game]) -> None:
    """Print the joint rows that a paired regression needs for the error that effects reach."""
    target = np.mean(
        [
            relative(weights_of(game, LEFT_MASKS, RIGHT_MASKS, np.random.default_rng(seed)), game.truth)
            for seed, game in enumerate(pairs)
        ]
    )
    print(f"{name:28} {LEFT_MASKS:13} {target:11.3f}  effects, and {RIGHT_MASKS} right encodes")
    for n_rows in PAIRED_ROWS:
        rngs = [np.random.default_rng(seed) for seed in range(len(pairs))]
        errors = [paired_error(game, n_rows, game.truth, rng) for game, rng in zip(pairs, rngs, strict=True)]
        times = n_rows // LEFT_MASKS
        print(f"{'':28} {n_rows:13} {np.mean(errors):11.3f}  pairs, ridge at its best: {times} times")
        if np.mean(errors) <= target:
            break


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--photographs", type=int, default=0, help="pairs of the demo; minutes each")
    options = parser.parse_args()
    print(f"{processor()}, {torch.get_num_threads()} threads; means over {options.seeds} seeds")
    by_name: dict[str, list[Game]] = {}
    for seed in range(options.seeds):
        for name, game in games(seed).items():
            by_name.setdefault(name, []).append(game)
    if find_spec("shapiq") is None:
        print("shapiq is not installed: pip install 'ilime[peers]', then run this again")
    else:
        print(f"{'':51} {'left + right':>12} {'R2_cross':>9} {'error of W':>10} {'seconds':>8}")
        for name, pairs in by_name.items():
            compare_with_shapiq(name, pairs, Cost())
        for picture, left, right in demo_pairs(options.photographs, PHOTOGRAPH_REGIONS):
            game = Game(left, right, torch.full((left.n_segments, right.n_segments), torch.nan))
            name = f"{picture}, {left.n_segments} and {right.n_segments}"
            compare_with_shapiq(name, [game], Cost(joint=PHOTOGRAPH_BUDGET))
    print(f"\n{'':28} {'left encodes':>13} {'error of W':>11}")
    for name in list(by_name)[:2]:
        compare_with_pairs(name, by_name[name])


if __name__ == "__main__":
    main()
