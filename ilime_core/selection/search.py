"""Exchange between a selection and its encoder: it requests rows and receives their embeddings."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.selection.fade_curves import FadeCurve
from ilime_core.selection.submodular import SubsetScore

__all__ = [
    "Answer",
    "RemovalRank",
    "Request",
    "Search",
    "Selection",
    "SelectionStep",
    "coalitions",
]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Rows of one item to encode.

    Attributes
    ----------
    masks
        True keeps the segment.
    levels
        How much of what a row removes is there all the same: 0 leaves the baseline alone, 1 would be the
        whole segment.

    Raises
    ------
    InputError
        If there is not one level from [0, 1) for each row.
    """

    masks: Bool[np.ndarray, "rows segments"]
    levels: Float[np.ndarray, " levels"]

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.masks) or not ((self.levels >= 0) & (self.levels < 1)).all():
            raise InputError(
                f"{len(self.masks)} rows need as many levels from 0 to below 1, got {self.levels.tolist()}."
            )


def coalitions(masks: Bool[np.ndarray, "rows segments"]) -> Request:
    """Ask for coalitions: what is removed is gone wholly."""
    return Request(masks, np.zeros(len(masks)))


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Embeddings of the rows that were asked for.

    Attributes
    ----------
    embeddings
        One for each row, in float64.
    n_encodes
        Distinct rows that this search has asked for so far; the empty and the full item are free.
    """

    embeddings: Float[Tensor, "rows dim"]
    n_encodes: int


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """The state after a segment was chosen; ``segment`` is None of the state before the first one.

    Attributes
    ----------
    score
        Of the pair in this state.
    margin, top
        Of the pool's first best candidate in this state, see `Lead`.
    parts
        What was maximised; None where nothing was.
    n_encodes
        Distinct rows asked for so far.
    """

    segment: int | None
    score: float
    margin: float
    top: int
    parts: SubsetScore | None
    n_encodes: int


@dataclass(frozen=True, slots=True)
class RemovalRank:
    """Rank of the best match of a query, and the best candidate that is none.

    Attributes
    ----------
    rank
        Of the match among all candidates, from 1.
    match, wrong
        Places in the pool; ``wrong`` is None where every candidate matches.
    score, wrong_score
        Rounded scores of both.
    """

    rank: int
    match: int
    score: float
    wrong: int | None
    wrong_score: float | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Result of a selection.

    Attributes
    ----------
    before
        Place of the pool's best candidate for the whole item.
    steps
        The state before, then one step for each chosen segment.
    curves
        Of fading segments.
    ranks
        Of the whole item, then without each segment alone, in their order.
    proved
        Whether no smaller set exists, proved by encodes; None where that is not asked.
    reason
        Why nothing was chosen; None where something was.
    """

    before: int
    steps: tuple[SelectionStep, ...] = ()
    curves: tuple[FadeCurve, ...] = ()
    ranks: tuple[RemovalRank, ...] = ()
    proved: bool | None = None
    reason: str | None = None


Search = Generator[Request, Answer, Selection]
"""Asks for rows until it knows."""
