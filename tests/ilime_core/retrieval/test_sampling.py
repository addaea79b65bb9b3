import numpy as np
import torch

from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.sampling import random_wrong, sample_queries
from ilime_core.retrieval.survey import survey_direction

LEFT = tuple(f"i{number}" for number in range(40))
RIGHT = tuple(f"t{number}" for number in range(60))


def test_a_sample_ignores_order_grows_with_its_size_and_moves_with_the_seed():
    drawn = sample_queries(0, LEFT, RIGHT, 10)
    assert len(drawn) == 10
    assert drawn == sample_queries(0, LEFT[::-1], RIGHT[::-1], 10)
    assert drawn < sample_queries(0, LEFT, RIGHT, 11)
    assert drawn != sample_queries(1, LEFT, RIGHT, 10)


def test_one_more_item_displaces_at_most_one():
    before, after = sample_queries(0, LEFT, RIGHT, 50), sample_queries(0, (*LEFT, "i_new"), RIGHT, 50)
    assert len(before - after) <= 1


def test_an_item_is_no_wrong_candidate_of_itself():
    names = ("d", "a", "c", "b")
    survey = survey_direction(Pool(torch.eye(4), torch.eye(4), names, names), np.asarray([[0, 1]]), top_k=1)
    drawn = random_wrong(survey, np.ones(4, dtype=bool), 4, 0).tolist()
    assert sorted(drawn) == [[i, j] for i in range(4) for j in range(4) if i != j and (i, j) != (0, 1)]
    few = random_wrong(survey, np.array([True, False, True, False]), 1, 0)
    assert few[:, 0].tolist() == [0, 2]
