"""How many cells of W are found that are not there: false discoveries of ``certainty`` at a nominal 5 %.

Four kinds of games. All null: no segment of the left item has an effect, exactly, but its regression leaves
residuals (`HammingTower`). 90 % null: the last tenth of the segments has effects, the others have none. No
word: no segment of a drawn right item has an effect. Known truth: W of any pair from a long run, which is
taken off the estimates before they are tested; what is tested is then 0 everywhere.

Each line is one setting over many designs: the rate of false discoveries (mean share of null cells among
those that Benjamini and Hochberg keep) under Student's t, as tables and figures hold it, and under the normal
law; how many null cells lie below .05 and below .001 by themselves; and how many cells with an effect are
kept. ``--photographs 1`` adds photographs in the model of the demo, which takes some minutes each. Exits with
1 if a mean rate of the exact games is above 6 %.
"""

import argparse
from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from pair_runs import Pair, designs, long_run, photographs, scenes
from scipy.special import ndtr

from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.significance import LEVEL, two_sided_p_values
from ilime_core.synthetic.null_towers import HammingTower, SumTower
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower

HIGHEST = 0.06
WORDS = 8
FAR = 0.001
AT_ONCE = 50
"""Designs that are fitted together."""

SETTINGS = ((12, 64), (24, 64), (48, 128), (48, 256), (49, 256))
"""Regions and their masks."""

CAPTIONS = (9, 12, 16)
"""Words of captions without effects; fewer have all of their coalitions encoded."""


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """Towers of one pair, which cells are null, and what is taken off the estimates first."""

    kind: str
    left: PlantedTower
    right: PlantedTower
    null: Bool[np.ndarray, "left right"]
    truth: Float[np.ndarray, "left right"] | float = 0.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one setting; ``found`` is NaN where no cell has an effect."""

    false: float
    false_normal: float
    below: float
    far_below: float
    found: float


def rates(game: Game, n_masks: int, n_texts: int | None, runs: int) -> Rates:
    parts = [
        tested(game, n_masks, n_texts, range(start, min(start + AT_ONCE, runs)))
        for start in range(0, runs, AT_ONCE)
    ]
    p_values, normal = (np.concatenate(part) for part in zip(*parts, strict=True))
    null = p_values[:, game.null]
    return Rates(
        _false(p_values, game.null),
        _false(normal, game.null),
        float((null < LEVEL).mean()),
        float((null < FAR).mean()),
        float("nan") if game.null.all() else float(_kept(p_values)[:, ~game.null].mean()),
    )


def tested(
    game: Game, n_masks: int, n_texts: int | None, seeds: range
) -> tuple[Float[np.ndarray, "runs left right"], Float[np.ndarray, "runs left right"]]:
    """P-values of all cells under Student's t and under the normal law, one design a seed."""
    left = designs(game.left, n_masks, seeds)
    # An enumerated text is the same in every run.
    drawn = range(1) if n_texts is None else range(5000 + seeds.start, 5000 + seeds.stop)
    right = designs(game.right, n_texts, drawn)
    place = torch.arange(len(seeds))
    fits = fit_pairs(left, right, place, place if len(drawn) > 1 else torch.zeros_like(place))
    weights, errors = fits.weights.numpy() - game.truth, fits.errors.standard_errors.numpy()
    return two_sided_p_values(weights, errors, fits.errors.degrees.numpy()), 2 * ndtr(
        -np.abs(weights) / errors
    )


def _kept(p_values: Float[np.ndarray, "runs left right"]) -> Bool[np.ndarray, "runs left right"]:
    return benjamini_hochberg(p_values.reshape(len(p_values), -1)).reshape(p_values.shape) <= LEVEL


def _false(p_values: Float[np.ndarray, "runs left right"], null: Bool[np.ndarray, "left right"]) -> float:
    kept = _kept(p_values)
    return float(((kept & null).sum(axis=(1, 2)) / np.maximum(kept.sum(axis=(1, 2)), 1)).mean())


