"""How often 95 % intervals of W hold the truth: on toys, on generated scenes, on the demo's photographs.

The truth is W from a long run of the same design (texts: all coalitions); the intervals come from many short
runs with seeds of their own: W +- t times the standard error, t of Student's law with the error's own degrees
of freedom. The truth's own error is added to that of a run, because real pictures have no longer runs to
spare. Masks are whole fold-over blocks at p = 1/2, as in a run of the pipeline, and independent or stratified
ones at p = 0.3, 0.5 and 0.8; stratified ones at 0.8 are what the estimator ``weighted_banzhaf`` draws.

Each line is one setting: the share of all cells whose interval holds the truth, the same of the tenth with
the largest |W|, the worst cell, and root mean square errors as they are claimed over what they are (1 is
calibrated). Means over the pairs of a kind follow, and how many cells are found that are not there
(``bench_discoveries.py`` has more of that). Exits with 1 if a mean is not between 93 and 97 %, by more than
twice what it varies between runs, or a rate of false discoveries is above 6 %.

Where intervals are rather too wide, never too narrow in the mean: a single toy with attention under drawn
captions at p = 0.8, all cells 98 to 99 %, because the few rows without a word leave few degrees of freedom;
the largest cells of a scene under a drawn caption of 9 words, 98 %, whose blocks have 16 rows.

``--photographs 1`` adds a photograph in the model of the demo, which takes an hour.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from bench_discoveries import HIGHEST as MOST_FALSE
from bench_discoveries import exact_rates
from jaxtyping import Float
from pair_runs import (
    FOLDOVER,
    Estimates,
    Law,
    Pair,
    designs,
    estimates,
    long_run,
    photographs,
    planted,
    scenes,
)
from scipy.stats import t

LOWEST, HIGHEST = 0.93, 0.97
LAWS = (FOLDOVER, *(Law(design, p) for design in ("iid", "stratified") for p in (0.3, 0.5, 0.8)))


@dataclass(frozen=True, slots=True)
class Setting:
    """Masks of a run; None enumerates the text."""

    law: Law
    n_images: int
    n_texts: int | None

    @property
    def name(self) -> str:
        """As it is printed."""
        texts = "all" if self.n_texts is None else str(self.n_texts)
        return f"{self.law.design:<10} {self.law.p:>3} {self.n_images:>4} {texts:>4}"


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Of one setting."""

    all_cells: Float[np.ndarray, " runs"]
    largest: Float[np.ndarray, " runs"]
    worst: float
    ratio: float
    """Root mean square of the standard errors over that of the true errors."""


def coverage(pair: Pair, known: Estimates, setting: Setting, n_runs: int) -> Coverage:
    left = designs(pair.left, setting.n_images, range(n_runs), setting.law)
    # An enumerated text is the same in every run.
    seeds = range(5000, 5000 + (1 if setting.n_texts is None else n_runs))
    right = designs(pair.right, setting.n_texts, seeds, setting.law)
    found = estimates(left, right)
    if not bool(found.errors.standard_errors.isfinite().all()):
        raise SystemExit(f"{pair.name}, {setting.name}: errors are unknown, more masks are needed")
    off = (found.weights - known.weights).abs()
    squares = found.errors.standard_errors.square() + known.errors.standard_errors.square()
    held = (off < torch.as_tensor(t.ppf(0.975, found.errors.degrees)) * squares.sqrt()).double()
    size = known.weights[0].abs()
    large = size >= size.flatten().quantile(0.9)
    return Coverage(
        held.mean(dim=(1, 2)).numpy(),
        held[:, large].mean(dim=1).numpy(),
        float(held.mean(dim=0).min()),
        float(squares.mean().sqrt() / off.square().mean().sqrt()),
    )


def settings(pair: Pair, law: Law) -> Iterator[Setting]:
    for n_images in (128, 256) if pair.left.n_segments < 64 else (256,):
        # Off p = 1/2 so few masks leave a word out too seldom.
        for n_texts in (None, 64) if law.p == 0.5 else (None, 128):
            yield Setting(law, n_images, n_texts)


def measured(kind: str, pairs: Iterator[Pair], n_runs: int) -> dict[str, list[Coverage]]:
    """Print a line for every pair and setting; all of them by kind and setting."""
    found: dict[str, list[Coverage]] = {}
    for pair in pairs:
        for law in LAWS:
            known = long_run(pair, law)
            for setting in settings(pair, law):
                got = coverage(pair, known, setting, n_runs)
                cells = f"{pair.left.n_segments} x {pair.right.n_segments}"
                print(
                    f"{pair.name:<14.14} {cells:<8} {setting.name}"
                    f" {got.all_cells.mean():>6.1%} {got.largest.mean():>7.1%} {got.worst:>6.0%}"
                    f" {got.ratio:>5.2f}",
                    flush=True,
                )
                found.setdefault(f"{kind:<11} {setting.name}", []).append(got)
    return found


def mean(shares: list[Float[np.ndarray, " runs"]]) -> tuple[float, float]:
    """Mean over pairs, and its standard error by runs."""
    variances = [share.var(ddof=1) / len(share) for share in shares]
    return float(np.mean(shares)), float(np.sqrt(np.sum(variances))) / len(shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40, help="designs of each setting")
    parser.add_argument("--planted", type=int, default=3, help="pairs of either toy")
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--photographs", type=int, default=0)
    parser.add_argument("--null-runs", type=int, default=600, help="designs of each game without effects")
    parser.add_argument("--long-run", type=int, default=4096, help="masks of a real picture's truth")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'pair':<14} {'cells':<8} {'masks':<10} {'p':>3} {'N':>4} text    all largest  worst ratio")
    real = (scenes(asked.scenes, asked.long_run), photographs(asked.photographs, asked.long_run))
    found: dict[str, list[Coverage]] = {}
    for kind, pairs in zip(
        ("planted", "scenes", "photographs"), (planted(asked.planted), *real), strict=True
    ):
        found |= measured(kind, pairs, asked.runs)
    print()
    is_right = True
    for name, of_pairs in found.items():
        told: list[str] = []
        for shares in ([one.all_cells for one in of_pairs], [one.largest for one in of_pairs]):
            share, error = mean(shares)
            is_right &= LOWEST - 2 * error < share < HIGHEST + 2 * error
            told.append(f"{share:.1%} +- {error:.1%}")
        print(f"{name}: all cells {told[0]}, the largest tenth {told[1]}, of {len(of_pairs)} pairs")
    print()
    most = max(exact_rates(asked.planted, asked.null_runs)) if asked.planted else 0.0
    if not is_right:
        raise SystemExit(f"a coverage is not between {LOWEST:.0%} and {HIGHEST:.0%}")
    if most > MOST_FALSE:
        raise SystemExit(f"a rate of false discoveries is above {MOST_FALSE:.0%}")


if __name__ == "__main__":
    main()
