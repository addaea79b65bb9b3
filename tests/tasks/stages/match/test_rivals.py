"""RivalCandidates: failed queries with both of their pairs, and listed candidates of one query."""

from types import SimpleNamespace

import numpy as np
import torch

from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.survey import survey_direction
from tasks.run_files.naming import pair_id_of
from tasks.stages.match.rivals import RivalCandidates, failed_queries, listed_rivals, numbered


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
    there = RivalCandidates("ia", "left_to_right", "ta", "tb", right, wrong, "error")
    back = RivalCandidates("ta", "right_to_left", "ia", "ib", right, pair_id_of("ib", "ta"), "error")
    assert list(failed_queries(surveys(), PairRequest())) == [there, back]


def test_a_request_without_errors_has_none():
    assert list(failed_queries(surveys(), PairRequest(errors=False))) == []


def sides():
    return SimpleNamespace(ids=("ia", "ib")), SimpleNamespace(ids=("tc", "tb", "ta"))


def test_listed_candidates_of_one_query_are_held_against_the_first_that_matches():
    left, right = sides()
    listed = np.array([[0, 0], [0, 1], [0, 2], [1, 2]])
    pairs = SimpleNamespace(
        left=listed[:, 0], right=listed[:, 1], is_positive=np.array([False, True, False, False])
    )
    found = [
        (one.query_id, one.direction, one.correct_item_id, one.wrong_item_id, one.reason)
        for one in listed_rivals(pairs, listed, left, right)
    ]
    assert found == [
        ("ia", "left_to_right", "tb", "ta", "listed"),
        ("ia", "left_to_right", "tb", "tc", "listed"),
        ("ta", "right_to_left", "ia", "ib", "listed"),
    ]


def test_rivals_are_numbered_by_query_direction_and_reason_and_come_once():
    def rivals(query, wrong, reason):
        return RivalCandidates.of(query, "left_to_right", "ta", wrong, reason)

    given = [
        rivals("ia", "tb", "error"),
        rivals("ia", "tb", "contrast"),
        rivals("ia", "tb", "contrast"),
        rivals("ia", "tc", "contrast"),
        rivals("ib", "tc", "contrast"),
    ]
    assert [(one.wrong_item_id, one.reason, one.number) for one in numbered(given)] == [
        ("tb", "error", 0),
        ("tb", "contrast", 0),
        ("tc", "contrast", 1),
        ("tc", "contrast", 0),
    ]
