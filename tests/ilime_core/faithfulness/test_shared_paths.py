"""Metrics over orders that are measured together say what each says by itself."""

import numpy as np
import pytest
from planted_pairs import measure, random_game

from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import PathMetric
from ilime_core.faithfulness.registry import METRICS, shared

NAMES = ("insertion_deletion", "aid", "average_drop", "highest_confidence", "asymmetry", "synergy")
OPTIONS = MetricOptions(steps=6, n_random=3)


def values(found):
    return {
        (v.metric, v.mode, v.side, v.axis, v.control): (v.value, v.normalised, v.spread, v.n_orders)
        for one in found
        for v in one.values
    }


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1], NAMES[4:5]])
def test_together_and_apart_are_the_same(names):
    left, right, pair = random_game(3, 6, 4)
    apart = [METRICS[name].make(OPTIONS) for name in names]
    together = shared(apart)
    assert sum(isinstance(one, PathMetric) for one in together) == 1
    assert len(together) == 1 + ("synergy" in names)
    alone = [measure(one, pair, left, right) for one in apart]
    joined = [measure(one, pair, left, right) for one in together]
    assert values(joined) == values(alone)
    assert sum(len(one.curves) for one in alone) <= sum(len(one.curves) for one in joined)


def test_only_one_traces_and_a_side_of_its_own_is_kept():
    options = MetricOptions(steps=6, n_random=3, sides=(Side.BOTH,))
    few = MetricOptions(steps=6, n_random=3, sides=(Side.LEFT, Side.RIGHT))
    [both] = shared([METRICS["insertion_deletion"].make(options), METRICS["asymmetry"].make(few)])
    assert isinstance(both, PathMetric)
    assert set(both.options.sides) == {Side.BOTH, Side.LEFT, Side.RIGHT}
    assert both.keeps_curves


def test_scores_of_pairs_of_coalitions_are_read_one_by_one():
    """A product of all left with all right coalitions would hold hundreds of times as many."""
    left, right, pair = random_game(5, 8, 5)
    found = measure(METRICS["insertion_deletion"].make(OPTIONS), pair, left, right)
    g, h = left(np.ones((1, 8), dtype=bool))[0], right(np.ones((1, 5), dtype=bool))[0]
    ends = [curve.y[-1] for curve in found.curves if (curve.metric, curve.mode) == ("insertion", "score")]
    assert ends == pytest.approx([g @ h] * len(ends))
