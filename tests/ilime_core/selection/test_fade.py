"""Curves of a segment that fades in, on towers that say what they must be.

Proves ilime_core.selection.fade and ilime_core.selection.fade_curves.
"""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.selection.fade import FadeIn, mixed_baseline, strongest_segments
from ilime_core.selection.fade_curves import FadeCurve, mean_curve
from ilime_core.synthetic.planted import AdditiveTower, TanhTower

AXES = torch.eye(2, dtype=torch.float64)


def tower_of(values):
    effects = torch.tensor([[value, 0.0] for value in values], dtype=torch.float64)
    return AdditiveTower(effects, torch.tensor([0.5, 0.0], dtype=torch.float64))


def test_a_linear_tower_fades_linearly_and_a_constant_one_not_at_all(planted):
    found = planted(tower_of([0.2, 0.0, -0.4]), AXES, faded=(2, 0, 1)).run(FadeIn(5))
    assert [curve.segment for curve in found.curves] == [2, 0, 1]
    levels = np.linspace(0, 1, 5)
    for curve, start, slope in zip(found.curves, (0.7, 0.1, 0.3), (-0.4, 0.2, 0.0), strict=True):
        assert curve.x == pytest.approx(levels)
        assert curve.y == pytest.approx(start + slope * levels, abs=1e-12)


def test_the_ends_are_the_item_without_and_with_the_segment(planted):
    tower = TanhTower(0, 4, 8)
    pool = torch.nn.functional.normalize(torch.from_numpy(np.random.default_rng(0).normal(size=(3, 8))))
    [curve] = planted(tower, pool, faded=(1,)).run(FadeIn(7)).curves
    without = torch.tensor([[True, False, True, True]])
    assert curve.y[0] == pytest.approx(float(tower(without)[0] @ pool[0]), abs=1e-12)
    assert curve.y[-1] == pytest.approx(float(tower.full @ pool[0]), abs=1e-12)
    assert np.abs(np.diff(curve.y, 2)).max() > 1e-4  # crooked in between: the levels are really read


@pytest.mark.parametrize(("points", "continuous", "n_encodes"), [(2, True, 2), (6, True, 10), (6, False, 2)])
def test_words_are_there_or_not_and_each_level_is_encoded_once(planted, points, continuous, n_encodes):
    game = planted(tower_of([0.2, 0.1, 0.3]), AXES, faded=(0, 2), continuous=continuous)
    found = game.run(FadeIn(points))
    assert game.tower.n_encoded == n_encodes == found.curves[0].n_encodes
    assert [len(curve.x) for curve in found.curves] == [n_encodes // 2 + 1] * 2
    assert n_encodes <= 2 * FadeIn(points).most_encodes(3)


def test_the_only_segment_fades_from_the_empty_item(planted):
    game = planted(tower_of([0.25]), AXES, faded=(0,))
    [curve] = game.run(FadeIn(3)).curves
    assert curve.y == pytest.approx([0.5, 0.625, 0.75])
    assert game.tower.n_encoded == 1 == FadeIn(3).most_encodes(1)


def test_nothing_fades_where_no_segment_is_named(planted):
    found = planted(tower_of([0.2]), AXES).run(FadeIn())
    assert (found.curves, found.reason) == ((), "no segment was named to fade in")


def test_pixels_are_mixed_and_rounded():
    pixels, baseline = np.full((1, 2, 3), 255, np.uint8), np.full((1, 2, 3), 55, np.uint8)
    assert mixed_baseline(pixels, baseline, 0.0) is baseline
    assert mixed_baseline(pixels, baseline, 0.25).tolist() == [[[105] * 3] * 2]
    assert mixed_baseline(baseline, pixels, 0.123).tolist() == [[[230] * 3] * 2]  # 255 - 24.6


def test_the_strongest_segments_are_those_of_largest_effect():
    effects = torch.tensor([[1.0, 5.0], [3.0, 0.0], [3.0, 1.0], [-9.0, 0.0]])
    assert strongest_segments(effects, torch.tensor([1.0, 0.0]), 2) == (1, 2)
    assert strongest_segments(effects, torch.tensor([0.0, 1.0]), 9) == (0, 2, 1, 3)


def test_the_mean_is_over_curves_of_the_same_levels():
    def curve(*y):
        return FadeCurve(0, np.linspace(0, 1, len(y)), np.array(y, dtype=float), 1)

    x, y = mean_curve([curve(0.0, 1.0, 4.0), curve(1.0, 2.0, 0.0)])
    assert x.tolist() == [0.0, 0.5, 1.0]
    assert y.tolist() == [0.5, 1.5, 2.0]
    with pytest.raises(InputError, match="different levels"):
        mean_curve([curve(0.0, 1.0), curve(0.0, 1.0, 2.0)])
    with pytest.raises(InputError, match="at least one curve"):
        mean_curve([])


def test_one_point_is_no_curve():
    with pytest.raises(InputError, match="at least 2 points, got 1"):
        FadeIn(1)
