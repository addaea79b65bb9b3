"""Pairs per second on one core, for W with its factors and for the whole fit."""

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ilime_core.interactions.bilinear import interactions
from ilime_core.interactions.factors import factorise
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import EffectsStack, stack_effects
from ilime_core.records import Effects, LowRankCovariance

REGIONS, WORDS, DIM = 49, 10, 512
PHOTOGRAPHS, CAPTIONS = 80, 400
ERROR_RANK, SPREAD_RANK = 16, 32
PAIRS_AT_ONCE = 64
"""For W alone; larger chunks leave the cache."""


def random_stack(n_items: int, n_segments: int, seed: int) -> EffectsStack:
    """Items whose numbers mean nothing but have the sizes of real ones."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) / 20

    def covariance(rank: int) -> LowRankCovariance:
        return LowRankCovariance(draw(rank, DIM), torch.tensor(1e-5))

    return stack_effects(
        [
            Effects(
                effects=draw(n_segments, DIM),
                mean=draw(DIM),
                intercept=draw(DIM),
                empty=draw(DIM),
                full=draw(DIM),
                error=covariance(ERROR_RANK),
                error_scale=torch.full((n_segments,), 4 / 256),
                degrees=torch.full((n_segments,), 256 / 2.0 - n_segments),
                spread=covariance(SPREAD_RANK),
                halves=None,
                sampled=True,
                rank=n_segments,
                condition=1.0,
                n_masks=256,
            )
            for _ in range(n_items)
        ]
    )


def pairs_per_second(work: Callable[[], object], n_pairs: int, repeats: int) -> float:
    """Best of several runs: what the code can do when the machine leaves it alone."""
    work()
    seconds: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return n_pairs / min(seconds)


def processor() -> str:
    """The processor's name where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    left, right = random_stack(PHOTOGRAPHS, REGIONS, 0), random_stack(CAPTIONS, WORDS, 1)
    left_index = torch.arange(options.pairs) * PHOTOGRAPHS // options.pairs
    right_index = torch.randint(CAPTIONS, (options.pairs,), generator=torch.Generator().manual_seed(2))

    def weights_and_factors() -> None:
        for at in range(0, options.pairs, PAIRS_AT_ONCE):
            chosen = left_index[at : at + PAIRS_AT_ONCE], right_index[at : at + PAIRS_AT_ONCE]
            weights = interactions(left, right, *chosen)
            factorise(weights, left.counts[chosen[0]], right.counts[chosen[1]], n_factors=5)

    def whole_fit() -> None:
        fit_pairs(left, right, left_index, right_index, n_factors=5)

    print(f"{platform.node()}, {processor()}, one thread, torch {torch.__version__}")
    print(
        f"{REGIONS} x {WORDS} segments, {DIM} dimensions, float32, {options.pairs} pairs, "
        f"best of {options.repeats}"
    )
    for name, work, goal in (
        ("W and 5 factors", weights_and_factors, 20_000),
        ("whole fit: errors, main effects, fidelity", whole_fit, 1_500),
    ):
        rate = pairs_per_second(work, options.pairs, options.repeats)
        print(f"{name:<45}{rate:>10,.0f} pairs/s   (goal {goal:,}: {rate / goal:.2f} of it)")


if __name__ == "__main__":
    main()
