"""Rankings of candidates and ranks of given pairs, in tiles of bounded memory."""

import numpy as np
from jaxtyping import Int64

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.tiles import RankedPairs, Ranking, Tile

__all__ = ["rank_candidates", "rank_pairs"]


def rank_candidates(pool: Pool, top_k: int) -> Ranking:
    """Rank the best candidates of every query.

    Scores are rounded to six decimals; equal ones are ordered by candidate id, ascending.

    Parameters
    ----------
    pool
        Queries and candidates.
    top_k
        Candidates to keep of every query, at least 1.

    Returns
    -------
    Ranking
        As many columns as ``top_k``, or as candidates where there are fewer.

    Raises
    ------
    InputError
        If ``top_k`` is below 1.
    """
    if top_k < 1:
        raise InputError(f"top_k must be at least 1, got {top_k}.")
    width = min(top_k, len(pool.candidate_ids))
    candidates = np.full((len(pool.query_ids), width), -1, dtype=np.int64)
    scores = np.full((len(pool.query_ids), width), np.nan, dtype=np.float32)
    for tile in Tile.over(pool):
        best = tile.best(pool, top_k)
        candidates[tile.start : tile.stop], scores[tile.start : tile.stop] = best.candidates, best.scores
    return Ranking(candidates, scores)


def rank_pairs(pool: Pool, pairs: Int64[np.ndarray, "pairs 2"]) -> RankedPairs:
    """Rank given (query, candidate) pairs among all candidates of their query, under the same tie rule.

    Only one tile of the score matrix is in memory at a time.

    Parameters
    ----------
    pool
        Queries and candidates.
    pairs
        (query, candidate) indices.

    Returns
    -------
    RankedPairs
        Ranks from 1 and rounded scores, in the order of ``pairs``.

    Raises
    ------
    InputError
        If a pair is one item with itself, which has no rank.
    """
    query, place = pairs[:, 0], pool.places[pairs[:, 1]]
    itself = np.flatnonzero(pool.own_place[query] == place)
    if len(itself):
        name = pool.query_ids[int(query[itself[0]])]
        raise InputError(
            f"{len(itself)} of {len(pairs)} pairs are an item with itself, which has no rank: {name}."
        )
    ranks = np.empty(len(pairs), dtype=np.int64)
    scores = np.empty(len(pairs), dtype=np.float32)
    in_order = np.argsort(query, kind="stable")
    for tile in Tile.over(pool):
        low, high = np.searchsorted(query[in_order], [tile.start, tile.stop])
        if low == high:
            continue
        here = in_order[low:high]
        ranked = tile.ranks(query[here] - tile.start, place[here], pool.tile_scores)
        ranks[here], scores[here] = ranked.ranks, ranked.scores
    return RankedPairs(ranks, scores)
