"""Pool of queries and candidates."""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["TILE_SCORES", "Pool"]

TILE_SCORES = 2**22
"""Scores held at once; a tile takes about 40 bytes for each of them and always holds at least one query."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Queries and the candidates that are ranked for them.

    An id that is on both sides is the same item: it is no candidate for itself.

    Attributes
    ----------
    queries, candidates
        Unit-norm embeddings on one device; scores are their inner products in float32.
    query_ids, candidate_ids
        Unique within a side.
    tile_scores
        Bound of memory, see `TILE_SCORES`. It decides how many queries one matrix product takes.

    Raises
    ------
    InputError
        If counts do not agree, an id repeats, there is no candidate, or an embedding is not finite.
    """

    queries: Float[Tensor, "queries dim"]
    candidates: Float[Tensor, "candidates dim"]
    query_ids: tuple[str, ...]
    candidate_ids: tuple[str, ...]
    tile_scores: int = TILE_SCORES
    by_id: Int64[np.ndarray, " candidates"] = field(init=False, repr=False)
    """Candidates in the order of their ids."""
    places: Int64[np.ndarray, " candidates"] = field(init=False, repr=False)
    """Place of each candidate in that order."""
    own_place: Int64[np.ndarray, " queries"] = field(init=False, repr=False)
    """Place of each query in that order; -1 where it is no candidate."""

    def __post_init__(self) -> None:
        _check_side("query", self.queries, self.query_ids)
        _check_side("candidate", self.candidates, self.candidate_ids)
        if not self.candidate_ids:
            raise InputError("a pool needs at least one candidate, got none.")
        if self.tile_scores < 1:
            raise InputError(f"tile_scores must be at least 1, got {self.tile_scores}.")
        by_id = np.argsort(np.asarray(self.candidate_ids), kind="stable").astype(np.int64)
        places = np.empty_like(by_id)
        places[by_id] = np.arange(len(by_id))
        place_of = dict(zip(self.candidate_ids, places.tolist(), strict=True))
        own_place = [place_of.get(name, -1) for name in self.query_ids]
        object.__setattr__(self, "by_id", by_id)
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "own_place", np.asarray(own_place, dtype=np.int64))

    def reversed(self) -> "Pool":
        """Return the other direction, with queries and candidates exchanged."""
        return Pool(self.candidates, self.queries, self.candidate_ids, self.query_ids, self.tile_scores)


def _check_side(side: str, embeddings: Tensor, ids: tuple[str, ...]) -> None:
    if embeddings.shape[0] != len(ids):
        raise InputError(
            f"every {side} needs one id: got {embeddings.shape[0]} embeddings and {len(ids)} ids."
        )
    if len(set(ids)) != len(ids):
        raise InputError(f"{side} ids must be unique: {len(ids) - len(set(ids))} of {len(ids)} repeat.")
    if not bool(torch.isfinite(embeddings).all()):
        raise InputError(f"{side} embeddings must be finite; leave failed items out of the pool.")
