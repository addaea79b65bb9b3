"""Pairs per second of CPU time of totals over every pair, and seconds of the ranking by joint effect.

The effects are random and mean nothing; their numbers and sizes are those of photographs and captions.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import torch
from bench_fit import processor

from ilime_core.all_pairs.agreement import order_agreement
from ilime_core.all_pairs.joint_ranking import joint_pool, joint_ranks
from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.relations import PairRelations
from ilime_core.all_pairs.totals import PanelOptions, PanelTotals, merge_totals, panel_totals
from ilime_core.retrieval.pool import Pool

REGIONS, WORDS = (49, 30, 50), (10, 5, 20)
"""Segments of each item; least and most where items differ."""
SLICES, CAPTIONS_OF_ONE, KEPT = 8, 5, 10


class Side:
    """Items that are drawn block by block from a seed, so that no more than a block is in memory."""

    def __init__(self, seed: int, n_items: int, segments: tuple[int, int, int], asked: argparse.Namespace):
        rng = np.random.default_rng(seed)
        usual, least, most = segments
        self.seed, self.dim, self.per_block = seed, asked.dim, max(1, asked.block_segments // usual)
        self.sizes = rng.integers(least, most + 1, n_items) if asked.ragged else np.full(n_items, usual)
        self.tags = [{"slice": str(one)} for one in rng.integers(0, SLICES, n_items)]

    def blocks(self) -> Iterator[RaggedEffects]:
        """All items, a block at a time."""
        for start in range(0, len(self.sizes), self.per_block):
            items = slice(start, start + self.per_block)
            sizes = self.sizes[items]
            generator = torch.Generator().manual_seed(self.seed + 1000 * start)
            rows = torch.randn(int(sizes.sum()), self.dim, generator=generator) / 20
            yield RaggedEffects(rows, sizes, np.arange(start, start + len(sizes)))


def whole_panel(left: Side, right: Side, relations: PairRelations, cells: int | None) -> PanelTotals:
    """Totals of all tiles; prints the rate after each block of left items."""
    options = PanelOptions(panel_cells=cells)
    slices = PairSlices.of(left.tags, right.tags, SLICES)
    parts: list[PanelTotals] = []
    seconds, n_pairs = 0.0, 0
    for ours in left.blocks():
        for theirs in right.blocks():
            start = time.process_time()
            parts.append(panel_totals(ours, theirs, relations, options, slices))
            seconds += time.process_time() - start
            n_pairs += ours.n_items * theirs.n_items
        print(
            f"{n_pairs:>13,} pairs, {n_pairs / seconds:>9,.0f} a CPU second, at most {peak():.2f} GiB",
            flush=True,
        )
    start = time.process_time()
    merged = merge_totals(parts)
    print(f"{len(parts)} tiles merged in {time.process_time() - start:.1f} CPU s")
    return merged


def product_share(ours: RaggedEffects, theirs: RaggedEffects, relations: PairRelations) -> float:
    """Share of the matrix product in the time of a tile."""
    product, seconds = torch.mm, 0.0

    def timed(*sides: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        nonlocal seconds
        start = time.process_time()
        product(*sides, out=out)
        seconds += time.process_time() - start
        return out

    with patch.object(torch, "mm", timed):
        start = time.process_time()
        panel_totals(ours, theirs, relations, PanelOptions())
        return seconds / (time.process_time() - start)


def rankings(left: Side, right: Side, relations: PairRelations) -> None:
    """Both orders of all candidates in both directions."""
    sums = [torch.cat([block.sums() for block in side.blocks()]) for side in (left, right)]
    whole = [torch.nn.functional.normalize(one + torch.randn_like(one) / 5, dim=1) for one in sums]
    ids = [
        tuple(f"{name}{place:08d}" for place in range(len(one))) for name, one in zip("xy", sums, strict=True)
    ]
    scores = Pool(whole[0], whole[1], ids[0], ids[1])
    joint = joint_pool(scores, sums[0], sums[1])
    start = time.process_time()
    for way in (1, -1):
        pools = (scores, joint) if way == 1 else (scores.reversed(), joint.reversed())
        found = joint_ranks(*pools, relations.positives[:, ::way], top_k=KEPT)
        agreed = order_agreement(found)
        print(f"spearman {agreed.spearman.value:.3f}, overlap at 10 {agreed.overlap[10].value:.3f}")
    print(f"rankings of both directions {time.process_time() - start:.1f} CPU s, at most {peak():.2f} GiB")


def peak() -> float:
    """Largest memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print rates, shares and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--left", type=int, default=500)
    parser.add_argument("--right", type=int, default=2500)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--ragged", action="store_true", help="items of 30 to 50 and of 5 to 20 segments")
    parser.add_argument("--block-segments", type=int, default=25_000, help="segments of a block of one side")
    parser.add_argument("--panel-cells", type=int)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    left, right = Side(1, asked.left, REGIONS, asked), Side(2, asked.right, WORDS, asked)
    matches = np.arange(asked.right)
    pairs = np.column_stack([matches // CAPTIONS_OF_ONE % asked.left, matches])
    relations = PairRelations(pairs, np.empty((0, 2), dtype=np.int64))
    print(f"{processor()}, one core; {asked.left:,} x {asked.right:,} items, {asked.dim} dimensions")
    share = product_share(next(left.blocks()), next(right.blocks()), relations)
    print(f"matrix products are {share:.0%} of the time of a tile")
    merged = whole_panel(left, right, relations, asked.panel_cells)
    print(f"{merged.histograms.n_pairs:,} pairs, largest cell {abs(merged.cells.value[0]):.3f}")
    rankings(left, right, relations)


if __name__ == "__main__":
    main()
