"""Chosen pairs, by the reason for the choice."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.sampling import random_wrong, sample_queries
from ilime_core.retrieval.survey import Survey
from ilime_core.retrieval.tiles import Ranking

__all__ = ["ChosenPairs", "asked_queries", "choose_pairs", "wrong_pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class ChosenPairs:
    """(left, right) index pairs by the reason for their choice, both directions together."""

    positives: Int64[np.ndarray, "positives 2"]
    errors: Int64[np.ndarray, "errors 2"]
    rights: Int64[np.ndarray, "errors 2"]
    hard_negatives: Int64[np.ndarray, "hard_negatives 2"]
    retrieved: Int64[np.ndarray, "retrieved 2"]
    random: Int64[np.ndarray, "random 2"]
    listed: Int64[np.ndarray, "listed 2"]
    contrasts: Int64[np.ndarray, "contrasts 2"]

    @property
    def distinct(self) -> Int64[np.ndarray, "pairs 2"]:
        """All chosen pairs once, by left and right index."""
        parts = [self.positives, self.errors, self.rights, self.hard_negatives]
        parts += [self.retrieved, self.random, self.listed, self.contrasts]
        return np.unique(np.concatenate(parts), axis=0)


def choose_pairs(
    forward: Survey,
    backward: Survey,
    request: PairRequest,
    listed: Int64[np.ndarray, "listed 2"],
    contrasts: Int64[np.ndarray, "contrasts 2"],
) -> ChosenPairs:
    """Collect the (left, right) pairs of every reason; see `PairRequest`.

    Parameters
    ----------
    forward, backward
        Surveys of left queries among right items, and of right queries among left items.
    request
        Reasons and numbers.
    listed
        (left, right) index pairs given from outside.
    contrasts
        The same of correct and edited candidates.

    Returns
    -------
    ChosenPairs
        Index pairs, left first.
    """
    there, back = asked_queries(forward, request), asked_queries(backward, request)
    matches = forward.relevance
    involved = (there[matches[:, 0]] | back[matches[:, 1]]) & request.positives
    failed = np.flatnonzero(there & request.errors & forward.failed)
    failed_back = np.flatnonzero(back & request.errors & backward.failed)
    k, retrieved, random = request.hard_negatives, request.retrieved, request.random
    return ChosenPairs(
        positives=matches[involved],
        errors=_both(wrong_pairs(forward, failed), wrong_pairs(backward, failed_back)),
        rights=_both(_right_pairs(forward, failed), _right_pairs(backward, failed_back)),
        hard_negatives=_both(_first(forward.wrong, there, k), _first(backward.wrong, back, k)),
        retrieved=_both(_first(forward.top, there, retrieved), _first(backward.top, back, retrieved)),
        random=_both(
            random_wrong(forward, there, random, request.seed),
            random_wrong(backward, back, random, request.seed),
        ),
        listed=listed,
        contrasts=contrasts,
    )


def asked_queries(survey: Survey, request: PairRequest) -> Bool[np.ndarray, " queries"]:
    """Return which queries of one direction the request includes.

    Parameters
    ----------
    survey
        One direction of retrieval.
    request
        Reads ``sampled_queries``, ``seed`` and ``unasked``.

    Returns
    -------
    Bool array, queries
        True for every query without ``sampled_queries``.
    """
    ids = survey.pool.query_ids
    if request.sampled_queries is None:
        return np.ones(len(ids), dtype=bool)
    left, right = (
        tuple(name for name in side if name not in request.unasked)
        for side in (ids, survey.pool.candidate_ids)
    )
    names = sample_queries(request.seed, left, right, request.sampled_queries)
    return np.asarray([name in names for name in ids], dtype=bool)


def _first(ranking: Ranking, asked: Bool[np.ndarray, " queries"], k: int) -> Int64[np.ndarray, "pairs 2"]:
    best = ranking.candidates[:, :k]
    query, column = np.nonzero((best >= 0) & asked[:, None])
    return np.column_stack([query, best[query, column]]).astype(np.int64)


def _both(
    forward: Int64[np.ndarray, "there 2"], backward: Int64[np.ndarray, "back 2"]
) -> Int64[np.ndarray, "pairs 2"]:
    return np.concatenate([forward, backward[:, ::-1]])


def wrong_pairs(survey: Survey, failed: Int64[np.ndarray, " errors"]) -> Int64[np.ndarray, "errors 2"]:
    """Pair each failed query with its best wrong candidate.

    Parameters
    ----------
    survey
        One direction of retrieval.
    failed
        Indices of the queries.

    Returns
    -------
    Int array, errors x 2
        (query, candidate) indices.
    """
    return np.column_stack([failed, survey.wrong.candidates[failed, 0]])


def _right_pairs(survey: Survey, failed: Int64[np.ndarray, " errors"]) -> Int64[np.ndarray, "errors 2"]:
    return np.column_stack([failed, survey.best_relevant[failed]])