def exact_games(n_segments: int, n_towers: int) -> Iterator[Game]:
    everywhere = np.ones((n_segments, WORDS), dtype=bool)
    last = max(n_segments // 10, 1)
    for seed in range(n_towers):
        whole = HammingTower(seed, n_segments, 64)
        yield Game("all null", whole, TanhTower(100 + seed, WORDS, 64), everywhere)
        both = SumTower(whole, TanhTower(50 + seed, last, 64))
        null = everywhere.copy()
        null[-last:] = False
        yield Game("90 % null", both, TanhTower(100 + seed, WORDS, 128), null)


def caption_games(n_words: int, n_towers: int) -> Iterator[Game]:
    """Captions without effects, beside pictures with 48 regions that have them."""
    for seed in range(n_towers):
        words = HammingTower(seed, n_words, 64)
        yield Game("no word", TanhTower(50 + seed, 48, 64), words, np.ones((48, n_words), dtype=bool))


def known_games(pairs: Iterator[Pair], kind: str) -> Iterator[Game]:
    for pair in pairs:
        exact = long_run(pair).weights[0].numpy()
        yield Game(kind, pair.left, pair.right, np.ones(exact.shape, dtype=bool), exact)


def toys(n_segments: int, n_towers: int) -> Iterator[Game]:
    for name, make in (("mild toy", TanhTower), ("strong toy", AttentionTower)):
        pairs = (
            Pair(name, make(seed, n_segments, 64), make(100 + seed, WORDS, 64), 2**16)
            for seed in range(n_towers)
        )
        yield from known_games(pairs, name)


def exact_rates(n_towers: int, n_runs: int) -> list[float]:
    """Rates of false discoveries in games whose null cells are exactly 0; prints them."""
    header()
    found = [report(exact_games(n, n_towers), n_masks, n_runs) for n, n_masks in SETTINGS]
    found += [report(caption_games(n, n_towers), 256, n_runs, (64,)) for n in CAPTIONS]
    return [rate for one in found for rate in one]


def header() -> None:
    print(
        f"{'game':<10} {'regions':>7} {'N':>4} {'words':>5} {'texts':>10} {'false':>6} {'normal':>6}"
        f" {'p<.05':>6} {'p<.001':>7} {'found':>6}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600, help="designs of each setting")
    parser.add_argument("--towers", type=int, default=3, help="towers of each kind")
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--photographs", type=int, default=0)
    parser.add_argument("--long-run", type=int, default=16_384, help="masks of a real picture's truth")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    exact = exact_rates(asked.towers, asked.runs)
    for n_segments, n_masks in SETTINGS:
        report(toys(n_segments, asked.towers), n_masks, asked.runs)
    real = (
        (scenes(asked.scenes, asked.long_run), "scene", 256),
        (photographs(asked.photographs, asked.long_run), "photograph", 256),
    )
    for pairs, kind, n_masks in real:
        report(known_games(pairs, kind), n_masks, min(asked.runs, 100))
    if max(exact) > HIGHEST:
        raise SystemExit(f"a rate of false discoveries is above {HIGHEST:.0%}")


def report(
    games: Iterator[Game], n_masks: int, runs: int, texts: tuple[int | None, ...] = (None, 64)
) -> list[float]:
    """Print a line for each kind of game and its texts, enumerated or drawn; their rates of false ones."""
    found: dict[tuple[str, int, int, str], list[Rates]] = {}
    for game in games:
        for n_texts in texts:
            name = "enumerated" if n_texts is None else str(n_texts)
            key = game.kind, game.left.n_segments, game.right.n_segments, name
            found.setdefault(key, []).append(rates(game, n_masks, n_texts, runs))
    means: list[float] = []
    for (kind, n_segments, n_words, drawn), of_towers in found.items():
        numbers = [astuple(one) for one in of_towers]
        false, normal, below, far, kept = np.mean(numbers, axis=0).tolist()
        print(
            f"{kind:<10} {n_segments:>7} {n_masks:>4} {n_words:>5} {drawn:>10} {false:>6.3f} {normal:>6.3f}"
            f" {below:>6.3f} {far:>7.4f} {kept:>6.2f}",
            flush=True,
        )
        means.append(false)
    return means


if __name__ == "__main__":
    main()
