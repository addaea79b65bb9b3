"""The fewest segments without which another candidate is found first."""

from collections.abc import Generator
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.selection.question import Lead, SubsetQuestion
from ilime_core.selection.registry import SelectionOptions
from ilime_core.selection.removal_order import removal_order
from ilime_core.selection.search import Answer, Request, Search, Selection, SelectionStep, coalitions

__all__ = ["CounterfactualSet", "make_counterfactual"]

_Set = tuple[int, ...]
_Asking = Generator[Request, Answer, list[Lead]]
_Finding = Generator[Request, Answer, _Set | None]


@dataclass(frozen=True, slots=True)
class CounterfactualSet:
    """Remove segments until the pool's first best candidate is beaten, then put back what need not go.

    First along the order that effects expect, and only where that fails greedily by real encodes. Segments
    are then put back, as long as the candidate stays beaten: of the set that remains none can be put back
    alone. Single segments are tried for every larger set, and for items of few segments all smaller sets, so
    that the smallest is found and known to be it.

    Attributes
    ----------
    most
        Segments that may be removed.
    exact
        Items of at most this many segments are searched through.

    Raises
    ------
    InputError
        If no removal is allowed or ``exact`` is negative.
    """

    most: int = 10
    exact: int = 12

    def __post_init__(self) -> None:
        if self.most < 1 or self.exact < 0:
            raise InputError(
                f"at least 1 removal and no negative exact are needed, got {self.most}, {self.exact}."
            )

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct coalitions of an item that the search can ask for."""
        most = min(self.most, n_segments)
        back = most * (most + 1) // 2
        bound = 2**n_segments - 2
        return bound if n_segments <= self.exact else min(2 * most + most * n_segments + back, bound)

    def search(self, question: SubsetQuestion) -> Search:
        """Find the set; step 0 is the whole item, each later one removes a segment more."""
        removal = _Removal(question, question.first())
        most = min(self.most, question.n_segments)
        found = yield from removal.along(removal_order(question, removal.place, most).tolist())
        if found is None:
            found = yield from removal.greedy(most)
        if found is not None:
            found = yield from removal.put_back(found)
        limit = most if found is None else len(found) - 1
        searched = 0
        smaller: _Set | None = None
        while searched < limit and (searched == 0 or question.n_segments <= self.exact):
            searched += 1
            smaller = yield from removal.any_of(searched)
            if smaller is not None:
                break
        proved = smaller is not None or searched == limit
        found = smaller or found
        steps = yield from removal.steps(found or ())
        return Selection(removal.place, steps, proved=proved, reason=self._reason(found, most, proved=proved))

    @staticmethod
    def _reason(found: _Set | None, most: int, *, proved: bool) -> str | None:
        if found is not None:
            return None
        known = "changes" if proved else "was found to change"
        return f"no removal of up to {most} segments {known} the best candidate"


def make_counterfactual(options: SelectionOptions) -> CounterfactualSet:
    """Return the selection with its settings."""
    return CounterfactualSet(options.most_removed, options.exact_segments)


class _Removal:
    """What becomes of the first best candidate when segments are removed."""

    def __init__(self, question: SubsetQuestion, place: int) -> None:
        self.question = question
        self.place = place

    def along(self, order: list[int]) -> _Finding:
        """Shortest prefix of an order that beats the candidate."""
        prefixes = [tuple(order[: n + 1]) for n in range(len(order))]
        return (yield from self._first_beaten(prefixes))

    def greedy(self, most: int) -> _Finding:
        """One segment at a time, whichever leaves the smallest lead."""
        gone: _Set = ()
        for _ in range(most):
            tried = [(*gone, i) for i in range(self.question.n_segments) if i not in gone]
            leads = yield from self._leads(tried)
            gone = tried[_smallest(leads)]
            if min(lead.margin for lead in leads) < 0:
                return gone
        return None

    def put_back(self, gone: _Set) -> _Finding:
        """Put segments back, first what harms least, until each one that is missing is needed."""
        while len(gone) > 1:
            tried = [gone[:i] + gone[i + 1 :] for i in range(len(gone))]
            leads = yield from self._leads(tried)
            if min(lead.margin for lead in leads) >= 0:
                break
            gone = tried[_smallest(leads)]
        return gone

    def any_of(self, size: int) -> _Finding:
        """The set of a size that beats the candidate most clearly, if one does."""
        tried = list(combinations(range(self.question.n_segments), size))
        leads = yield from self._leads(tried)
        best = _smallest(leads)
        return tried[best] if leads[best].margin < 0 else None

    def steps(self, gone: _Set) -> Generator[Request, Answer, tuple[SelectionStep, ...]]:
        """States along a set, the whole item first."""
        states = [gone[:n] for n in range(len(gone) + 1)]
        answer = yield coalitions(self._kept(states))
        leads = self.question.leads(answer.embeddings, self.place)
        scores = (answer.embeddings @ self.question.answer.double()).tolist()
        return tuple(
            SelectionStep(segment, score, lead.margin, lead.top, None, answer.n_encodes)
            for segment, score, lead in zip(chain([None], gone), scores, leads, strict=True)
        )

    def _first_beaten(self, sets: list[_Set]) -> _Finding:
        if not sets:
            return None
        leads = yield from self._leads(sets)
        return next((one for one, lead in zip(sets, leads, strict=True) if lead.margin < 0), None)

    def _leads(self, sets: list[_Set]) -> _Asking:
        answer = yield coalitions(self._kept(sets))
        return self.question.leads(answer.embeddings, self.place)

    def _kept(self, sets: list[_Set]) -> Bool[np.ndarray, "rows segments"]:
        kept = np.ones((len(sets), self.question.n_segments), dtype=bool)
        for row, gone in enumerate(sets):
            kept[row, list(gone)] = False
        return kept


def _smallest(leads: list[Lead]) -> int:
    """Of equal margins the first."""
    return min(range(len(leads)), key=lambda place: leads[place].margin)
