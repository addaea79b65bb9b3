"""Ranking by joint effect beside the ranking by score: best candidates under both, each with both ranks."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.survey import Survey, survey_direction
from ilime_core.retrieval.tiles import Ranking, Tile

__all__ = ["JointRanks", "KeptCandidates", "joint_pool", "joint_ranks"]


@dataclass(frozen=True, slots=True, eq=False)
class KeptCandidates:
    """Best candidates of every query under one order, with their values and ranks under both.

    Where a query has fewer candidates, candidates are padded with -1, ranks with 0 and values with NaN.

    Attributes
    ----------
    candidates
        Indices into the pool, best first.
    scores, joint_effects
        Rounded as they are ranked.
    score_ranks, joint_ranks
        Ranks among all candidates of the query, from 1.
    """

    candidates: Int64[np.ndarray, "queries top"]
    scores: Float32[np.ndarray, "queries top"]
    joint_effects: Float32[np.ndarray, "queries top"]
    score_ranks: Int64[np.ndarray, "queries top"]
    joint_ranks: Int64[np.ndarray, "queries top"]


@dataclass(frozen=True, slots=True, eq=False)
class JointRanks:
    """One direction of retrieval, ranked by score and by joint effect.

    Attributes
    ----------
    by_score, by_joint
        Surveys under either order: their best candidates, the ranks of relevant ones, recalls.
    best_by_score, best_by_joint
        The best candidates with both ranks.
    spearman
        Rank correlation of the two orders over all candidates of a query; NaN with fewer than two.
    """

    by_score: Survey
    by_joint: Survey
    best_by_score: KeptCandidates
    best_by_joint: KeptCandidates
    spearman: Float64[np.ndarray, " queries"]


def joint_pool(
    scores: Pool, queries: Float[Tensor, "queries dim"], candidates: Float[Tensor, "candidates dim"]
) -> Pool:
    """Pool of the same items whose scores are joint effects.

    Parameters
    ----------
    scores
        Pool of whole items.
    queries, candidates
        Sum of the effects of each item (`RaggedEffects.sums`): the sum of all cells of W is the inner
        product of the two sums, so that ranking every pair takes no W.

    Returns
    -------
    Pool
        With the ids of ``scores``.
    """
    return replace(scores, queries=queries, candidates=candidates)


def joint_ranks(
    scores: Pool, joint: Pool, relevance: Int64[np.ndarray, "pairs 2"], *, top_k: int
) -> JointRanks:
    """Rank all candidates of every query by score and by joint effect.

    Both orders follow the rule of rankings: values are rounded to six decimals, and equal ones are ordered
    by candidate id. A query is no candidate for itself. The other direction is that of `Pool.reversed`.

    Parameters
    ----------
    scores, joint
        Pools of the same items (`joint_pool`).
    relevance
        Distinct (query, candidate) index pairs that match.
    top_k
        Candidates to keep under either order.

    Returns
    -------
    JointRanks
        Of this direction.

    Raises
    ------
    InputError
        If the pools hold different items, or as for `survey_direction`.

    Notes
    -----
    Two passes of tiles of bounded memory: the first finds the best candidates under each order, the second
    counts for each of them the candidates that the other order ranks before it. It needs about 160 bytes
    for each of `Pool.tile_scores`.
    """
    if (scores.query_ids, scores.candidate_ids) != (joint.query_ids, joint.candidate_ids):
        raise InputError("scores and joint effects must be of the same queries and candidates.")
    if scores.tile_scores != joint.tile_scores:
        raise InputError(f"tiles of one size are needed, got {scores.tile_scores} and {joint.tile_scores}.")
    by_score, by_joint = (survey_direction(pool, relevance, top_k=top_k) for pool in (scores, joint))
    joint_of, score_of = _Found.like(by_score.top), _Found.like(by_joint.top)
    spearman = np.full(len(scores.query_ids), np.nan)
    for score_tile, joint_tile in zip(Tile.over(scores), Tile.over(joint), strict=True):
        joint_of.fill(by_score.top, scores, joint_tile)
        score_of.fill(by_joint.top, scores, score_tile)
        spearman[score_tile.start : score_tile.stop] = _spearman(score_tile, joint_tile, scores)
    own_score, own_joint = _own_ranks(by_score.top), _own_ranks(by_joint.top)
    top, other = by_score.top, by_joint.top
    return JointRanks(
        by_score,
        by_joint,
        KeptCandidates(top.candidates, top.scores, joint_of.values, own_score, joint_of.ranks),
        KeptCandidates(other.candidates, score_of.values, other.scores, score_of.ranks, own_joint),
        spearman,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Ranks and values of kept candidates under the other order, filled tile by tile."""

    ranks: Int64[np.ndarray, "queries top"]
    values: Float32[np.ndarray, "queries top"]

    @classmethod
    def like(cls, top: Ranking) -> "_Found":
        shape = top.candidates.shape
        return cls(np.zeros(shape, dtype=np.int64), np.full(shape, np.nan, dtype=np.float32))

    def fill(self, top: Ranking, pool: Pool, tile: Tile) -> None:
        candidates = top.candidates[tile.start : tile.stop]
        row, column = np.nonzero(candidates >= 0)
        ranked = tile.ranks(row, pool.places[candidates[row, column]], pool.tile_scores)
        self.ranks[tile.start + row, column] = ranked.ranks
        self.values[tile.start + row, column] = ranked.scores


def _own_ranks(top: Ranking) -> Int64[np.ndarray, "queries top"]:
    return np.where(top.candidates >= 0, np.arange(1, top.candidates.shape[1] + 1), 0)


def _spearman(score: Tile, joint: Tile, pool: Pool) -> Float64[np.ndarray, " rows"]:
    """Rank correlation of two orders of the same candidates; their keys are distinct, so nothing is tied."""
    in_score = score.keys.argsort(dim=1, descending=True)
    in_joint = joint.keys.gather(1, in_score).argsort(dim=1, descending=True)
    place = torch.arange(in_joint.shape[1], device=in_joint.device)
    # A query itself is last in both orders, and adds nothing.
    squares = (in_joint - place).square_().sum(dim=1).cpu().numpy().astype(np.float64)
    own = pool.own_place[score.start : score.stop]
    n = in_joint.shape[1] - (own >= 0)
    return 1 - 6 * squares / np.where(n > 1, n * (n**2.0 - 1), np.nan)
