"""Rank of the right candidate as each segment of the query is removed alone."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64
from torch import Tensor

from ilime_core.retrieval.tiles import SCORE_DECIMALS
from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.registry import SelectionOptions
from ilime_core.selection.search import RemovalRank, Search, Selection, coalitions

__all__ = ["RemovalRanks", "make_removal_ranks", "ranked_match"]

_ROWS = 256
"""Rows whose scores against the whole pool are held at once."""


@dataclass(frozen=True, slots=True)
class RemovalRanks:
    """Remove one segment at a time and rank the whole pool again.

    The right candidate is the best of those that the corpus calls a match of the item: R@k counts it.
    """

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct rows of an item; without its only segment it is the empty one, which is known."""
        return n_segments - (n_segments == 1)

    def search(self, question: SubsetQuestion) -> Search:
        """Ask for all removals at once."""
        before = question.first()
        if not question.matching:
            return Selection(before, reason="the corpus has no match of the item")
        answer = yield coalitions(~np.eye(question.n_segments, dtype=bool))
        whole = ranked_match(question, question.full[None])[0]
        return Selection(before, ranks=(whole, *ranked_match(question, answer.embeddings)))


def make_removal_ranks(options: SelectionOptions) -> RemovalRanks:
    """Return the selection; it has no settings."""
    del options
    return RemovalRanks()


def ranked_match(question: SubsetQuestion, embeddings: Float[Tensor, "rows dim"]) -> list[RemovalRank]:
    """Best match of the pool, and the best candidate that is none, for some embeddings of the item.

    Scores are rounded and ties ordered by place, as in rankings, whose pools are in the order of the ids.

    Parameters
    ----------
    question
        Read are its pool, the item's own place and the places of its matches, at least one.
    embeddings
        Embeddings of the item with some segments removed.

    Returns
    -------
    list of RemovalRank
        One per row of ``embeddings``.
    """
    matches = np.unique(np.asarray(question.matching, dtype=np.int64))  # of tied ones the first
    found: list[RemovalRank] = []
    for start in range(0, len(embeddings), _ROWS):
        scores = question.pool_scores(embeddings[start : start + _ROWS]).mul(10**SCORE_DECIMALS).round()
        found += [_ranked(row, matches) for row in scores.cpu().numpy()]
    return found


def _ranked(scores: Float[np.ndarray, " pool"], matches: Int64[np.ndarray, " matches"]) -> RemovalRank:
    best = int(matches[np.argmax(scores[matches])])
    others = scores.copy()
    others[matches] = -np.inf
    wrong = int(np.argmax(others))
    ahead = np.count_nonzero(scores > scores[best]) + np.count_nonzero(scores[:best] == scores[best])
    exists = bool(np.isfinite(others[wrong]))
    return RemovalRank(
        rank=int(ahead) + 1,
        match=best,
        score=float(scores[best]) / 10**SCORE_DECIMALS,
        wrong=wrong if exists else None,
        wrong_score=float(others[wrong]) / 10**SCORE_DECIMALS if exists else None,
    )
