"""The whole items of a side, as candidates for items of the other side."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from tasks.run_files.committed import committed, read_rows
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.tables.row_filters import among
from tasks.tables.tensors import vectors

__all__ = ["CandidatePool", "candidate_pool"]


@dataclass(frozen=True, slots=True, eq=False)
class CandidatePool:
    """Every usable item of one side.

    Attributes
    ----------
    ids, places
        Items in the order of their ids, and the position of each.
    embeddings
        Of whole items, in float64.
    matching
        Items of this side that the corpus calls a match, by item of the other side.
    """

    ids: tuple[str, ...]
    places: Mapping[str, int]
    embeddings: Tensor
    matching: Mapping[str, AbstractSet[str]]

    def matches(self, query_id: str) -> tuple[int, ...]:
        """Positions of the items that match an item of the other side; it is no match of itself."""
        names = self.matching.get(query_id, frozenset()) - {query_id}
        return tuple(sorted(self.places[name] for name in names))

    def wrong(self, query_id: str, query: Tensor, answer_id: str, count: int) -> Tensor:
        """Embeddings of the best candidates that are neither a match, nor the answer, nor the query.

        Parameters
        ----------
        query_id
            Item id of the query.
        query
            Its embedding.
        answer_id
            Item that is explained as the answer.
        count
            Most candidates to return.

        Returns
        -------
        Tensor
            Rows of `embeddings`, best first; fewer than ``count`` in a small pool.
        """
        scores = self.embeddings @ query.double()
        out = {*self.matching.get(query_id, ()), answer_id, query_id}
        places = [self.places[name] for name in out if name in self.places]
        scores[places] = -torch.inf
        n_left = len(self.ids) - len(places)
        return self.embeddings[scores.topk(min(count, n_left)).indices]


def candidate_pool(run: OpenRun, side: str) -> CandidatePool:
    """Candidates of a side; read once per process.

    Parameters
    ----------
    run
        Opened plan of the run.
    side
        ``left`` or ``right``: where candidates come from.

    Returns
    -------
    CandidatePool
        All usable items of the side.
    """
    return _read(run.root, run.run_id, side)


@lru_cache(maxsize=2)
def _read(root: str, run_id: str, side: str) -> CandidatePool:
    run = open_run_plan(root, run_id)
    commits = committed(run.storage, run_id, "embed").values()
    columns = ["item_id", "entry", "same_entries", "embedding"]
    items = read_rows(run.storage, commits, "items", columns)
    ids = _ids_by_entry(items)
    on_side = set(run.manifest.filter(pc.field(side)).column("entry").to_pylist())
    held = {name for entry, name in ids.items() if entry in on_side}
    mine = items.filter(among("item_id", held)).sort_by("item_id")
    matching: dict[str, set[str]] = defaultdict(set)
    other = "right" if side == "left" else "left"
    for own, query in zip(run.relevance[side].to_pylist(), run.relevance[other].to_pylist(), strict=True):
        if own in ids and query in ids:
            matching[ids[query]].add(ids[own])
    names = tuple(mine["item_id"].to_pylist())
    places = {name: place for place, name in enumerate(names)}
    return CandidatePool(names, places, vectors(mine["embedding"]).double(), dict(matching))


def _ids_by_entry(items: pa.Table) -> dict[int, str]:
    """Item of every row of the manifest that is usable; equal contents are one item."""
    return {
        entry: row["item_id"]
        for row in items.select(["item_id", "entry", "same_entries"]).to_pylist()
        for entry in (row["entry"], *(row["same_entries"] or ()))
    }
