"""Bias of the indices that integrate over the keeping probability, and what their standard errors cover.

Left items are sampled, right ones enumerated. The truth is the index from 16 nodes with many rows each, which
leaves the toys an error of .002 of |W|. All figures but coverages are Frobenius norms in units of that truth:

- own: W from exact effects at the nodes, against the truth: what the quadrature leaves without any noise;
- bias: mean of W over runs with seeds of their own, against the truth, the noise of the mean subtracted; with
  it comes a bias of the estimation, since few rows at small p have both the effects and the leverage;
- rms: one run against the truth;
- SE/SD: root mean square of the standard errors over the spread between runs: 1 is calibrated;
- covered: cells whose 95 % interval (Student's t) holds the truth, all and the largest tenth; and the same of
  the mean over the runs, which is the coverage of the sampling error alone.

An estimator whose errors hold has to cover 93 to 97 %; the registry says which ones leave something out
(`left_out`). Exits with 1 where an estimator that leaves nothing out does not cover.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from real_towers import CaptionTower, PhotographTower
from scipy.special import stdtrit
from torch import Tensor

from ilime_core.effects.node_effects import exact_node_effects
from ilime_core.effects.quadrature import DENSITIES
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.quadrature_rows import Nodes, gauss_legendre, quadrature_rows
from ilime_core.records import MaskedEmbeddings, MaskSets
from ilime_core.synthetic.planted import AttentionTower, PlantedTower, TanhTower
from tasks.corpora.demos.scenes import materialise_scenes

LOWEST, HIGHEST = 0.93, 0.97
CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Pair:
    """Towers of one pair, and the rows of each node of its truth."""

    kind: str
    left: PlantedTower
    right: PlantedTower
    true_rows: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one index and number of nodes."""

    own: float
    bias: float
    rms: float
    ratio: float
    covered: float
    covered_largest: float
    mean_covered: float
    mean_covered_largest: float


def long_run(
    tower: PlantedTower, nodes: Nodes, n_rows: int, seed: int
) -> Float[Tensor, "nodes segments dim"]:
    """Effects at each node from a regression on many Bernoulli rows, in chunks."""
    rng = np.random.default_rng([13, seed])
    effects: list[Tensor] = []
    for p in nodes.p:
        moments = torch.zeros(tower.n_segments + 1, tower.n_segments + 1 + tower.dim, dtype=torch.float64)
        for start in range(0, n_rows, CHUNK):
            rows = torch.from_numpy(rng.random((min(CHUNK, n_rows - start), tower.n_segments)) < p)
            design = torch.cat([torch.ones(len(rows), 1), rows], dim=1).double()
            moments += design.mT @ torch.cat([design, tower(rows)], dim=1)
        gram, answers = moments.tensor_split([tower.n_segments + 1], dim=1)
        effects.append(torch.linalg.solve(gram, answers)[1:])
    return torch.stack(effects)


def enumerated(tower: PlantedTower) -> MaskedEmbeddings:
    """All coalitions of a tower."""
    rows = torch.from_numpy(enumerate_all(tower.n_segments))
    sets = {"banzhaf": slice(0, len(rows))}
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, MaskSets(sets, "enumerate", 0.5))


def drawn(tower: PlantedTower, n_masks: int, n_nodes: int, seed: int) -> MaskedEmbeddings:
    """Quadrature rows of a tower, as the pipeline draws them."""
    rng = np.random.default_rng([11, seed])
    rows = torch.from_numpy(quadrature_rows(tower.n_segments, n_masks, n_nodes, rng))
    sets = {"banzhaf": slice(0, 0), "quadrature": slice(0, len(rows))}
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, MaskSets(sets, "quadrature", 0.5))


def index_of(left: Tensor, right: Tensor, nodes: Nodes, name: str) -> Float[Tensor, "left right"]:
    """The index from the effects of both items at the nodes."""
    weights = [weight * DENSITIES[name](p) for p, weight in zip(nodes.p, nodes.weight, strict=True)]
    return torch.einsum("q,qid,qjd->ij", torch.tensor(weights), left, right)


