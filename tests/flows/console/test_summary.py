from types import SimpleNamespace

import pyarrow as pa

from flows.console.summary import retrieval_lines


def test_counts_are_those_of_the_recalls_whatever_metric_comes_first():
    common = {"direction": "left_to_right", "slice": "all", "n_candidates": 30}
    rows = [
        common | {"metric": metric, "value": value, "n_queries": n}
        for metric, value, n in (("auroc", 0.9, 7), ("median_rank", 1.5, 20), ("recall_at_1", 0.25, 20))
    ]
    rows.append(common | {"slice": "source=coco", "metric": "recall_at_1", "value": 0.5, "n_queries": 9})
    run = SimpleNamespace(plan={}, table=lambda name: pa.Table.from_pylist(rows))
    assert retrieval_lines(run) == ["image to text: R@1 0.250, median rank 1.5 (20 queries, 30 candidates)"]
