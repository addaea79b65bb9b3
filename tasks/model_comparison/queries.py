"""Queries of two runs: at which rank each finds its answer, and how much of the margin is lost."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections import Counter
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
        Rank of the best answer in A and B among the candidates that both have: a corpus that has grown makes
        no model worse. Infinite where it is not among the stored ones.
    margins
        Score of the best relevant candidate minus that of the best wrong one, where the query failed and the
        run has explained it; NaN elsewhere.
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
    """Find the queries that both runs have asked, with an answer that both have.

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
    corpora = [_Corpus(run) for run in (a, b)]
    return {
        direction: _of_direction((a, b), corpora, estimator, end) for end, direction in enumerate(DIRECTIONS)
    }


class _Corpus:
    """Items of a run, and which of them answer each other."""

    def __init__(self, run: Run) -> None:
        items = run.table("items", ["item_id", "entry", "same_entries"]).to_pylist()
        ids = {
            entry: row["item_id"] for row in items for entry in (row["entry"], *(row["same_entries"] or ()))
        }
        matches = open_run_plan(run.root, run.run_id).relevance
        self.items = set(ids.values())
        self.answers: set[tuple[str, str]] = {
            (ids[left], ids[right])
            for left, right in zip(matches["left"].to_pylist(), matches["right"].to_pylist(), strict=True)
            if left in ids and right in ids and ids[left] != ids[right]
        }


def _connected(edges: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    if not edges:
        return {}
    names = sorted({name for edge in edges for name in edge})
    place = {name: number for number, name in enumerate(names)}
    rows, columns = (np.array([place[edge[end]] for edge in edges], dtype=np.int64) for end in range(2))
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(names), len(names)))
    _, groups = connected_components(graph, directed=False)
    return dict(zip(names, groups.tolist(), strict=True))


def _of_direction(
    runs: tuple[Run, Run], corpora: Sequence[_Corpus], estimator: str, end: int
) -> CommonQueries:
    """Queries of the left side (``end`` 0) or of the right one."""
    first, second = corpora
    items, answers = first.items & second.items, first.answers & second.answers
    groups = _connected(sorted(answers))
    candidates: dict[str, set[str]] = {}
    for pair in answers:
        candidates.setdefault(pair[end], set()).add(pair[1 - end])
    ids = sorted(candidates)
    ranks = [_best(run, DIRECTIONS[end], candidates, items) for run in runs]
    margins = [_margins(run, estimator, DIRECTIONS[end]) for run in runs]
    best = [np.array([own.get(query, np.inf) for query in ids], dtype=np.float64) for own in ranks]
    lost = [np.array([own.get(query, np.nan) for query in ids], dtype=np.float64) for own in margins]
    n_first, n_second = (len({pair[end] for pair in own.answers}) for own in corpora)
    return CommonQueries(
        query_ids=ids,
        best=(best[0], best[1]),
        margins=(lost[0], lost[1]),
        groups=np.array([groups[query] for query in ids], dtype=np.int64),
        n_queries=(n_first, n_second),
    )


def _best(run: Run, direction: str, answers: Mapping[str, set[str]], items: set[str]) -> dict[str, float]:
    """Rank of the best answer of each query among the candidates that both runs have."""
    columns = ["query_id", "rank", "candidate_id"]
    rows = run.table("rankings", columns, pc.field("direction") == direction)
    rows = rows.sort_by([("query_id", "ascending"), ("rank", "ascending")])
    found: dict[str, float] = {}
    before: Counter[str] = Counter()
    for query, candidate in zip(rows["query_id"].to_pylist(), rows["candidate_id"].to_pylist(), strict=True):
        if candidate in items:
            before[query] += 1
            if candidate in answers.get(query, ()):
                found.setdefault(query, float(before[query]))
    return found


def _margins(run: Run, estimator: str, direction: str) -> dict[str, float]:
    of_errors = (pc.field("direction") == direction) & (pc.field("reason") == "error")
    wanted = of_errors & (pc.field("estimator") == estimator)  # contrasts have margins, too
    rows: pa.Table = run.table("margins", ["query_id", "margin"], wanted)
    return dict(zip(rows["query_id"].to_pylist(), reals(rows, "margin").tolist(), strict=True))
