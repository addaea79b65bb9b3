"""Metrics over orders that are measured together say what each says by itself.

Proves ilime_core.faithfulness.metric_set and ilime_core.faithfulness.pair_curves.
"""

import numpy as np
import pytest
from planted_pairs import measure, random_game

from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import Paths, joined_paths
from ilime_core.faithfulness.registry import metric_set

NAMES = ("insertion_deletion", "aid", "average_drop", "highest_confidence", "asymmetry", "synergy")
OPTIONS = MetricOptions(steps=6, n_random=3)


def values(found):
    return {
        (v.metric, v.mode, v.side, v.axis, v.control): (v.value, v.normalised, v.spread, v.n_orders)
        for v in found.values
    }


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1], NAMES[4:5]])
def test_together_and_apart_are_the_same(names):
    left, right, pair = random_game(3, 6, 4)
    together = metric_set(names, OPTIONS)
    assert sum(isinstance(one, Paths) for one in together.readings) == 1
    assert len(together.readings) == 1 + ("synergy" in names)
    alone = [measure(MetricSet((one,), OPTIONS), pair, left, right) for one in together.metrics]
    joined = measure(together, pair, left, right)
    assert values(joined) == {key: value for one in alone for key, value in values(one).items()}
    assert sum(len(one.curves) for one in alone) <= len(joined.curves)
    assert bool(joined.curves) == ("insertion_deletion" in names)


def test_joined_paths_have_the_sides_and_directions_of_all():
    readings = [
        Paths(MetricOptions(sides=(Side.BOTH,)), (Direction.INSERTION, Direction.DELETION)),
        Paths(MetricOptions(sides=(Side.LEFT, Side.RIGHT)), (Direction.RETENTION, Direction.INSERTION)),
    ]
    both = joined_paths(readings)
    assert set(both.options.sides) == {Side.BOTH, Side.LEFT, Side.RIGHT}
    assert set(both.directions) == set(Direction)


def test_scores_of_pairs_of_coalitions_are_read_one_by_one():
    """A product of all left with all right coalitions would hold hundreds of times as many."""
    left, right, pair = random_game(5, 8, 5)
    found = measure(metric_set(["insertion_deletion"], OPTIONS), pair, left, right)
    g, h = left(np.ones((1, 8), dtype=bool))[0], right(np.ones((1, 5), dtype=bool))[0]
    ends = [curve.y[-1] for curve in found.curves if (curve.metric, curve.mode) == ("insertion", "score")]
    assert ends == pytest.approx([g @ h] * len(ends))
