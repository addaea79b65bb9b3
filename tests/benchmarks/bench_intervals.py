"""How often clustered 95 % intervals of bounded means hold the truth.

Values of pairs are logistic: a mean, an effect of the image, one of the caption and one of the pair, all
normal; of hits a coin is thrown with that probability. Three designs: pairs that share nothing, images with
one to five captions of their own, and three captions an image out of as many captions as there are images.
Prints a table of Markdown: coverage, and how often an interval that knows no range (Student's t, fewest
clusters less 1) covers, and leaves [0, 1].
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.aggregates.intervals import MeanEstimate, range_interval

SHARE = Bounds(0.0, 1.0)


@dataclass(frozen=True)
class Law:
    """Of the logit: its mean, and standard deviations of image, caption and pair."""

    name: str
    mean: float
    deviations: tuple[float, float, float]
    is_hit: bool = False

    @property
    def truth(self) -> float:
        """Mean of the value, by Gauss and Hermite."""
        x, weight = np.polynomial.hermite_e.hermegauss(80)
        spread = np.sqrt(np.square(self.deviations).sum())
        return float((expit(self.mean + spread * x) * weight).sum() / weight.sum())

    def draw(self, rng: np.random.Generator, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """A value of every pair."""
        of_left, of_right, of_pair = (
            deviation * rng.normal(size=size)
            for deviation, size in zip(
                self.deviations, (left.max() + 1, right.max() + 1, len(left)), strict=True
            )
        )
        share = expit(self.mean + of_left[left] + of_right[right] + of_pair)
        return (rng.random(len(left)) < share).astype(float) if self.is_hit else share


LAWS = (
    Law("even shares", 0.0, (1.0, 0.5, 0.5)),
    Law("large shares", 2.0, (0.7, 0.4, 0.4)),
    Law("small, skewed shares", -3.0, (1.0, 0.5, 0.5)),
    Law("few large ones", -3.0, (2.0, 1.0, 1.0)),
    Law("hits, even", 0.0, (1.0, 0.5, 0.0), is_hit=True),
    Law("hits, frequent", 2.0, (1.0, 0.5, 0.0), is_hit=True),
    Law("hits, rare", -2.5, (1.0, 0.5, 0.0), is_hit=True),
)


def pairs(rng: np.random.Generator, design: str, n_left: int) -> tuple[np.ndarray, np.ndarray]:
    """Left and right items of every pair."""
    if design == "alone":
        return np.arange(n_left), np.arange(n_left)
    if design == "nested":
        left = np.repeat(np.arange(n_left), rng.integers(1, 6, n_left))
        return left, np.arange(len(left))
    right = np.concatenate([rng.choice(n_left, 3, replace=False) for _ in range(n_left)])
    return np.repeat(np.arange(n_left), 3), right


def row(law: Law, design: str, n_left: int, n_draws: int, seed: int) -> str:
    """One line of the table."""
    rng = np.random.default_rng(seed)
    truth, covered, plain_covered, outside = law.truth, 0, 0, 0
    for _ in range(n_draws):
        left, right = pairs(rng, design, n_left)
        ids = [[str(number) for number in side.tolist()] for side in (left, right)]
        got = clustered_mean(law.draw(rng, left, right), *ids, bounds=SHARE)
        plain = MeanEstimate(got.mean, got.standard_error, float(got.n_clusters - 1), got.n_clusters)
        low, high = range_interval(plain)
        covered += got.low <= truth <= got.high
        plain_covered += low <= truth <= high
        outside += low < 0 or high > 1
        assert 0 <= got.low <= got.high <= 1
    shares = (covered / n_draws, plain_covered / n_draws, outside / n_draws)
    return (
        f"| {law.name} | {truth:.3f} | {design} | {n_left} | " + " | ".join(f"{x:.3f}" for x in shares) + " |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    asked = parser.parse_args()
    print("| values | mean | design | images | covers | without a range | leaves it |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for law in LAWS:
        for design in ("alone", "nested", "crossed"):
            for n_left in (10, 20, 50):
                print(row(law, design, n_left, asked.draws, seed=0), flush=True)


if __name__ == "__main__":
    main()
