import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.perturbation.quadrature_rows import gauss_legendre, quadrature_rows, rows_per_node


def drawn(n_segments, n_masks, nodes=4, seed=0):
    return quadrature_rows(n_segments, n_masks, nodes, np.random.default_rng(seed))


@pytest.mark.parametrize("nodes", [2, 3, 5, 16])
def test_nodes_integrate_polynomials_of_twice_their_number(nodes):
    rule = gauss_legendre(nodes)
    for degree in range(2 * nodes):
        np.testing.assert_allclose(rule.weight @ rule.p**degree, 1.0 / (degree + 1), rtol=1e-12)
    np.testing.assert_allclose(rule.p + rule.p[::-1], 1.0)


@pytest.mark.parametrize("nodes", [1, 17])
def test_numbers_of_nodes_that_are_no_use_are_refused(nodes):
    with pytest.raises(InputError, match=f"got {nodes}"):
        gauss_legendre(nodes)


@pytest.mark.parametrize(
    ("segments", "masks", "nodes", "rows"),
    [
        (49, 512, 4, 128),
        (49, 600, 4, 150),
        (49, 100, 4, 123),  # 2.5 a segment
        (49, 512, 3, 256),  # whole fold-over blocks
        (9, 0, 4, 29),  # 1.5 a segment must keep something at p = .069
    ],
)
def test_rows_are_shared_equally_and_never_too_few(segments, masks, nodes, rows):
    assert rows_per_node(segments, masks, nodes) == rows
    assert drawn(segments, masks, nodes).shape == (rows * nodes, segments)


def test_nodes_mirror_each_other_in_ascending_p():
    rows = drawn(20, 400).reshape(4, 100, 20)
    assert (rows[3] == ~rows[0]).all()
    assert (rows[2] == ~rows[1]).all()
    np.testing.assert_allclose(rows.mean(axis=(1, 2)), gauss_legendre(4).p, atol=0.01)


def test_each_row_keeps_every_subset_of_its_size_alike():
    """The first, a middle and the last row dealt, over many draws: pairs as often as by chance."""
    p = gauss_legendre(4).p[1]
    kept = np.stack([drawn(6, 0, seed=seed).reshape(4, -1, 6)[1] for seed in range(1000)]).astype(float)
    for row in (0, kept.shape[1] // 2, kept.shape[1] - 1):
        pairs = kept[:, row].T @ kept[:, row] / len(kept)
        np.testing.assert_allclose(np.diag(pairs), p, atol=0.05)
        np.testing.assert_allclose(pairs[np.triu_indices(6, 1)], p**2, atol=0.04)


def test_segments_are_kept_about_equally_often_within_a_draw():
    counts = drawn(49, 512)[:128].sum(axis=0)
    assert np.ptp(counts) <= 1
