"""Rows of rankings, retrieval metrics and selected pairs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from torch import Tensor

from ilime_core.aggregates.slices import ALL, SliceLimits, named_slices, tag_slices
from ilime_core.modality import Modality
from ilime_core.retrieval.hubness import largest_hubs
from ilime_core.retrieval.metrics import retrieval_metrics
from ilime_core.retrieval.selection import SelectedPairs
from ilime_core.retrieval.survey import Survey
from tasks.tables import TABLES

__all__ = [
    "DIRECTIONS",
    "MatchSide",
    "hub_table",
    "metric_table",
    "pair_tables",
    "query_slices",
    "ranking_table",
]

DIRECTIONS = ("left_to_right", "right_to_left")

HUBS_KEPT = 20
"""Hubs of each direction in ``hub_candidates``."""


@dataclass(frozen=True, slots=True, eq=False)
class MatchSide:
    """Usable items of one side in the order of the manifest."""

    modality: Modality
    ids: tuple[str, ...]
    places: Mapping[int, int]
    """Position of the item of every manifest entry."""
    embeddings: Tensor
    external_ids: tuple[str, ...]
    embedded_in: tuple[int, ...]
    """Block of embed that holds each item."""


def ranking_table(survey: Survey, direction: str) -> pa.Table:
    """Rows of the best candidates of each query.

    Parameters
    ----------
    survey
        Ranked candidates of one direction.
    direction
        One of ``DIRECTIONS``.

    Returns
    -------
    pa.Table
        Rows of the table ``rankings``, ranks from 1.
    """
    queries, ranks = np.nonzero(survey.top.candidates >= 0)
    candidates = survey.top.candidates[queries, ranks]
    n_candidates = len(survey.pool.candidate_ids)
    relevant = np.isin(
        queries * n_candidates + candidates, survey.relevance[:, 0] * n_candidates + survey.relevance[:, 1]
    )
    return pa.table(
        {
            "query_id": [survey.pool.query_ids[i] for i in queries],
            "direction": [direction] * len(queries),
            "rank": (ranks + 1).astype(np.int32),
            "candidate_id": [survey.pool.candidate_ids[i] for i in candidates],
            "score": survey.top.scores[queries, ranks],
            "relevant": relevant,
        }
    )


def metric_table(
    surveys: Iterable[Survey], seed: int, tags: Mapping[str, Mapping[str, str]], limits: SliceLimits
) -> pa.Table:
    """Rows of the metrics of both directions.

    Parameters
    ----------
    surveys
        One for each of ``DIRECTIONS``.
    seed
        Seed of the run.
    tags
        Tags by item: queries that have one value are a slice.
    limits
        Fewest queries with a match of a slice, and most slices of a tag.

    Returns
    -------
    pa.Table
        Rows of the table ``retrieval_metrics``.
    """
    rows: list[Mapping[str, object]] = []
    for survey, direction in zip(surveys, DIRECTIONS, strict=True):
        rows += [
            {
                "direction": direction,
                "slice": slice_,
                "metric": name,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "standard_error": one.standard_error,
                "n_queries": one.n,
                "n_candidates": found.n_candidates,
            }
            for slice_, queries in query_slices(survey, tags, limits)
            for found in [retrieval_metrics(survey, seed, queries)]
            for name, one in found.estimates.items()
        ]
    return pa.Table.from_pylist(rows, schema=TABLES["retrieval_metrics"].schema)


def query_slices(
    survey: Survey, tags: Mapping[str, Mapping[str, str]], limits: SliceLimits
) -> Iterator[tuple[str, np.ndarray]]:
    """All queries, then those of every value of a tag that enough queries with a match have.

    Parameters
    ----------
    survey
        Ranked candidates of one direction.
    tags, limits
        As of `metric_table`.

    Yields
    ------
    tuple of str and Boolean array
        Name of the slice, and which queries are in it.
    """
    own = [tags.get(query, {}) for query in survey.pool.query_ids]
    for name, queries in named_slices(tag_slices(own, own, limits.values), len(own)):
        n_matched = int((queries & (survey.best_rank > 0)).sum())
        if name == ALL or n_matched >= max(limits.pairs, limits.items):
            yield name, queries


def hub_table(survey: Survey, direction: str) -> pa.Table:
    """Rows of the largest hubs.

    Parameters
    ----------
    survey
        Ranked candidates of one direction.
    direction
        One of ``DIRECTIONS``.

    Returns
    -------
    pa.Table
        Rows of the table ``hub_candidates``, ranks from 1.
    """
    hubs = largest_hubs(survey, np.ones(len(survey.pool.query_ids), dtype=bool), HUBS_KEPT)
    return pa.table(
        {
            "direction": [direction] * len(hubs.candidates),
            "rank": np.arange(1, len(hubs.candidates) + 1, dtype=np.int32),
            "candidate_id": [survey.pool.candidate_ids[i] for i in hubs.candidates],
            "k_occurrence": hubs.k_occurrence.astype(np.int32),
            "expected": [hubs.expected] * len(hubs.candidates),
        }
    )


def pair_tables(
    pairs: SelectedPairs, left: MatchSide, right: MatchSide, assigned: Mapping[str, int]
) -> list[pa.Table]:
    """One table per pair block, so that a fit task opens only its own part.

    Parameters
    ----------
    pairs
        Selected pairs.
    left, right
        Items of each side.
    assigned
        Pair block by pair id.

    Returns
    -------
    list[pa.Table]
        Rows of ``pairs``, in the order of the blocks.
    """
    blocks = np.asarray([assigned[name] for name in pairs.pair_ids], dtype=np.int32)
    table = pa.table(
        {
            "pair_id": list(pairs.pair_ids),
            "block": blocks,
            "left_id": [left.ids[i] for i in pairs.left],
            "right_id": [right.ids[j] for j in pairs.right],
            "left_modality": [left.modality.value] * len(pairs.pair_ids),
            "right_modality": [right.modality.value] * len(pairs.pair_ids),
            "relation": [relation.value for relation in pairs.relations],
            "is_positive": pairs.is_positive,
            "is_error": pairs.is_error,
            "is_retrieved": pairs.is_retrieved,
            "rank_left_to_right": pairs.rank_left_to_right.astype(np.int32),
            "rank_right_to_left": pairs.rank_right_to_left.astype(np.int32),
            "score": pairs.scores,
        }
    )
    return [table.filter(pa.array(blocks == block)) for block in np.unique(blocks)]
