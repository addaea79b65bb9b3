"""A failed query names the pair that should have won and the one that did, left item first."""

import numpy as np
import torch

from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.survey import survey_direction
from tasks.run_files.naming import pair_id_of
from tasks.stages.match.failed_queries import FailedQuery, failed_queries


def surveys():
    """The text tb wins for both images, and ta matches ia."""
    images = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    texts = torch.tensor([[0.0, 1.0], [0.8, 0.6]])
    pool = Pool(images, texts, ("ia", "ib"), ("ta", "tb"))
    matches = np.array([[0, 0], [1, 1]])
    return survey_direction(pool, matches, top_k=2), survey_direction(
        pool.reversed(), matches[:, ::-1].copy(), top_k=2
    )


def test_the_pairs_of_a_failed_query_have_the_left_item_first():
    right, wrong = pair_id_of("ia", "ta"), pair_id_of("ia", "tb")
    there = FailedQuery("ia", "left_to_right", "ta", "tb", right, wrong)
    back = FailedQuery("ta", "right_to_left", "ia", "ib", right, pair_id_of("ib", "ta"))
    assert list(failed_queries(surveys(), PairRequest())) == [there, back]


def test_a_request_without_errors_has_none():
    assert list(failed_queries(surveys(), PairRequest(errors=False))) == []
