import pytest
import torch

from ilime_core.effects.covariance import low_rank_covariance, quadratic_form, trace_product
from ilime_core.errors import InputError
from ilime_core.records import LowRankCovariance


def rows(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dense(covariance):
    """L^T L + rest (I - U^T U), spelled out."""
    strong = covariance.factors[covariance.factors.norm(dim=1) > 0]
    directions = torch.nn.functional.normalize(strong, dim=1)
    rest = covariance.rest * (torch.eye(strong.shape[1], dtype=strong.dtype) - directions.T @ directions)
    return strong.T @ strong + rest


@pytest.mark.parametrize(("samples", "dim"), [(7, 20), (40, 12), (16, 16)])
@pytest.mark.parametrize("rank", [1, 3, 5])
def test_leading_factors_are_the_eigenvectors_and_the_trace_is_exact(samples, dim, rank):
    raw = rows(samples, dim)
    covariance = low_rank_covariance(raw, rank)
    values, vectors = torch.linalg.eigh(raw.T @ raw)
    expected = (vectors[:, -rank:] * values[-rank:]) @ vectors[:, -rank:].T
    torch.testing.assert_close(covariance.factors.T @ covariance.factors, expected)
    torch.testing.assert_close(dense(covariance).trace(), raw.square().sum())
    torch.testing.assert_close(covariance.rest, values[:-rank].sum() / (dim - rank))


def test_a_covariance_of_lower_rank_is_kept_whole_and_padded():
    raw = rows(4, 9)
    covariance = low_rank_covariance(raw, 6)
    assert covariance.factors.shape == (6, 9)
    assert (covariance.factors[4:] == 0).all()
    torch.testing.assert_close(covariance.factors.T @ covariance.factors, raw.T @ raw)
    assert covariance.rest < 1e-14
    wide = low_rank_covariance(rows(30, 4), 6)
    assert wide.factors.shape == (6, 4)
    assert wide.rest == 0


def test_nothing_varies_gives_zeros():
    covariance = low_rank_covariance(torch.zeros(3, 5, dtype=torch.float64), 2)
    assert (covariance.factors == 0).all()
    assert covariance.rest == 0
    assert quadratic_form(covariance, rows(4, 5)).tolist() == [0.0] * 4


@pytest.mark.parametrize("rank", [2, 5, 12])
def test_quadratic_forms_and_trace_products_equal_the_dense_ones(rank):
    left, right = low_rank_covariance(rows(9, 12), rank), low_rank_covariance(rows(30, 12, seed=1), rank)
    vectors = rows(6, 12, seed=2)
    expected = torch.einsum("vd,de,ve->v", vectors, dense(left), vectors)
    torch.testing.assert_close(quadratic_form(left, vectors), expected)
    torch.testing.assert_close(trace_product(left, right), (dense(left) @ dense(right)).trace())


def test_batches_equal_their_items():
    raw, vectors = rows(3, 9, 14), rows(3, 5, 14, seed=1)
    batch = low_rank_covariance(raw, 4)
    single = [
        LowRankCovariance(factors, rest) for factors, rest in zip(batch.factors, batch.rest, strict=True)
    ]
    for item, alone in enumerate(single):
        torch.testing.assert_close(dense(alone), dense(low_rank_covariance(raw[item], 4)))
        torch.testing.assert_close(quadratic_form(batch, vectors)[item], quadratic_form(alone, vectors[item]))
    flipped = LowRankCovariance(batch.factors.flip(0), batch.rest.flip(0))
    torch.testing.assert_close(trace_product(batch, flipped)[0], trace_product(single[0], single[2]))


def test_dropping_the_rest_would_be_seen():
    covariance = low_rank_covariance(rows(40, 12), 3)
    bare = LowRankCovariance(covariance.factors, torch.zeros_like(covariance.rest))
    vectors = rows(5, 12, seed=3)
    assert (quadratic_form(covariance, vectors) > 1.2 * quadratic_form(bare, vectors)).any()


def test_a_rank_of_zero_is_refused():
    with pytest.raises(InputError, match="at least 1, got 0"):
        low_rank_covariance(rows(4, 5), 0)
