"""Queries of two runs: at which rank each finds its answer, and how much of the margin is lost."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Bool, Float, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tasks.model_comparison.common_pairs import DIRECTIONS, reals
from tasks.run_files.plan import open_run_plan
from tasks.runs.run import Run

__all__ = ["CommonQueries", "common_queries"]


@dataclass(frozen=True, slots=True, eq=False)
class CommonQueries:
    """Queries of one direction that both runs have asked and that have an answer.

    Attributes
    ----------
    best
        Rank of the best relevant candidate in A and B; infinite where it is not among the stored ones.
    margins
        Score of the best relevant candidate minus that of the best wrong one, where a run has explained it;
        NaN elsewhere.
    groups
        Number of each query's group: queries that answers connect, like the captions of a photograph.
    n_queries
        Queries with an answer in A and B.
    """

    query_ids: Sequence[str]
    best: tuple[Float[np.ndarray, " queries"], Float[np.ndarray, " queries"]]
    margins: tuple[Float[np.ndarray, " queries"], Float[np.ndarray, " queries"]]
    groups: Int64[np.ndarray, " queries"]
    n_queries: tuple[int, int]

    def succeeds(self, run: int, k: int) -> Bool[np.ndarray, " queries"]:
        """Mark queries with a relevant candidate among the first ``k``.

        Parameters
        ----------
        run
            0 for A, 1 for B.
        k
            Number of candidates, at most 10.

        Returns
        -------
        Bool array
            One entry per query.
        """
        return self.best[run] <= k


def common_queries(a: Run, b: Run, estimator: str) -> dict[str, CommonQueries]:
    """Find the queries that both runs have asked.

    Parameters
    ----------
    a, b
        Finished runs.
    estimator
        Whose margins are read.

    Returns
    -------
    dict of str to CommonQueries
        By direction.
    """
    answers = [_Answers(run) for run in (a, b)]
    return {direction: _of_direction(a, b, answers, estimator, direction) for direction in DIRECTIONS}


class _Answers:
    """Which items of a run answer each other, as its corpus says."""

    def __init__(self, run: Run) -> None:
        items = run.table("items", ["item_id", "entry", "same_entries"]).to_pylist()
        ids = {
            entry: row["item_id"] for row in items for entry in (row["entry"], *(row["same_entries"] or ()))
        }
        matches = open_run_plan(run.root, run.run_id).relevance
        edges = {
            (ids[left], ids[right])
            for left, right in zip(matches["left"].to_pylist(), matches["right"].to_pylist(), strict=True)
            if left in ids and right in ids and ids[left] != ids[right]
        }
        self.queries: dict[str, set[str]] = dict(
            zip(DIRECTIONS, ({one for one, _ in edges}, {one for _, one in edges}), strict=True)
        )
        self.groups = _connected(sorted(edges))


def _connected(edges: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    names = sorted({name for edge in edges for name in edge})
    place = {name: number for number, name in enumerate(names)}
    rows, columns = (np.array([place[edge[end]] for edge in edges], dtype=np.int64) for end in range(2))
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(names), len(names)))
    _, groups = connected_components(graph, directed=False)
    return dict(zip(names, groups.tolist(), strict=True))


def _of_direction(
    a: Run, b: Run, answers: Sequence[_Answers], estimator: str, direction: str
) -> CommonQueries:
    asked = [_best(run, direction, own.queries[direction]) for run, own in zip((a, b), answers, strict=True)]
    ids = sorted(asked[0].keys() & asked[1].keys())
    first, second = (np.array([own[query] for query in ids], dtype=np.float64) for own in asked)
    margins = [_margins(run, estimator, direction) for run in (a, b)]
    one, other = (np.array([own.get(query, np.nan) for query in ids], dtype=np.float64) for own in margins)
    return CommonQueries(
        query_ids=ids,
        best=(first, second),
        margins=(one, other),
        groups=np.array([answers[0].groups[query] for query in ids], dtype=np.int64),
        n_queries=(len(asked[0]), len(asked[1])),
    )


def _best(run: Run, direction: str, queries: set[str]) -> dict[str, float]:
    """Rank of the best relevant candidate of each query that has one."""
    rows = run.table("rankings", ["query_id", "rank", "relevant"], pc.field("direction") == direction)
    known = dict.fromkeys(set(pc.unique(rows["query_id"]).to_pylist()) & queries, np.inf)
    found = rows.filter(rows["relevant"]).group_by("query_id").aggregate([("rank", "min")])
    return known | dict(zip(found["query_id"].to_pylist(), found["rank_min"].to_pylist(), strict=True))


def _margins(run: Run, estimator: str, direction: str) -> dict[str, float]:
    wanted = (pc.field("direction") == direction) & (pc.field("estimator") == estimator)
    rows: pa.Table = run.table("margins", ["query_id", "margin"], wanted)
    return dict(zip(rows["query_id"].to_pylist(), reals(rows, "margin").tolist(), strict=True))
