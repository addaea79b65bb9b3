import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, BilinearPlanted, TanhTower


def test_towers_count_calls_and_rows_and_take_arrays_and_tensors():
    tower = TanhTower(0, 4, 3)
    masks = enumerate_all(4)
    assert torch.equal(tower(masks), tower(torch.from_numpy(masks)))
    tower(masks[:5])
    assert (tower.n_calls, tower.n_encoded) == (3, 37)
    torch.testing.assert_close(torch.stack([tower.empty, tower.full]), tower(masks[[0, -1]]))


def test_an_additive_tower_is_the_sum_of_what_is_kept():
    effects = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    tower = AdditiveTower(effects, torch.tensor([100.0, 200.0]))
    assert tower(enumerate_all(2)).tolist() == [[100, 200], [101, 202], [110, 220], [111, 222]]


def test_a_planted_pair_has_the_strengths_and_factors_that_it_names():
    planted = BilinearPlanted(3, 6, 5, 8, (2.0, 0.5))
    torch.testing.assert_close(planted.left.effects @ planted.right.effects.T, planted.interactions)
    strengths = torch.linalg.svdvals(planted.interactions)
    torch.testing.assert_close(strengths[:2], torch.tensor([2.0, 0.5], dtype=torch.float64))
    assert strengths[2:].abs().max() < 1e-12
    torch.testing.assert_close(
        planted.interactions @ planted.right_factors, planted.left_factors * planted.strengths
    )


def test_a_rank_beyond_the_matrix_is_refused():
    with pytest.raises(InputError, match="6 x 2 interactions in 8 dimensions cannot have rank 3"):
        BilinearPlanted(0, 6, 2, 8, (3.0, 2.0, 1.0))


@pytest.mark.parametrize("kind", [TanhTower, AttentionTower])
def test_toys_have_unit_norm_and_are_neither_additive_nor_alike(kind):
    masks = enumerate_all(5)
    embeddings = kind(0, 5, 7)(masks)
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(32, dtype=torch.float64))
    columns = np.concatenate([np.ones((32, 1)), masks], axis=1)
    fitted = columns @ np.linalg.lstsq(columns, embeddings.numpy(), rcond=None)[0]
    assert np.abs(embeddings.numpy() - fitted).max() > 0.02
    assert (kind(1, 5, 7)(masks) - embeddings).abs().max() > 0.1


def test_sharpness_concentrates_attention():
    means = [AttentionTower(0, 8, 7, sharpness)(np.eye(8, dtype=bool)) for sharpness in (0.0, 4.0)]
    spread = [float((mean - AttentionTower(0, 8, 7).empty).norm(dim=1).std()) for mean in means]
    assert spread[1] > 1.3 * spread[0]


def test_masks_of_another_item_are_refused():
    with pytest.raises(InputError, match="4 segments, got masks of 5"):
        TanhTower(0, 4, 3)(enumerate_all(5))
