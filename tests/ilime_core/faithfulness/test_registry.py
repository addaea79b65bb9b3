from itertools import combinations

import pytest
from planted_pairs import Counting, encode, random_game
from stored_pairs import stored

from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import merge_masks
from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.registry import METRICS, STORED_METRICS, Metric, most_encodes

OPTIONS = MetricOptions(steps=6, n_random=3, n_coalitions=7)


def n_encodes(metrics, *, n_left, n_right, n_explanations=1):
    """What the towers are really asked for, the metrics' wishes merged."""
    games = [random_game(seed, n_left, n_right) for seed in range(n_explanations)]
    left, right, _ = games[0]
    towers = Counting(left), Counting(right)
    wanted = [
        (item, masks)
        for metric in metrics
        for _, _, pair in games
        for item, masks in zip(("i1", "t1"), metric.masks(pair), strict=True)
    ]
    merged = merge_masks(wanted)
    items = [encode(tower, merged[item]) for tower, item in zip(towers, ("i1", "t1"), strict=True)]
    for metric in metrics:
        for _, _, pair in games:
            assert metric.measure(pair, *items).values
    return [len(tower.asked) for tower in towers]


@pytest.mark.parametrize("name", METRICS.names)
def test_every_metric_asks_for_all_that_it_reads_and_no_more_than_it_says(name):
    metric = METRICS[name].make(OPTIONS)
    assert isinstance(metric, Metric)
    for sizes in ({"n_left": 9, "n_right": 6}, {"n_left": 1, "n_right": 2}):
        for n_explanations in (1, 3):
            asked = n_encodes([metric], **sizes, n_explanations=n_explanations)
            for count, n_segments in zip(asked, sizes.values(), strict=True):
                assert count <= metric.most_encodes(n_segments, n_explanations)


@pytest.mark.parametrize("n_explanations", [1, 3])
def test_a_budget_of_several_metrics_holds_and_counts_shared_coalitions_once(n_explanations):
    options = MetricOptions(steps=6, n_random=3, n_coalitions=7, sides=(Side.BOTH, Side.LEFT, Side.RIGHT))
    made = {name: METRICS[name].make(options) for name in METRICS.names}
    chosen = [list(made.values())]
    if n_explanations == 1:
        chosen += [[made[name] for name in pair] for pair in combinations(METRICS.names, 2)]
    for metrics in chosen:
        asked = n_encodes(metrics, n_left=10, n_right=8, n_explanations=n_explanations)
        for count, n_segments in zip(asked, (10, 8), strict=True):
            assert count <= most_encodes(metrics, n_segments, n_explanations)
    # The order in which metrics are named makes no difference.
    budgets = [most_encodes(metrics, 30, n_explanations) for metrics in (chosen[0], chosen[0][::-1])]
    assert budgets[0] == budgets[1]
    grids = [made["p_faithfulness"], made["infidelity"]]
    assert most_encodes(grids, 30, n_explanations) == 21
    curves = [made["insertion_deletion"], made["aid"], made["average_drop"]]
    assert most_encodes(curves, 30, n_explanations) == most_encodes([made["aid"]], 30, n_explanations)


@pytest.mark.parametrize("name", STORED_METRICS.names)
def test_every_stored_metric_judges_a_pair_of_which_little_is_known(name):
    known = STORED_METRICS[name].make(stored([[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]]))
    assert {v.direction for v in known} <= {"higher", "lower"}
    assert [v for v in known if v.value is not None and v.metric != "missed_rows"] == []
    assert known or name == "localisation"  # which says nothing where there is no ground truth


def test_no_two_values_of_a_pair_share_a_key():
    left, right, pair = random_game(0, 6, 5)
    metrics = [METRICS[name].make(OPTIONS) for name in METRICS.names]
    merged = merge_masks(
        (item, masks) for one in metrics for item, masks in zip(("i1", "t1"), one.masks(pair), strict=True)
    )
    items = encode(left, merged["i1"]), encode(right, merged["t1"])
    values = [value for one in metrics for value in one.measure(pair, *items).values]
    values += [v for name in STORED_METRICS.names for v in STORED_METRICS[name].make(stored([[1.0, -2.0]]))]
    keys = [(v.metric, v.mode, v.side, v.axis, v.control) for v in values]
    assert len(keys) == len(set(keys)) > 200


def test_every_metric_has_a_line_and_a_source():
    for registry in (METRICS, STORED_METRICS):
        for entry in registry.entries.values():
            assert entry.what
            assert entry.source == "ilime" or entry.source.startswith("https://")
    with pytest.raises(InputError, match="did you mean 'certainty'"):
        STORED_METRICS["certanty"]
