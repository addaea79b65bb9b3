import pytest
import torch

from training.matching_batches import held_out_twins
from training.matching_figures import reranked_recall, told_apart


@pytest.fixture(scope="module")
def batch():
    return held_out_twins(30, seed=1, side=16)


def truth_of(batch):
    """The scores of a model that knows: 1 where a caption is true, else -1."""
    known = torch.from_numpy(batch.is_true).double() * 2 - 1
    return torch.cat([known, -torch.ones(30, 60, dtype=torch.float64)], dim=1)


def test_who_knows_tells_everything_apart(batch):
    known = truth_of(batch)
    told = told_apart(lambda scenes, places: known[scenes, places], batch)
    assert (told.twin, told.twins_both, told.one_word, told.exchanged, told.right) == (1, 1, 1, 1, 1)


def test_who_knows_nothing_tells_nothing_apart(batch):
    told = told_apart(lambda scenes, _: torch.zeros(len(scenes)), batch)
    assert (told.twin, told.twins_both, told.one_word, told.exchanged, told.right) == (0, 0, 0, 0, 0)


def test_figures_count_what_they_say(batch):
    known = truth_of(batch)
    known[:15, 30:60] = 2.0  # one word wrong looks better in half of the scenes
    known[:3, 60:] = 2.0  # an exchange in a tenth
    told = told_apart(lambda scenes, places: known[scenes, places], batch)
    assert told.one_word == pytest.approx(0.5)
    assert told.exchanged == pytest.approx(0.9)
    assert told.right == pytest.approx(0.75)
    assert told.twin == 1


def test_a_caption_that_takes_any_picture_fails_both_twins(batch):
    known = truth_of(batch)
    told_scenes = [s for s in range(30) if not (batch.is_true[s, s ^ 1] or batch.is_true[s ^ 1, s])]
    scene = told_scenes[0]
    known[scene ^ 1, scene] = 0.5  # still below the own caption, but the picture's answer is no longer clear
    known[scene, scene] = 0.4
    known[scene, scene ^ 1] = 0.3
    told = told_apart(lambda scenes, places: known[scenes, places], batch)
    assert told.twin == 1
    assert told.twins_both == pytest.approx(1 - 2 / len(told_scenes))


def test_reranking_mends_what_is_among_the_first():
    scores = torch.tensor([[0.9, 1.0, 0.0], [0.0, 1.0, 0.5], [0.9, 1.0, 0.1]])
    assert reranked_recall(scores, None) == pytest.approx(1 / 3)

    def knows(query, candidate):
        return (query == candidate).float()

    assert reranked_recall(scores, knows, n_first=1) == pytest.approx(1 / 3)
    assert reranked_recall(scores, knows, n_first=2) == pytest.approx(2 / 3)
    assert reranked_recall(scores, knows, n_first=3) == 1


def test_reranking_can_spoil():
    assert (
        reranked_recall(torch.eye(4), lambda query, candidate: -(query == candidate).float(), n_first=2) == 0
    )
