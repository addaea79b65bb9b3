"""Which effects make the W of one draw: those that the change has reached, else what the run has stored."""

from dataclasses import replace

import numpy as np
import pytest

from ilime_core.faithfulness.refits import Variation
from tasks.stages.measure.refit_variations import Again
from tasks.stages.measure.refits import RefitPair, _Asked, _refitted
from tasks.tables.counts import Counts

A, B = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0, 1.0]])
STORED = {("i1", "banzhaf"): A, ("t1", "banzhaf"): B}
ASKED = _Asked(
    {"p1": RefitPair("p1", "i1", "t1", {})}, {("p1", "banzhaf"): A @ B.T}, [], (), {}, STORED, ("banzhaf",)
)


def drawn(effects, variation, failed=()):
    found = _refitted(ASKED, Again(effects, frozenset(failed), Counts()), variation)
    return {key: weights.tolist() for key, weights in found}


@pytest.mark.parametrize("variation", Variation)
def test_a_pair_that_no_change_reaches_has_none(variation):
    """Of enumerated items every draw has the same masks, and texts know no noise: that is no stability."""
    assert drawn({}, variation) == {}


def test_methods_that_draw_no_masks_have_none_under_others():
    asked = replace(
        ASKED,
        weights={("p1", "occlusion"): A @ B.T},
        effects={(name, "occlusion"): rows for (name, _), rows in STORED.items()},
        estimators=("occlusion",),
    )
    again = Again({("i1", "occlusion"): 2 * A}, frozenset(), Counts())
    assert not list(_refitted(asked, again, Variation.SEED))
    assert len(list(_refitted(asked, again, Variation.NOISE))) == 1


def test_the_side_that_is_not_reached_keeps_what_is_stored():
    left, right = {("i1", "banzhaf"): 2 * A}, {("t1", "banzhaf"): -B}
    assert drawn(left, Variation.NOISE) == {("p1", "banzhaf"): [[10.0], [2.0]]}
    assert drawn(right, Variation.SEED) == {("p1", "banzhaf"): [[-5.0], [-1.0]]}
    assert drawn(left | right, Variation.MODEL) == {("p1", "banzhaf"): [[-10.0], [-2.0]]}


@pytest.mark.parametrize("item", ["i1", "t1"])
def test_a_pair_of_which_an_item_failed_has_none(item):
    assert drawn({("i1", "banzhaf"): A, ("t1", "banzhaf"): B}, Variation.MODEL, [item]) == {}
