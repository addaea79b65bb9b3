"""Selected pairs with the reason for the choice, their ranks and scores."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float32, Int64

from ilime_core.errors import InputError
from ilime_core.retrieval.choices import asked_queries, choose_pairs, wrong_pairs
from ilime_core.retrieval.ranking import rank_pairs
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.survey import Survey

__all__ = ["Relation", "RetrievalErrors", "SelectedPairs", "retrieval_errors", "select_pairs"]


_NONE = np.empty((0, 2), dtype=np.int64)


class Relation(StrEnum):
    """Relation of a pair; the first that holds, in this order."""

    POSITIVE = "positive"
    CONTRAST = "contrast"
    HARD_NEGATIVE = "hard_negative"
    RETRIEVED = "retrieved"
    LISTED = "listed"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True, eq=False)
class SelectedPairs:
    """Selected pairs in the order of their ids; flags are facts of the pair, whatever the reason for its
    choice.
    """

    pair_ids: tuple[str, ...]
    left: Int64[np.ndarray, " pairs"]
    """Index among the left items."""
    right: Int64[np.ndarray, " pairs"]
    relations: tuple[Relation, ...]
    is_positive: Bool[np.ndarray, " pairs"]
    is_error: Bool[np.ndarray, " pairs"]
    """Best wrong candidate of a failed query of either direction."""
    is_retrieved: Bool[np.ndarray, " pairs"]
    """Among the first `PairRequest.retrieved` candidates of either direction."""
    rank_left_to_right: Int64[np.ndarray, " pairs"]
    rank_right_to_left: Int64[np.ndarray, " pairs"]
    scores: Float32[np.ndarray, " pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class RetrievalErrors:
    """Failed queries of one direction, each with its best relevant and its best wrong candidate."""

    queries: Int64[np.ndarray, " errors"]
    correct_candidates: Int64[np.ndarray, " errors"]
    wrong_candidates: Int64[np.ndarray, " errors"]


def select_pairs(
    forward: Survey,
    backward: Survey,
    request: PairRequest,
    pair_id: Callable[[str, str], str],
    listed: Int64[np.ndarray, "listed 2"] | None = None,
    *,
    contrasts: Int64[np.ndarray, "contrasts 2"] | None = None,
) -> SelectedPairs:
    """Choose pairs from the surveys of both directions.

    Parameters
    ----------
    forward, backward
        Surveys of left queries among right items, and of right queries among left items.
    request
        What to choose.
    pair_id
        Name of a pair from its left and its right item id; the result is ordered by it.
    listed
        (left, right) index pairs given from outside; repetitions are dropped.
    contrasts
        The same of correct and edited candidates.

    Returns
    -------
    SelectedPairs
        Ordered by the pairs' ids.

    Raises
    ------
    InputError
        If the surveys keep fewer candidates than the request needs, a listed pair is an item with itself, or
        nothing is selected.
    """
    _check_depth(forward, backward, request)
    given = (_NONE if one is None else one for one in (listed, contrasts))
    chosen = choose_pairs(forward, backward, request, *given)
    pairs = chosen.distinct
    if not len(pairs):
        raise InputError(
            "no pair is selected: ask for positives, errors, retrieved, hard negatives or list some."
        )
    names = _names(forward, pairs, pair_id)
    in_order = sorted(range(len(names)), key=names.__getitem__)
    pairs = pairs[in_order]
    there, back = rank_pairs(forward.pool, pairs), rank_pairs(backward.pool, pairs[:, ::-1])
    is_positive = _among(pairs, forward.relevance)
    wrong_there = wrong_pairs(forward, np.flatnonzero(forward.failed))
    wrong_back = wrong_pairs(backward, np.flatnonzero(backward.failed))[:, ::-1]
    is_error = _among(pairs, np.concatenate([wrong_there, wrong_back]))
    is_retrieved = np.minimum(there.ranks, back.ranks) <= request.retrieved
    is_hard = is_error | _among(pairs, chosen.hard_negatives)
    is_listed, is_contrast = _among(pairs, chosen.listed), _among(pairs, chosen.contrasts)
    return SelectedPairs(
        pair_ids=tuple(names[index] for index in in_order),
        left=pairs[:, 0],
        right=pairs[:, 1],
        relations=_first_that_holds(is_positive, is_contrast, is_hard, is_retrieved, is_listed),
        is_positive=is_positive,
        is_error=is_error,
        is_retrieved=is_retrieved,
        rank_left_to_right=there.ranks,
        rank_right_to_left=back.ranks,
        scores=there.scores,
    )


def retrieval_errors(survey: Survey, request: PairRequest) -> RetrievalErrors:
    """List the failed queries of one direction that the request includes; none without `PairRequest.errors`.

    Parameters
    ----------
    survey
        One direction of retrieval.
    request
        Reads ``errors``, ``sampled_queries``, ``seed`` and ``unasked``.

    Returns
    -------
    RetrievalErrors
        In the order of the queries.
    """
    failed = np.flatnonzero(asked_queries(survey, request) & survey.failed & request.errors)
    return RetrievalErrors(failed, survey.best_relevant[failed], survey.wrong.candidates[failed, 0])


def _names(
    forward: Survey, pairs: Int64[np.ndarray, "pairs 2"], pair_id: Callable[[str, str], str]
) -> list[str]:
    lefts: list[int] = pairs[:, 0].tolist()
    rights: list[int] = pairs[:, 1].tolist()
    left_ids, right_ids = forward.pool.query_ids, forward.pool.candidate_ids
    return [pair_id(left_ids[left], right_ids[right]) for left, right in zip(lefts, rights, strict=True)]


def _first_that_holds(*conditions: Bool[np.ndarray, " pairs"]) -> tuple[Relation, ...]:
    relations = tuple(Relation)
    otherwise = np.ones_like(conditions[0])
    first: list[int] = np.stack([*conditions, otherwise]).argmax(axis=0).tolist()
    return tuple(relations[index] for index in first)


def _among(
    pairs: Int64[np.ndarray, "pairs 2"], others: Int64[np.ndarray, "others 2"]
) -> Bool[np.ndarray, " pairs"]:
    width = max(int(pairs[:, 1].max(initial=0)), int(others[:, 1].max(initial=0))) + 1
    return np.isin(pairs[:, 0] * width + pairs[:, 1], others[:, 0] * width + others[:, 1])


def _check_depth(forward: Survey, backward: Survey, request: PairRequest) -> None:
    for survey in (forward, backward):
        size = len(survey.pool.candidate_ids)
        top, wrong = survey.top.candidates.shape[1], survey.wrong.candidates.shape[1]
        if top < min(size, request.retrieved) or wrong < min(size, request.hard_negatives):
            raise InputError(
                f"the surveys keep {top} candidates and {wrong} wrong ones of a query, the request needs "
                f"{request.retrieved} and {request.hard_negatives}."
            )
