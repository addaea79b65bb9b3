"""Differences that follow from scores which lie closer together than a device can tell apart."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.retrieval.tied_scores import tied_candidates
from tasks.comparison.tolerances import TIE

__all__ = ["Ties", "find_ties"]

_DIRECTIONS = ("left_to_right", "right_to_left")


@dataclass(frozen=True, slots=True, eq=False)
class ModalityPool:
    """Unit-norm embeddings of the items of one modality."""

    place: Mapping[str, int]
    embeddings: np.ndarray


@dataclass(slots=True, eq=False)
class Ties:
    """Pairs, items and queries that may differ between two runs because scores are tied."""

    pools: dict[str, ModalityPool]
    modality: dict[str, str]
    pairs: set[str] = field(default_factory=set)
    """Pairs of one run only, in the place of one whose score is tied."""
    items: set[str] = field(default_factory=set)
    """Items of those pairs."""
    queries: set[tuple[str, str]] = field(default_factory=set)
    """Queries with direction whose wrong candidate, or failure, hangs on a tie."""
    contests: set[tuple[str, ...]] = field(default_factory=set)
    """Contrasts that a tie has decided otherwise: edit, direction and both pairs."""
    swapped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_DIRECTIONS, 0))
    """Queries whose ranked candidates differ, by direction."""
    shift: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_DIRECTIONS, 0))
    """Largest excused difference of a rank, by direction."""

    def neighbours(self, query: str, score: float, candidate: str) -> int:
        """Other candidates of the first run whose score for a query is tied with a given one.

        Parameters
        ----------
        query
            Item id of the query.
        score
            Score that others are held against.
        candidate
            Item id of the candidate with that score; it is not counted.

        Returns
        -------
        int
            Number of tied candidates; 0 where the run has no embeddings of them.
        """
        pool = self.pools.get(self.modality.get(candidate, ""))
        vector = self._embedding(query)
        if pool is None or vector is None:
            return 0
        return int(tied_candidates(vector, pool.embeddings, score, TIE).sum()) - 1

    def is_tied(self, query: str, candidate: str, score: float) -> bool:
        """True if the first run gives a candidate a score that is tied with a given one.

        Parameters
        ----------
        query, candidate
            Item ids.
        score
            Score of the second run.

        Returns
        -------
        bool
            False where the first run has no embedding of one of them.
        """
        one, other = self._embedding(query), self._embedding(candidate)
        if one is None or other is None:
            return False
        return bool(tied_candidates(one, other[None], score, TIE)[0])

    def _embedding(self, item: str) -> np.ndarray | None:
        pool = self.pools.get(self.modality.get(item, ""))
        return None if pool is None or item not in pool.place else pool.embeddings[pool.place[item]]


def find_ties(first: Mapping[str, pa.Table], second: Mapping[str, pa.Table]) -> Ties:
    """Look for tied scores behind different rankings, pairs and margins.

    Parameters
    ----------
    first, second
        Tables ``items``, ``rankings``, ``pairs`` and ``margins`` of the two runs.

    Returns
    -------
    Ties
        Everything that the ties excuse.
    """
    ties = Ties(*_pools(first["items"]))
    _swapped_queries(ties, first["rankings"], second["rankings"])
    _tied_pairs(ties, first["pairs"], second["pairs"])
    _tied_margins(ties, first, second)
    return ties


def _pools(items: pa.Table) -> tuple[dict[str, ModalityPool], dict[str, str]]:
    pools: dict[str, ModalityPool] = {}
    modality = dict(zip(items["item_id"].to_pylist(), items["modality"].to_pylist(), strict=True))
    for kind in set(modality.values()):
        rows = items.filter(pc.and_(pc.equal(items["modality"], kind), pc.is_valid(items["embedding"])))
        if rows.num_rows:
            ids = rows["item_id"].to_pylist()
            values = pc.list_flatten(rows["embedding"]).to_numpy().reshape(len(ids), -1)
            pools[kind] = ModalityPool({item: row for row, item in enumerate(ids)}, values.astype(np.float64))
    return pools, modality


def _swapped_queries(ties: Ties, first: pa.Table, second: pa.Table) -> None:
    key = ["query_id", "direction", "rank", "candidate_id"]
    for direction in ties.swapped:
        sides = [side.filter(pc.equal(side["direction"], direction)).select(key) for side in (first, second)]
        odd = sides[0].join(sides[1], keys=key, join_type="left anti")
        ties.swapped[direction] = len(pc.unique(odd["query_id"]))


def _tied_pairs(ties: Ties, first: pa.Table, second: pa.Table) -> None:
    columns = ["pair_id", "left_id", "right_id", "score"]
    only = [
        a.select(columns).join(b.select(["pair_id"]), keys="pair_id", join_type="left anti").to_pylist()
        for a, b in ((first, second), (second, first))
    ]
    for rows, others in (only, only[::-1]):
        scores: dict[str, list[float]] = {}
        for other in others:
            for item in (other["left_id"], other["right_id"]):
                scores.setdefault(item, []).append(other["score"])
        for row in rows:
            rivals = scores.get(row["left_id"], []) + scores.get(row["right_id"], [])
            if any(abs(row["score"] - score) <= TIE for score in rivals):
                ties.pairs.add(row["pair_id"])
                ties.items |= {row["left_id"], row["right_id"]}


def _tied_margins(ties: Ties, first: Mapping[str, pa.Table], second: Mapping[str, pa.Table]) -> None:
    sides = [
        {
            (row["query_id"], row["direction"]): row
            for row in side["margins"].to_pylist()
            if row["reason"] == "error"  # no other candidates are chosen by their scores
        }
        for side in (first, second)
    ]
    scores: dict[str, float] = {}
    for side in (first, second):
        scores |= zip(side["pairs"]["pair_id"].to_pylist(), side["pairs"]["score"].to_pylist(), strict=True)
    for key in sides[0].keys() | sides[1].keys():
        a, b = (side.get(key) for side in sides)
        if a is None or b is None:
            lone = a or b
            if lone is not None and abs(lone["margin"]) <= TIE:
                ties.queries.add(key)
            continue
        names = [name for name in ("correct_pair_id", "wrong_pair_id") if a[name] != b[name]]
        if names and all(
            abs(scores.get(a[name], np.inf) - scores.get(b[name], 0.0)) <= TIE for name in names
        ):
            ties.queries.add(key)
