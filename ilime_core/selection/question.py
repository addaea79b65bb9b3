"""Question of a selection: one item, its counterpart, and the other candidates."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["Lead", "SubsetQuestion"]

_ROWS = 256
"""Rows whose scores against the whole pool are held at once."""


@dataclass(frozen=True, slots=True)
class Lead:
    """How one candidate of a pool stands against all others."""

    margin: float
    """Its score minus the best other one; negative where it is beaten."""
    top: int
    """Place of the best candidate: itself unless it is beaten."""


@dataclass(frozen=True, slots=True, eq=False)
class SubsetQuestion:
    """One item whose segments are chosen, with the whole items that may answer it.

    Attributes
    ----------
    n_segments
        Segments of the perturbed item.
    empty, full
        Its embeddings with nothing and with everything kept.
    answer
        The other item of the pair, whole.
    rivals
        Wrong candidates beside the answer, the best first.
    pool
        All candidates of the benchmark.
    own_place
        Position of the perturbed item itself in the pool: it never answers itself.
    matching
        Positions of the candidates that the corpus calls a match of the item.
    effects
        Effects of its segments, if any are known; they only save encodes.
    faded
        Segments to fade in.
    continuous
        Whether a segment can be half there: pixels can be mixed, words cannot.

    Raises
    ------
    InputError
        If there is no segment, no candidate, a match outside of the pool, or the effects are those of another
        item.
    """

    n_segments: int
    empty: Float[Tensor, " dim"]
    full: Float[Tensor, " dim"]
    answer: Float[Tensor, " dim"]
    rivals: Float[Tensor, "rivals dim"]
    pool: Float[Tensor, "pool dim"]
    own_place: int | None = None
    matching: tuple[int, ...] = ()
    effects: Float[Tensor, "segments dim"] | None = None
    faded: tuple[int, ...] = ()
    continuous: bool = True

    def __post_init__(self) -> None:
        if self.n_segments < 1:
            raise InputError(f"segments of an item are chosen: at least 1 is needed, got {self.n_segments}.")
        if len(self.pool) - (self.own_place is not None) < 1:
            raise InputError("a pool needs at least one candidate beside the item itself, got none.")
        if self.effects is not None and len(self.effects) != self.n_segments:
            raise InputError(f"{self.n_segments} segments need as many effects, got {len(self.effects)}.")
        if any(not 0 <= place < len(self.pool) or place == self.own_place for place in self.matching):
            raise InputError(f"matches must be among {len(self.pool)} candidates, got {self.matching}.")
        if any(not 0 <= segment < self.n_segments for segment in self.faded):
            raise InputError(f"segments to fade must be below {self.n_segments}, got {self.faded}.")

    def pool_scores(self, embeddings: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows pool"]:
        """Scores against every candidate in float64; the item itself has the lowest possible one."""
        scores = embeddings.double() @ self.pool.double().T
        if self.own_place is not None:
            scores[:, self.own_place] = -torch.inf
        return scores

    def first(self) -> int:
        """Place of the best candidate for the whole item; of equals the first."""
        return int(self.pool_scores(self.full[None])[0].argmax())

    def leads(self, embeddings: Float[Tensor, "rows dim"], place: int) -> list[Lead]:
        """Leads of one candidate over all others, for some coalitions of the item.

        Parameters
        ----------
        embeddings
            Embeddings of the coalitions.
        place
            Position of the candidate in the pool.

        Returns
        -------
        list of Lead
            One per row of ``embeddings``.
        """
        found: list[Lead] = []
        for start in range(0, len(embeddings), _ROWS):
            scores = self.pool_scores(embeddings[start : start + _ROWS])
            own = scores[:, place].clone()
            scores[:, place] = -torch.inf
            best, where = scores.max(dim=1)
            margins, places = (own - best).tolist(), where.tolist()
            found += [
                Lead(margin, at if margin < 0 else place) for margin, at in zip(margins, places, strict=True)
            ]
        return found
