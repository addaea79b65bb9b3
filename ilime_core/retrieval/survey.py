"""Survey of one direction of retrieval: best candidates of every query and ranks of the relevant ones."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.tiles import RankedPairs, Ranking, Tile

__all__ = ["Survey", "survey_direction"]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Results of one direction of retrieval.

    Attributes
    ----------
    pool
        Queries and candidates.
    relevance
        (query, candidate) pairs that match; an item with itself is omitted.
    top
        Best candidates of every query.
    wrong
        Best candidates of every query among those that do not match.
    relevant
        Ranks and scores of ``relevance``.
    best_rank
        Rank of the best relevant candidate of every query; 0 where a query has none.
    best_relevant
        Index of that candidate; -1 where a query has none.
    """

    pool: Pool
    relevance: Int64[np.ndarray, "pairs 2"]
    top: Ranking
    wrong: Ranking
    relevant: RankedPairs
    best_rank: Int64[np.ndarray, " queries"]
    best_relevant: Int64[np.ndarray, " queries"]

    @property
    def failed(self) -> Bool[np.ndarray, " queries"]:
        """True if a query's first candidate is wrong although a relevant one exists."""
        return self.best_rank > 1


def survey_direction(
    pool: Pool, relevance: Int64[np.ndarray, "pairs 2"], *, top_k: int, n_wrong: int = 1
) -> Survey:
    """Compute all scores of one direction once, tile by tile.

    Parameters
    ----------
    pool
        Queries and candidates.
    relevance
        Distinct (query, candidate) index pairs that match.
    top_k
        Candidates to keep of every query.
    n_wrong
        Wrong candidates to keep of every query; the first is the error of a failed query.

    Returns
    -------
    Survey
        Rankings of the direction.

    Raises
    ------
    InputError
        If a count is below 1, or relevance repeats a pair or names one outside the pool.
    """
    relevance = _checked_relevance(pool, relevance)
    if top_k < 1 or n_wrong < 1:
        raise InputError(f"top_k and n_wrong must be at least 1, got {top_k} and {n_wrong}.")
    tops: list[Ranking] = []
    wrongs: list[Ranking] = []
    relevants: list[RankedPairs] = []
    for tile in Tile.over(pool):
        low, high = np.searchsorted(relevance[:, 0], [tile.start, tile.stop])
        rows, places = relevance[low:high, 0] - tile.start, pool.places[relevance[low:high, 1]]
        tops.append(tile.best(pool, top_k))
        relevants.append(tile.ranks(rows, places, pool.tile_scores))
        wrongs.append(tile.without(rows, places).best(pool, n_wrong))
    relevant = RankedPairs(
        np.concatenate([part.ranks for part in relevants]),
        np.concatenate([part.scores for part in relevants]),
    )
    best_rank, best_relevant = _best(len(pool.query_ids), relevance, relevant.ranks)
    return Survey(pool, relevance, _stacked(tops), _stacked(wrongs), relevant, best_rank, best_relevant)


def _checked_relevance(pool: Pool, relevance: Int64[np.ndarray, "pairs 2"]) -> Int64[np.ndarray, "kept 2"]:
    size = np.asarray([len(pool.query_ids), len(pool.candidate_ids)])
    if not pool.query_ids:
        raise InputError("a survey needs at least one query, got none.")
    if bool(((relevance < 0) | (relevance >= size)).any()):
        raise InputError(f"relevance names a pair outside {size[0]} queries and {size[1]} candidates.")
    ordered = np.unique(relevance, axis=0)
    if len(ordered) != len(relevance):
        raise InputError(f"relevance repeats {len(relevance) - len(ordered)} of {len(relevance)} pairs.")
    return ordered[pool.own_place[ordered[:, 0]] != pool.places[ordered[:, 1]]]


def _stacked(parts: list[Ranking]) -> Ranking:
    return Ranking(
        np.concatenate([part.candidates for part in parts]), np.concatenate([part.scores for part in parts])
    )


def _best(
    n_queries: int, relevance: Int64[np.ndarray, "pairs 2"], ranks: Int64[np.ndarray, " pairs"]
) -> tuple[Int64[np.ndarray, " queries"], Int64[np.ndarray, " queries"]]:
    best_rank = np.zeros(n_queries, dtype=np.int64)
    best_relevant = np.full(n_queries, -1, dtype=np.int64)
    # Written worst first, so that what stays is the best.
    for_best = np.argsort(-ranks, kind="stable")
    best_rank[relevance[for_best, 0]] = ranks[for_best]
    best_relevant[relevance[for_best, 0]] = relevance[for_best, 1]
    return best_rank, best_relevant
