import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.interactions.global_factors import SecondMoment, global_factors, second_moment
from ilime_core.synthetic.planted import BilinearPlanted, TanhTower


@pytest.fixture
def benchmark(sampled):
    left = [sampled(TanhTower(seed, n, 24), 64, seed) for seed, n in enumerate((9, 4, 7, 6))]
    right = [sampled(TanhTower(seed, n, 24), 64, seed) for seed, n in enumerate((3, 5, 2), start=10)]
    return left, right


def segments(items):
    return torch.cat([item.effects for item in items])


def _moments(left, right):
    return second_moment(segments(left)), second_moment(segments(right))


def test_factors_equal_the_svd_of_all_segments_against_all_words(benchmark):
    left, right = benchmark
    rows, columns = (torch.cat([item.effects for item in side]) for side in (left, right))
    u, strengths, v = torch.linalg.svd(rows @ columns.mT, full_matrices=False)
    factors = global_factors(*_moments(left, right), 6)
    torch.testing.assert_close(factors.strengths, strengths[:6], rtol=1e-9, atol=0)
    torch.testing.assert_close(factors.energy, strengths[:6].square() / strengths.square().sum())
    for component in range(6):
        t = u[:, component].sum() / len(rows) ** 0.5 + v[component].sum() / len(columns) ** 0.5
        sign = torch.sign(t)
        scores = factors.left_scores(rows)[:, component], factors.right_scores(columns)[:, component]
        torch.testing.assert_close(scores[0], sign * u[:, component], rtol=0, atol=1e-7)
        torch.testing.assert_close(scores[1], sign * v[component], rtol=0, atol=1e-7)


def test_blocks_add_up(benchmark):
    left, right = benchmark
    whole = global_factors(*_moments(left, right), 4)
    left_blocks = second_moment(segments(left[:1])) + second_moment(segments(left[1:]))
    blocks = global_factors(left_blocks, second_moment(segments(right)), 4)
    assert left_blocks.n_segments == 26
    torch.testing.assert_close(blocks.strengths, whole.strengths)
    torch.testing.assert_close(blocks.left_directions, whole.left_directions)


def test_a_singular_moment_gives_only_its_rank(sampled):
    planted = BilinearPlanted(3, 9, 5, 20, (2.0, 0.5))
    factors = global_factors(*_moments([sampled(planted.left, 64, 0)], [sampled(planted.right, 32, 1)]), 8)
    torch.testing.assert_close(factors.strengths, planted.strengths)
    scores = factors.left_scores(planted.left.effects)
    torch.testing.assert_close((scores.mT @ planted.left_factors).abs(), torch.eye(2, dtype=torch.float64))


@pytest.mark.parametrize(("n_left", "n_right", "sign"), [(1, 3, 1.0), (3, 1, -1.0)])
def test_true_numbers_of_segments_decide_the_sign(n_left, n_right, sign):
    # The score is -1 between the first segments: t = u / sqrt(n_left) - u / sqrt(n_right).
    matrix = torch.tensor([[1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    unit = torch.tensor([1.0, 0.0], dtype=torch.float64)
    factors = global_factors(SecondMoment(matrix, unit, n_left), SecondMoment(matrix, -unit, n_right), 1)
    assert factors.left_scores(unit).item() == pytest.approx(sign)
    assert factors.right_scores(-unit).item() == pytest.approx(-sign)


@pytest.mark.parametrize("total", [0.0, 8e-7, -8e-7])
def test_where_the_sums_do_not_decide_the_largest_entry_of_the_left_direction_does(total):
    """Two opposed segments a side: what is left of t is below the tolerance and may have either sign."""
    unit = torch.tensor([0.6, -0.8], dtype=torch.float64)
    matrix = 2 * torch.outer(unit, unit)
    left, right = SecondMoment(matrix, total * unit, 2), SecondMoment(matrix, 0 * unit, 2)
    factors = global_factors(left, right, 1)
    assert factors.left_scores(unit).item() == pytest.approx(-(2**-0.5))
    assert factors.right_scores(unit).item() == pytest.approx(-(2**-0.5))


def test_bad_requests_are_refused(benchmark):
    left, right = _moments(*benchmark)
    with pytest.raises(InputError, match="n_factors = 0"):
        global_factors(left, right, 0)
