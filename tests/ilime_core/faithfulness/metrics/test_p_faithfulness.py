from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import additive_game, affine, measure, random_game, score, value
from scipy.stats import spearmanr

from ilime_core.faithfulness.fresh_coalitions import fresh_coalitions
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.p_faithfulness import P_FAITHFULNESS
from ilime_core.faithfulness.metrics.p_faithfulness import agreement as agreement_of
from ilime_core.faithfulness.options import MetricOptions

P = (0.3, 0.5, 0.7)
MEASURES = ("spearman", "pearson", "r2")
OPTIONS = MetricOptions(n_coalitions=24)


def agreement(pair, left, right, options=OPTIONS):
    return measure(MetricSet((P_FAITHFULNESS,), options), pair, left, right)


def of(found, name, mode, control=Control.EXPLANATION):
    return value(found, metric=f"p_faithfulness_{name}", mode=mode, control=control).value


def noisy(pair, seed=0, size=1.0):
    rng = np.random.default_rng(seed)
    names = ("interactions", "left_raw", "right_raw", "left_main", "right_main")
    return replace(
        pair, **{n: getattr(pair, n) + size * rng.normal(size=getattr(pair, n).shape) for n in names}
    )


def crooked(seed, n_segments, dim=4):
    """A tower that is not additive."""
    rng = np.random.default_rng(seed)
    first, base = rng.normal(size=(n_segments, dim)), rng.normal(size=dim)
    return lambda masks: np.tanh(masks.astype(float) @ first + base)


def test_on_a_bilinear_game_the_surrogate_is_exact_at_every_p():
    left, right, pair = random_game(0, 6, 5)
    found = agreement(pair, left, right)
    for p in P:
        for name in MEASURES:
            assert of(found, name, f"score p={p}") == pytest.approx(1)
            assert of(found, name, f"joint p={p}") == pytest.approx(1)
            assert of(found, name, f"score p={p}", Control.MAIN_EFFECTS) < 0.999
            assert of(found, name, f"score p={p}", Control.INTERACTIONS) < 0.999
    assert len(found.values) == 3 * 4 * 3


def test_on_an_additive_game_the_linear_surrogate_is_exact_and_nothing_is_joint():
    left, right, pair = additive_game(1, 6, 5)
    found = agreement(pair, left, right)
    for p in P:
        for name in MEASURES:
            assert of(found, name, f"score p={p}") == pytest.approx(1)
            assert of(found, name, f"score p={p}", Control.MAIN_EFFECTS) == pytest.approx(1)
            assert of(found, name, f"score p={p}", Control.INTERACTIONS) is None
            assert of(found, name, f"joint p={p}") is None
    # A W that says something of nothing is no better.
    wrong = agreement(replace(pair, interactions=np.ones((6, 5))), left, right)
    assert of(wrong, "pearson", "joint p=0.5") is None


def test_a_constant_score_and_a_silent_surrogate_have_no_agreement():
    _, _, pair = random_game(0, 6, 5)
    flat = affine(np.ones(2), np.zeros((6, 2))), affine(np.ones(2), np.zeros((5, 2)))
    assert {v.value for v in agreement(pair, *flat).values} == {None}
    left, right, pair = random_game(0, 6, 5)
    names = ("interactions", "left_raw", "right_raw", "left_main", "right_main")
    silent = replace(pair, **{name: 0 * getattr(pair, name) for name in names})
    assert {v.value for v in agreement(silent, left, right).values} == {None}


def test_the_opposite_surrogate_disagrees_fully():
    left, right, pair = random_game(2, 6, 5)
    names = ("interactions", "left_raw", "right_raw")
    turned = replace(pair, **{name: -getattr(pair, name) for name in names})
    found = agreement(turned, left, right)
    for mode in ("score p=0.5", "joint p=0.5"):
        assert of(found, "spearman", mode) == pytest.approx(-1)
        assert of(found, "pearson", mode) == pytest.approx(-1)
        assert of(found, "r2", mode) == pytest.approx(-3)  # 1 - Var(2 f) / Var(f)


