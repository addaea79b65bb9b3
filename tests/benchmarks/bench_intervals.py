"""How often clustered 95 % intervals of bounded means hold the truth, and contests drop a best method.

Values of pairs are logistic: a mean, an effect of the image, one of the caption and one of the pair, all
normal; of hits a coin is thrown with that probability. Three designs: pairs that share nothing, images with
one to five captions of their own, and three captions an image out of as many captions as there are images.
Prints a table of Markdown: coverage, and how often an interval that knows no range (Student's t, fewest
clusters less 1) covers, and leaves [0, 1].

A second table is of methods that are compared pair by pair: 20 images of two captions each, 6 metrics that
resemble each other, and what methods do on an image is their own. It says how often a truly best method is
told to be worse than another one, in a metric; in what share of the metrics with any answer one is wrong;
and what share of the true differences is found. Beside the correction that is used stands Benjamini and
Hochberg's over all comparisons.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import clustered_mean, mean_by_codes
from ilime_core.aggregates.corrections import LEVEL, benjamini_hochberg, question_by_question
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


CONTESTS = (
    ("6 equal", (0.0,) * 6),
    ("12 equal", (0.0,) * 12),
    ("5 best, 5 far behind", (0.0,) * 5 + (-1.0,) * 5),
    ("2 best, 2 behind, 2 last", (0.5, 0.5, 0.0, 0.0, -0.5, -0.5)),
    ("1 best, 5 equal", (0.5,) + (0.0,) * 5),
)


def board(rng: np.random.Generator, quality: np.ndarray, n_metrics: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """P-values and means of all differences, by metric and two methods."""
    left, right = np.arange(40) // 2, np.arange(40)
    one, other = np.triu_indices(len(quality), 1)
    shared = rng.normal(size=(20, len(quality))) / 2
    p_values, means = np.empty((2, n_metrics, len(one)))
    for metric in range(n_metrics):
        own = rng.normal(size=(20, len(quality))) / 2
        values = quality + (shared + own)[left] + 0.7 * rng.normal(size=(40, len(quality)))
        for place in range(len(one)):
            found = mean_by_codes(values[:, one[place]] - values[:, other[place]], left, right)
            p_values[metric, place], means[metric, place] = found.p_value(0.0), found.mean
    return p_values, means


def contest_row(name: str, quality: np.ndarray, n_boards: int, seed: int) -> str:
    """One line of the second table."""
    rng = np.random.default_rng(seed)
    one, other = np.triu_indices(len(quality), 1)
    truth = np.sign(quality[one] - quality[other])
    best = quality == quality.max()
    rates: dict[str, list[tuple[float, float, float]]] = {"apart": [], "together": []}
    for _ in range(n_boards):
        p_values, means = board(rng, quality)
        questions = np.repeat(np.arange(len(p_values)), len(one))
        loser_is_best = np.where(means > 0, best[other], best[one])
        for kind, adjusted in (
            ("apart", question_by_question(p_values.ravel(), questions)),
            ("together", benjamini_hochberg(p_values.ravel())),
        ):
            told = adjusted.reshape(p_values.shape) < LEVEL
            wrong = (told & (np.sign(means) != truth)).any(axis=1)
            rates[kind].append(
                (
                    float((told & loser_is_best & (np.sign(means) != truth)).any(axis=1).mean()),
                    float(wrong.sum() / max(told.any(axis=1).sum(), 1)),
                    float(told[:, truth != 0].mean()) if (truth != 0).any() else np.nan,
                )
            )
    shown = [f"{x:.3f}" for kind in ("apart", "together") for x in np.mean(rates[kind], axis=0)]
    return f"| {name} | " + " | ".join(shown) + " |"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--boards", type=int, default=400)
    asked = parser.parse_args()
    print("| values | mean | design | images | covers | without a range | leaves it |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for law in LAWS:
        for design in ("alone", "nested", "crossed"):
            for n_left in (10, 20, 50):
                print(row(law, design, n_left, asked.draws, seed=0), flush=True)
    print("\n| methods | a best one drops | wrong | found | all at once: a best one drops | wrong | found |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, quality in CONTESTS:
        print(contest_row(name, np.array(quality), asked.boards, seed=0), flush=True)


if __name__ == "__main__":
    main()