def root(square: float) -> float:
    """A norm from an unbiased square, which noise may have put below zero."""
    return float(np.sqrt(max(square, 0.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Effects at the nodes of a rule, the left item's twice: products of both have no noise of their own."""

    rule: Nodes
    left: tuple[Tensor, Tensor]
    right: Tensor

    @staticmethod
    def of(pair: Pair, n_nodes: int) -> "Known":
        rule = gauss_legendre(n_nodes)
        halves = (long_run(pair.left, rule, pair.true_rows, n_nodes + 100 * half) for half in (0, 1))
        return Known(
            rule, (next(halves), next(halves)), exact_node_effects(enumerated(pair.right), rule).effects
        )

    def halves(self, name: str) -> tuple[Tensor, Tensor]:
        one, other = (index_of(left, self.right, self.rule, name) for left in self.left)
        return one, other


def measure(pair: Pair, name: str, truth: Known, floor: Known, items: list[MaskedEmbeddings]) -> Figures:
    """Figures of one index from runs of a pair."""
    options = FitOptions(quadrature_nodes=len(floor.rule.p))
    make = ESTIMATORS[name].make
    left = stack_effects(make(items, options), p=None)
    right = stack_effects(make([enumerated(pair.right)], options), p=None)
    fits = fit_pairs(left, right, torch.arange(len(items)), torch.zeros(len(items), dtype=torch.long))
    one, other = truth.halves(name)
    exact, mean = (one + other) / 2, fits.weights.mean(dim=0)
    size = float(exact.norm())
    noise = float(fits.weights.var(dim=0).sum()) / len(items)
    at_nodes = floor.halves(name)
    critical = torch.from_numpy(stdtrit(fits.errors.degrees.numpy(), 0.975))
    reach = critical * fits.errors.standard_errors
    largest = exact.abs() >= exact.abs().flatten().quantile(0.9)
    holds = (fits.weights - exact).abs() < reach
    holds_mean = (fits.weights - mean).abs() < reach * (1 - 1 / len(items)) ** 0.5
    return Figures(
        own=root(float(((at_nodes[0] - one) * (at_nodes[1] - other)).sum())) / size,
        bias=root(float((mean - exact).square().sum()) - noise) / size,
        rms=float((fits.weights - exact).square().sum(dim=(1, 2)).mean().sqrt()) / size,
        ratio=float(
            fits.errors.standard_errors.square().mean().sqrt() / fits.weights.var(dim=0).mean().sqrt()
        ),
        covered=float(holds.double().mean()),
        covered_largest=float(holds[:, largest].double().mean()),
        mean_covered=float(holds_mean.double().mean()),
        mean_covered_largest=float(holds_mean[:, largest].double().mean()),
    )


def toys(n_pairs: int, n_segments: int, true_rows: int) -> Iterator[Pair]:
    for kind, tower in (("tanh", TanhTower), ("attention", AttentionTower)):
        for seed in range(n_pairs):
            yield Pair(kind, tower(seed, n_segments, 64), tower(100 + seed, 10, 64), true_rows)


def scenes(n_scenes: int, true_rows: int) -> Iterator[Pair]:
    if not n_scenes:
        return
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    with tempfile.TemporaryDirectory() as folder:
        corpus = materialise_scenes(Path(folder), n_scenes)
        for entry in json.loads(corpus.annotations.read_text(encoding="utf-8"))["images"][:n_scenes]:
            picture = PhotographTower(encoder, corpus.images / entry["filename"], 49, "grid")
            caption = CaptionTower(encoder, entry["sentences"][0]["raw"])
            yield Pair("scenes", picture, caption, true_rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="designs of each setting")
    parser.add_argument("--toys", type=int, default=2, help="pairs of either toy")
    parser.add_argument("--segments", type=int, default=49)
    parser.add_argument("--scenes", type=int, default=0, help="pairs of the scenes model; minutes each")
    parser.add_argument("--nodes", type=int, nargs="+", default=[3, 4, 5, 6])
    parser.add_argument("--masks", type=int, default=512)
    parser.add_argument("--true-nodes", type=int, default=16)
    parser.add_argument("--true-rows", type=int, default=2**15, help="of each node, twice")
    parser.add_argument("--true-rows-of-scenes", type=int, default=2**11)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[tuple[str, int, int, str], list[Figures]] = {}
    pairs = [*toys(asked.toys, asked.segments, asked.true_rows)]
    for pair in (*pairs, *scenes(asked.scenes, asked.true_rows_of_scenes)):
        truth = Known.of(pair, asked.true_nodes)
        for n_nodes in asked.nodes:
            floor = Known.of(pair, n_nodes)
            items = [drawn(pair.left, asked.masks, n_nodes, seed) for seed in range(asked.runs)]
            for name in DENSITIES:
                key = (pair.kind, n_nodes, len(items[0].masks), name)
                found.setdefault(key, []).append(measure(pair, name, truth, floor, items))
    print(f"{asked.runs} runs a pair; means over pairs")
    print(
        f"{'':>10} {'nodes':>5} {'rows':>5} {'':<20} {'own':>6} {'bias':>6} {'rms':>6} {'SE/SD':>6}"
        f" {'covered: all':>12} {'largest':>8} {'mean: all':>10} {'largest':>8}"
    )
    failed = False
    for (kind, n_nodes, n_rows, name), figures in found.items():
        own, bias, rms, ratio, *covered = (
            float(np.mean([getattr(one, field) for one in figures])) for field in Figures.__slots__
        )
        print(
            f"{kind:>10} {n_nodes:>5} {n_rows:>5} {name:<20} {own:6.3f} {bias:6.3f} {rms:6.3f} {ratio:6.2f}"
            f" {covered[0]:>12.1%} {covered[1]:>8.1%} {covered[2]:>10.1%} {covered[3]:>8.1%}"
        )
        off = any(not LOWEST <= one <= HIGHEST for one in covered[:2])
        failed = failed or (off and not ESTIMATORS[name].left_out)
    if failed:
        raise SystemExit(f"an estimator that leaves nothing out does not cover {LOWEST:.0%} to {HIGHEST:.0%}")


if __name__ == "__main__":
    main()
