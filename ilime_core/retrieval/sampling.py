"""Seeded choices among queries and candidates that depend on ids alone, never on their order."""

import numpy as np
from jaxtyping import Bool, Int64

from ilime_core.draws import named_rng, named_uniform
from ilime_core.retrieval.survey import Survey

__all__ = ["random_wrong", "sample_queries"]


def sample_queries(
    seed: int, left_ids: tuple[str, ...], right_ids: tuple[str, ...], n_queries: int
) -> frozenset[str]:
    """Draw ``n_queries`` among the queries of both directions together.

    A larger sample contains a smaller one, and an added item displaces at most one other.

    Parameters
    ----------
    seed
        Seed of the run.
    left_ids, right_ids
        Ids of the queries of either direction.
    n_queries
        Ids to draw; all where there are fewer.

    Returns
    -------
    frozenset of str
        Ids of the drawn queries.
    """
    names = sorted(
        {*left_ids, *right_ids}, key=lambda name: (named_uniform(seed, "sample_queries", name), name)
    )
    return frozenset(names[:n_queries])


def random_wrong(
    survey: Survey, asked: Bool[np.ndarray, " queries"], n_random: int, seed: int
) -> Int64[np.ndarray, "pairs 2"]:
    """Draw ``n_random`` wrong candidates for every chosen query; all of them where there are fewer.

    Parameters
    ----------
    survey
        One direction of retrieval.
    asked
        Queries to draw for.
    n_random
        Candidates of each query.
    seed
        Seed of the run.

    Returns
    -------
    pairs
        (query, candidate) indices.
    """
    pool = survey.pool
    drawn = [np.empty((0, 2), dtype=np.int64)]
    for query in np.flatnonzero(asked) if n_random else ():
        low, high = np.searchsorted(survey.relevance[:, 0], [query, query + 1])
        barred = np.append(pool.places[survey.relevance[low:high, 1]], pool.own_place[query])
        rng = named_rng(seed, "random_wrong", pool.query_ids[query])
        n_candidates = len(pool.candidate_ids)
        # Enough draws that the barred ones among them can be thrown away.
        places = rng.choice(n_candidates, size=min(n_candidates, n_random + len(barred)), replace=False)
        kept = pool.by_id[places[~np.isin(places, barred)][:n_random]]
        drawn.append(np.column_stack([np.full(len(kept), query), kept]))
    return np.concatenate(drawn)
