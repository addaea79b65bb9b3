from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.all_pairs.projection import joint_projection
from ilime_core.interactions.global_factors import second_moment


@pytest.mark.parametrize("n_dims", [1, 2, 4, 5])
def test_lost_energy_is_that_of_all_pairs_and_the_least_of_its_rank(whole, n_dims):
    left, right = whole.left(), whole.right()
    found = joint_projection(second_moment(left.rows), second_moment(right.rows), n_dims)
    small_left, small_right = found.left(left), found.right(right)
    assert small_left.rows.shape == (21, n_dims)
    assert small_left.positions.tolist() == left.positions.tolist()
    lost = all_of = 0.0
    for x, y in ((x, y) for x in range(7) for y in range(9)):
        rows = slice(left.starts[x], left.starts[x] + left.sizes[x])
        columns = slice(right.starts[y], right.starts[y] + right.sizes[y])
        near = (small_left.rows[rows] @ small_right.rows[columns].T).numpy()
        lost += ((whole.w(x, y) - near) ** 2).sum()
        all_of += (whole.w(x, y) ** 2).sum()
    assert found.lost_energy == pytest.approx(lost / all_of, abs=1e-12)
    strengths = np.linalg.svd(np.concatenate(whole.a) @ np.concatenate(whole.b).T, compute_uv=False)
    assert found.lost_energy == pytest.approx(
        (strengths[n_dims:] ** 2).sum() / (strengths**2).sum(), abs=1e-12
    )


def test_effects_keep_their_type(whole):
    left, right = whole.left(), whole.right()
    found = joint_projection(second_moment(left.rows), second_moment(right.rows), 2)
    assert found.left(replace(left, rows=left.rows.float())).rows.dtype == torch.float32
