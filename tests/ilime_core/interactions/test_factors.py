import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.interactions.factors import factorise


def _counts(weights):
    pairs, n, m = weights.shape
    return torch.full((pairs,), n), torch.full((pairs,), m)


def _random(pairs, n, m, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(pairs, n, m, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("n", "m"), [(9, 4), (4, 9), (5, 5), (1, 3), (6, 1)])
def test_gram_factors_equal_the_svd(n, m):
    weights = _random(7, n, m)
    factors = factorise(weights, *_counts(weights))
    strengths = torch.linalg.svdvals(weights)
    torch.testing.assert_close(factors.strengths, strengths, rtol=1e-10, atol=1e-12)
    rebuilt = factors.left_vectors.mT @ (factors.strengths[:, :, None] * factors.right_vectors)
    torch.testing.assert_close(rebuilt, weights, rtol=0, atol=1e-11)
    identity = torch.eye(min(n, m), dtype=torch.float64).expand(7, -1, -1)
    torch.testing.assert_close(factors.left_vectors @ factors.left_vectors.mT, identity, rtol=0, atol=1e-9)


def test_weak_factors_keep_their_accuracy():
    u = torch.linalg.qr(_random(1, 12, 3, seed=1)[0])[0]
    v = torch.linalg.qr(_random(1, 6, 3, seed=2)[0])[0]
    strengths = torch.tensor([1.0, 1e-2, 1e-4], dtype=torch.float64)
    factors = factorise((u * strengths @ v.mT)[None], torch.tensor([12]), torch.tensor([6]))
    assert factors.n_components.item() == 3
    torch.testing.assert_close(factors.strengths[0, :3], strengths, rtol=1e-7, atol=0)
    assert (factors.left_vectors[0, :3] * u.mT).sum(1).abs().min() > 1 - 1e-7


def test_energy_gap_and_effective_rank_by_hand():
    weights = torch.diag(torch.tensor([2.0, 1.0, 1.0]))[None].double()
    factors = factorise(weights, *_counts(weights), n_factors=2)
    torch.testing.assert_close(factors.energy[0], torch.tensor([4 / 6, 1 / 6], dtype=torch.float64))
    torch.testing.assert_close(factors.gap[0], torch.tensor([1.0, 0.0], dtype=torch.float64))
    # The entropy of (2/3, 1/6, 1/6) counts all three factors, although two are kept.
    assert factors.effective_rank.item() == pytest.approx((3 / 2) ** (2 / 3) * 6 ** (1 / 3))


def test_sign_follows_the_sum_of_scaled_sums():
    # u sums to -1/sqrt(2) over sqrt(2), v to 3/sqrt(5) over sqrt(2): v decides.
    u = torch.tensor([-1.0, 0.0], dtype=torch.float64)
    v = torch.tensor([1.0, 2.0], dtype=torch.float64) / 5**0.5
    for sign in (1, -1):
        factors = factorise((3 * u[:, None] * v)[None], torch.tensor([2]), torch.tensor([2]))
        torch.testing.assert_close(factors.left_vectors[0, 0], u)
        torch.testing.assert_close(factors.right_vectors[0, 0], v)
        assert factors.sign_margin[0, 0].item() == pytest.approx(-1 / 2**0.5 + 3 / 5**0.5 / 2**0.5)
        u, v = sign * u, sign * v


def test_true_counts_decide_the_sign_and_not_the_padding():
    # t = -1/sqrt(n) + 1/sqrt(m): negative for n < m, positive for n > m.
    weights = torch.zeros(2, 3, 3, dtype=torch.float64)
    weights[:, 0, 0] = -1.0
    factors = factorise(weights, torch.tensor([1, 3]), torch.tensor([3, 1]))
    torch.testing.assert_close(factors.left_vectors[:, 0, 0], torch.tensor([1.0, -1.0], dtype=torch.float64))
    margin = 1 - 1 / 3**0.5
    torch.testing.assert_close(factors.sign_margin[:, 0], torch.tensor([margin, margin], dtype=torch.float64))


def test_a_tie_is_settled_by_the_first_largest_entry():
    u = torch.tensor([0.5, -0.5, 0.5, -0.5], dtype=torch.float64)
    v = torch.tensor([-(0.5**0.5), 0.5**0.5], dtype=torch.float64)
    for sign in (1.0, -1.0):
        weights = (sign * u[:, None] * sign * v)[None]
        factors = factorise(weights, torch.tensor([4]), torch.tensor([2]))
        assert factors.sign_margin[0, 0] < 1e-6
        torch.testing.assert_close(factors.right_vectors[0, 0], -v)
        torch.testing.assert_close(factors.left_vectors[0, 0], -u)


def test_sums_below_the_tolerance_decide_nothing():
    """A W of float32 gives t = 4e-7 where it should be 0, of either sign."""
    for shift in (4e-7, -4e-7):
        # u = (a, -b) of length one with (a - b) / sqrt(2) = shift; v sums to 0.
        turn = torch.tensor(torch.pi / 4 - shift, dtype=torch.float64)
        u = torch.stack([torch.cos(turn), -torch.sin(turn)])
        v = torch.tensor([0.5, -0.5, 0.5, -0.5], dtype=torch.float64)
        for sign in (1.0, -1.0):
            factors = factorise((sign * 2 * u[:, None] * v)[None], torch.tensor([2]), torch.tensor([4]))
            assert factors.sign_margin.flatten()[0].item() == pytest.approx(4e-7, rel=1e-3)
            # The entries of u are equally large up to the tolerance: the first becomes positive.
            torch.testing.assert_close(factors.left_vectors[0, 0], u)
            torch.testing.assert_close(factors.right_vectors[0, 0], sign * v)


def test_the_sign_convention_is_idempotent():
    weights = _random(20, 6, 4, seed=3)
    factors = factorise(weights, *_counts(weights))
    for component in range(4):
        u, v = factors.left_vectors[:, component], factors.right_vectors[:, component]
        again = factorise(u[:, :, None] * v[:, None], *_counts(weights), n_factors=1)
        torch.testing.assert_close(again.left_vectors[:, 0], u, rtol=0, atol=1e-12)
        torch.testing.assert_close(again.right_vectors[:, 0], v, rtol=0, atol=1e-12)


def test_padding_and_the_number_of_factors_change_nothing_that_is_kept():
    weights = _random(5, 6, 4, seed=4)
    padded = torch.zeros(5, 9, 11, dtype=torch.float64)
    padded[:, :6, :4] = weights
    n_left, n_right = _counts(weights)
    plain, more = factorise(weights, n_left, n_right), factorise(padded, n_left, n_right, n_factors=3)
    torch.testing.assert_close(more.left_vectors[:, :, :6], plain.left_vectors[:, :3], rtol=0, atol=1e-12)
    torch.testing.assert_close(more.gap, plain.gap[:, :3])
    torch.testing.assert_close(more.effective_rank, plain.effective_rank)
    assert more.n_components.tolist() == [3] * 5
    assert (more.left_vectors[:, :, 6:] == 0).all()


def test_a_zero_matrix_has_no_factors_and_no_effective_rank():
    factors = factorise(torch.zeros(1, 3, 2), torch.tensor([3]), torch.tensor([2]))
    assert factors.n_components.item() == 0
    assert factors.effective_rank.isnan().all()
    assert (factors.left_vectors == 0).all()


def test_no_factor_is_refused():
    with pytest.raises(InputError, match="n_factors = 0"):
        factorise(torch.zeros(1, 3, 2), torch.tensor([3]), torch.tensor([2]), n_factors=0)
