"""Tiles of the score matrix as integer keys, whose order includes the tie rule."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from ilime_core.retrieval.pool import Pool

__all__ = ["SCORE_DECIMALS", "RankedPairs", "Ranking", "Tile"]

SCORE_DECIMALS = 6
"""Decimals that scores are rounded to before comparison: further ones of float32 depend on the machine."""

_SCALE = 10**SCORE_DECIMALS
_BARRED = torch.iinfo(torch.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Best candidates of every query, best first; -1 and NaN pad where fewer candidates were allowed."""

    candidates: Int64[np.ndarray, "queries top"]
    scores: Float32[np.ndarray, "queries top"]


@dataclass(frozen=True, slots=True, eq=False)
class RankedPairs:
    """Ranks of given candidates among all candidates of their query, from 1 (best), with rounded scores."""

    ranks: Int64[np.ndarray, " pairs"]
    scores: Float32[np.ndarray, " pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Distinct keys of some queries (rows) and all candidates in id order: a larger key ranks first."""

    start: int
    keys: Int64[Tensor, "rows candidates"]

    @classmethod
    def over(cls, pool: Pool) -> Iterator["Tile"]:
        """Iterate over all queries, `Pool.tile_scores` scores at a time; no query is its own candidate."""
        candidates = pool.candidates.float()
        by_id = torch.as_tensor(pool.by_id, device=candidates.device)
        own = torch.as_tensor(pool.own_place, device=candidates.device)
        n_queries, n_candidates = len(pool.query_ids), len(pool.candidate_ids)
        place = torch.arange(n_candidates, device=candidates.device)
        height = max(1, pool.tile_scores // n_candidates)
        for start in range(0, n_queries, height):
            scores = pool.queries[start : start + height].float() @ candidates.T
            scores = scores.index_select(1, by_id)  # of the scores, so that embeddings are in memory once
            keys = scores.mul_(_SCALE).round_().long().mul_(n_candidates).sub_(place)
            rows = torch.nonzero(own[start : start + height] >= 0).squeeze(1)
            keys[rows, own[start : start + height][rows]] = _BARRED
            yield cls(start, keys)

    @property
    def stop(self) -> int:
        """One past the last query."""
        return self.start + self.keys.shape[0]

    def without(self, rows: Int64[np.ndarray, " pairs"], places: Int64[np.ndarray, " pairs"]) -> "Tile":
        """Return the tile with some candidates excluded.

        Parameters
        ----------
        rows
            Rows of the tile.
        places
            Place of each excluded candidate in id order.

        Returns
        -------
        Tile
            A copy.
        """
        keys = self.keys.clone()
        device = keys.device
        keys[torch.as_tensor(rows, device=device), torch.as_tensor(places, device=device)] = _BARRED
        return Tile(self.start, keys)

    def best(self, pool: Pool, top_k: int) -> Ranking:
        """Return the ``top_k`` best candidates of every row.

        Parameters
        ----------
        pool
            Pool that the tile is cut from.
        top_k
            Candidates to keep of every row.

        Returns
        -------
        Ranking
            Padded with -1 and NaN where fewer candidates are allowed.
        """
        n_candidates = self.keys.shape[1]
        keys = torch.topk(self.keys, min(top_k, n_candidates), dim=1).values.cpu().numpy()
        millionths = -(-keys // n_candidates)
        candidates = pool.by_id[np.where(keys == _BARRED, 0, millionths * n_candidates - keys)]
        return Ranking(
            np.where(keys == _BARRED, -1, candidates),
            np.where(keys == _BARRED, np.nan, millionths / _SCALE).astype(np.float32),
        )

    def ranks(
        self, rows: Int64[np.ndarray, " pairs"], places: Int64[np.ndarray, " pairs"], at_once: int
    ) -> RankedPairs:
        """Rank candidates at given places.

        Parameters
        ----------
        rows
            Rows of the tile.
        places
            Place of each candidate in id order.
        at_once
            Keys to compare at a time, which bounds the memory.

        Returns
        -------
        RankedPairs
            In the order of ``rows``.
        """
        n_candidates = self.keys.shape[1]
        device = self.keys.device
        row, place = torch.as_tensor(rows, device=device), torch.as_tensor(places, device=device)
        own = self.keys[row, place]
        height = max(1, at_once // n_candidates)
        better = [
            (self.keys[row[i : i + height]] > own[i : i + height, None]).sum(dim=1)
            for i in range(0, len(rows), height)
        ]
        ranks = torch.cat(better) + 1 if better else own
        scores = -(-own.cpu().numpy() // n_candidates) / _SCALE
        return RankedPairs(ranks.cpu().numpy(), scores.astype(np.float32))