def test_scale_moves_r2_alone():
    left, right, pair = random_game(3, 6, 5)
    names = ("interactions", "left_raw", "right_raw")
    half = replace(pair, **{name: getattr(pair, name) / 2 for name in names})
    found = agreement(half, left, right)
    for mode in ("score p=0.3", "joint p=0.7"):
        assert of(found, "spearman", mode) == pytest.approx(1)
        assert of(found, "pearson", mode) == pytest.approx(1)
        assert of(found, "r2", mode) == pytest.approx(0.75)


@pytest.mark.parametrize("p", P)
def test_values_equal_those_of_every_combination_one_by_one(p):
    left, right = crooked(0, 7), crooked(1, 5)
    pair = noisy(random_game(4, 7, 5, 4)[2])
    found = agreement(pair, left, right)
    rows, columns = (fresh_coalitions(OPTIONS, name, n, p) for name, n in (("i1", 7), ("t1", 5)))
    true, full, linear, joint, joint_true, joint_said = ([] for _ in range(6))
    x_mean, y_mean = rows.mean(axis=0), columns.mean(axis=0)
    f = np.asarray([[score(left, right, x, y) for y in columns] for x in rows])
    for i, x in enumerate(rows):
        for j, y in enumerate(columns):
            product = x.astype(float) @ pair.interactions @ y
            true.append(f[i, j])
            full.append(x @ pair.left_raw + y @ pair.right_raw + product)
            linear.append(x @ pair.left_main + y @ pair.right_main)
            joint.append(product)
            joint_true.append(f[i, j] - f[i].mean() - f[:, j].mean() + f.mean())
            joint_said.append((x - x_mean) @ pair.interactions @ (y - y_mean))
    cases = [
        ("score", Control.EXPLANATION, true, full),
        ("score", Control.MAIN_EFFECTS, true, linear),
        ("score", Control.INTERACTIONS, true, joint),
        ("joint", Control.EXPLANATION, joint_true, joint_said),
    ]
    for part, control, *values in cases:
        wanted, said = map(np.asarray, values)
        mode = f"{part} p={p}"
        # Coalitions that come twice have scores that are equal up to rounding only.
        ranks = spearmanr(np.round(wanted, 9), np.round(said, 9))[0]
        assert of(found, "spearman", mode, control) == pytest.approx(ranks, abs=1e-6)
        assert of(found, "pearson", mode, control) == pytest.approx(np.corrcoef(wanted, said)[0, 1])
        assert of(found, "r2", mode, control) == pytest.approx(1 - np.var(wanted - said) / np.var(wanted))


def test_values_that_differ_by_rounding_are_ties():
    true, said = np.asarray([[0, 1e-13, 1, 2]]), np.asarray([[1e-13, 0, 3, 3 + 1e-13]])
    true, said = true - true.mean(), said - said.mean()
    # Ranks 1.5, 1.5, 3, 4 and 1.5, 1.5, 3.5, 3.5.
    wanted = np.corrcoef([1.5, 1.5, 3, 4], [1.5, 1.5, 3.5, 3.5])[0, 1]
    assert agreement_of(true, said, (1.0, 1.0))["spearman"] == pytest.approx(wanted)
    assert set(agreement_of(true, 1e-9 * said, (1.0, 1.0)).values()) == {None}


def test_a_random_surrogate_agrees_by_chance_only():
    left, right = crooked(5, 8), crooked(6, 6)
    values = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        pair = replace(random_game(seed, 8, 6)[2], interactions=rng.normal(size=(8, 6)))
        values.append(of(agreement(pair, left, right), "pearson", "joint p=0.5"))
    assert abs(np.mean(values)) < 3.5 * np.std(values) / np.sqrt(40)
    assert np.std(values) > 0.05


def test_options_move_the_values():
    left, right = crooked(0, 7), crooked(1, 5)
    pair = noisy(random_game(4, 7, 5, 4)[2])
    base = agreement(pair, left, right)
    for options in (replace(OPTIONS, seed=1), replace(OPTIONS, n_coalitions=12)):
        other = agreement(pair, left, right, options)
        assert of(other, "pearson", "score p=0.5") != pytest.approx(of(base, "pearson", "score p=0.5"))
    some = agreement(pair, left, right, replace(OPTIONS, probabilities=(0.25,)))
    assert {v.mode for v in some.values} == {"score p=0.25", "joint p=0.25"}
