"""Linear explainers of a pair's score beside the bilinear surrogate: captum and lime, on the same games.

``python tests/benchmarks/bench_linear_peers.py``; a peer that is not installed is left out.
"""

import argparse
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch
from bench_fit import processor
from bench_indices import LEFT_MASKS, RIGHT_MASKS, Game, effects_of, games
from real_towers import demo_pairs
from torch import Tensor

ROWS = LEFT_MASKS
"""Joint rows of a peer: as many left encodes as ours, and more right ones."""

HELD_OUT = 512

Predict = Callable[[np.ndarray], np.ndarray]


def ours(game: Game, rng: np.random.Generator) -> Predict:
    """Scores of the surrogate: the product of both items' fitted embeddings."""
    left, right = effects_of(game.left, LEFT_MASKS, rng), effects_of(game.right, RIGHT_MASKS, rng)
    n = game.left.n_segments

    def predict(joint: np.ndarray) -> np.ndarray:
        signs = torch.from_numpy(joint.astype(np.float64) - 0.5)
        one = left.mean + signs[:, :n] @ left.effects
        other = right.mean + signs[:, n:] @ right.effects
        return (one * other).sum(dim=1).numpy()

    return predict


def captum_kernel_shap(game: Game, rng: np.random.Generator) -> Predict:
    """captum's KernelShap over the segments of both items."""
    from captum.attr import KernelShap  # pyright: ignore[reportMissingImports]

    return _of_captum(KernelShap(_scores_of(game)), game, rng)


def captum_lime(game: Game, rng: np.random.Generator) -> Predict:
    """captum's Lime with its defaults over the segments of both items."""
    from captum.attr import Lime  # pyright: ignore[reportMissingImports]

    return _of_captum(Lime(_scores_of(game)), game, rng)


def lime_regression(game: Game, rng: np.random.Generator) -> Predict:
    """Regression of the package lime, with the rows, the distance and the kernel of its image explainer."""
    from lime.lime_base import LimeBase  # pyright: ignore[reportMissingImports]
    from sklearn.metrics import pairwise_distances

    n = game.left.n_segments + game.right.n_segments
    rows = rng.integers(0, 2, (ROWS, n))
    rows[0] = 1
    scores = game.score(rows.astype(bool))
    away = pairwise_distances(rows, rows[:1], metric="cosine").ravel()
    base = LimeBase(lambda distance: np.sqrt(np.exp(-(distance**2) / 0.25**2)), random_state=0)
    intercept, weights, *_ = base.explain_instance_with_data(rows, scores[:, None], away, 0, n)
    slopes = np.zeros(n)
    for place, value in weights:
        slopes[place] = value
    return lambda joint: intercept + joint @ slopes


def _scores_of(game: Game) -> Callable[[Tensor], Tensor]:
    return lambda rows: torch.from_numpy(game.score(rows.numpy() > 0.5)).float()


def _of_captum(explainer: object, game: Game, rng: np.random.Generator) -> Predict:
    torch.manual_seed(int(rng.integers(2**31)))
    n = game.left.n_segments + game.right.n_segments
    found = explainer.attribute(  # pyright: ignore[reportAttributeAccessIssue]
        torch.ones(1, n), baselines=torch.zeros(1, n), n_samples=ROWS, perturbations_per_eval=64
    )
    slopes = found[0].double().numpy()
    return lambda joint: joint @ slopes


def held_out(game: Game, predict: Predict, rng: np.random.Generator) -> tuple[float, float]:
    """R2 of the score on fresh rows, and of what both items make together; the constant is at its best."""
    rows = rng.random((HELD_OUT, game.left.n_segments + game.right.n_segments)) < 0.5
    n = game.left.n_segments
    grid = np.concatenate([np.repeat(rows[:64, :n], 64, axis=0), np.tile(rows[:64, n:], (64, 1))], axis=1)
    scores, guess = (values.reshape(64, 64) for values in (game.score(grid), predict(grid)))
    joint, joint_guess = (
        one - one.mean(axis=0) - one.mean(axis=1, keepdims=True) + one.mean() for one in (scores, guess)
    )
    centred = scores - scores.mean(), guess - guess.mean()
    return tuple(
        float(1 - ((one - other) ** 2).sum() / (one**2).sum())
        for one, other in (centred, (joint, joint_guess))
    )  # pyright: ignore[reportReturnType]


METHODS: dict[str, tuple[Callable[[Game, np.random.Generator], Predict], str, str]] = {
    "effects (banzhaf)": (ours, "", f"{LEFT_MASKS} + {RIGHT_MASKS}"),
    "captum KernelShap": (captum_kernel_shap, "captum", f"{ROWS} + {ROWS}"),
    "captum Lime": (captum_lime, "captum", f"{ROWS} + {ROWS}"),
    "lime": (lime_regression, "lime", f"{ROWS} + {ROWS}"),
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=int, default=1, help="pairs of the demo, of 16 regions")
    options = parser.parse_args()
    there = {
        package: version(package) for _, package, _ in METHODS.values() if package and find_spec(package)
    }
    print(
        f"{processor()}; "
        + (", ".join(f"{name} {number}" for name, number in there.items()) or "no peer is installed")
    )
    found = games(0)
    for picture, left, right in demo_pairs(options.photographs, 16):
        name = f"{picture}, {left.n_segments} and {right.n_segments}"
        found[name] = Game(left, right, torch.full((left.n_segments, right.n_segments), torch.nan))
    print(f"{'':30} {'':18} {'left + right':>12} {'R2':>7} {'R2_cross':>9} {'seconds':>8}")
    for name, game in found.items():
        for method, (explain, package, encodes) in METHODS.items():
            if package and package not in there:
                continue
            start = time.perf_counter()
            predict = explain(game, np.random.default_rng(0))
            seconds = time.perf_counter() - start
            whole, cross = held_out(game, predict, np.random.default_rng(10**6))
            print(f"{name[:30]:30} {method:18} {encodes:>12} {whole:7.3f} {cross:9.3f} {seconds:8.2f}")


if __name__ == "__main__":
    main()
