"""Order and form of matrix decompositions, against matrices whose factors are known."""

import torch
from torch.testing import assert_close

from ilime_core.interactions.decompositions import eigenpairs, singular_triples, triangle

TURN = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)


def test_eigenvalues_come_largest_first_and_never_below_zero():
    values, vectors = eigenpairs(TURN @ torch.diag(torch.tensor([9.0, 4.0]).double()) @ TURN.T)
    assert_close(values, torch.tensor([9.0, 4.0]).double())
    assert_close(vectors.abs(), TURN.abs())
    rounded, _ = eigenpairs(torch.diag(torch.tensor([-1e-12, 1.0]).double()))
    assert rounded.tolist() == [1.0, 0.0]


def test_singular_vectors_are_columns_and_give_the_matrix_back():
    matrix = torch.tensor([[3.0, 0.0], [0.0, 5.0], [0.0, 0.0]]).double()
    left, values, right = singular_triples(matrix)
    assert_close(values, torch.tensor([5.0, 3.0]).double())
    assert_close(left.abs(), torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]).double())
    assert_close(left * values @ right.T, matrix)


def test_a_triangle_has_the_gram_matrix_of_its_rows():
    rows = torch.tensor([[3.0, 1.0], [4.0, 2.0], [0.0, 2.0]]).double()
    found = triangle(rows)
    assert found.shape == (2, 2)
    assert_close(found.T @ found, torch.tensor([[25.0, 11.0], [11.0, 9.0]]).double())
