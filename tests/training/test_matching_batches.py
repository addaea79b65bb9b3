import numpy as np
import pytest
from every import every

from training.matching_batches import MatchingPlan, held_out_twins, matching_batch


@pytest.fixture(scope="module")
def batch():
    return matching_batch(MatchingPlan(40), seed=3, number=5)


def test_own_captions_are_true_and_altered_ones_differ_from_them(batch):
    own, one_word, mixed = (batch.texts[at : at + 40] for at in (0, 40, 80))
    assert batch.is_true.shape == (40, 40)
    assert batch.is_true.diagonal().all()
    assert every(one != two for one, two in zip(own, one_word, strict=True))
    assert every(one != two for one, two in zip(own, mixed, strict=True))


def test_twins_stand_beside_each_other(batch):
    assert batch.twin_of[:4].tolist() == [1, 0, 3, 2]
    scenes = np.arange(40)
    assert batch.is_true[scenes, batch.twin_of].mean() < 0.2
    differences = np.abs(batch.pixels.astype(int) - batch.pixels[batch.twin_of]).mean((1, 2, 3))
    others = np.abs(batch.pixels.astype(int) - np.roll(batch.pixels, 2, axis=0)).mean((1, 2, 3))
    assert np.median(differences) < 0.8 * np.median(others)


def test_a_batch_depends_on_seed_and_number_alone(batch):
    again = matching_batch(MatchingPlan(40), seed=3, number=5)
    assert again.texts == batch.texts
    np.testing.assert_array_equal(again.pixels, batch.pixels)
    assert matching_batch(MatchingPlan(40), seed=4, number=5).texts != batch.texts
    assert matching_batch(MatchingPlan(40), seed=3, number=6).texts != batch.texts


def test_side_and_share_of_partial_captions_are_kept():
    plain = matching_batch(MatchingPlan(30, partial=0.0, side=32), 0, 0)
    partial = matching_batch(MatchingPlan(30, partial=1.0, side=32), 0, 0)
    assert plain.pixels.shape == (30, 32, 32, 3)
    lengths = [np.mean([len(text.split()) for text in one.texts[:30]]) for one in (plain, partial)]
    assert lengths[1] < 0.75 * lengths[0]


def test_held_out_scenes_are_none_of_the_first_batches():
    held = set(held_out_twins(20, seed=0, side=16).texts[:20])
    assert not held & set(matching_batch(MatchingPlan(20, side=16), 0, 0).texts)
