"""Measuring without a tower: metrics one by one against metrics that share their paths, on one toy pair.

``python tests/benchmarks/bench_measure.py [--regions 49] [--words 12] [--dim 512]``
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from sys import path

import numpy as np
import torch

path.append(str(Path(__file__).parents[1] / "fixtures"))

from planted_pairs import NO_SHARES, affine, encode, explained

from ilime_core.faithfulness.encoded import merge_masks
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.registry import METRICS, metric_set


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    taken: list[float] = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=49)
    parser.add_argument("--words", type=int, default=12)
    parser.add_argument("--dim", type=int, default=512)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    sizes = (asked.regions, asked.words)
    left, right = (affine(rng.normal(size=asked.dim), rng.normal(size=(n, asked.dim))) for n in sizes)
    pair = explained(left, right, *sizes)
    together = metric_set(METRICS.names, MetricOptions()).encoding
    apart = [MetricSet((one,), MetricOptions()) for one in together.metrics]

    def wanted(some: Sequence[MetricSet]) -> dict[str, object]:
        return merge_masks(
            (name, masks)
            for metric in some
            for name, masks in zip((pair.left_id, pair.right_id), metric.masks(pair), strict=True)
        )

    merged = wanted([together])
    items = encode(left, merged[pair.left_id]), encode(right, merged[pair.right_id])
    measured = MeasuredPair("p1", "banzhaf", pair, NO_SHARES, encoded=items)
    print(f"{asked.regions} x {asked.words}, {asked.dim} dimensions, defaults of all metrics, one thread")
    print(f"distinct coalitions: {len(merged[pair.left_id].rows)} and {len(merged[pair.right_id].rows)}")
    for name, some in (("one by one", apart), ("shared", [together])):
        ask = seconds(lambda some=some: wanted(some))
        judge = seconds(lambda some=some: [metric.measure(measured) for metric in some])
        print(f"{name:<12} collect masks {ask:.3f} s, judge {judge:.3f} s a pair and method")


if __name__ == "__main__":
    main()
