"""Selections by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ilime_core.registry import Entry, Registry
from ilime_core.selection.counterfactual import CounterfactualSet
from ilime_core.selection.fade import FadeIn
from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.search import Search
from ilime_core.selection.smdl import SubsetOrder

__all__ = ["SELECTIONS", "SelectionOptions", "SubsetSelection"]


@runtime_checkable
class SubsetSelection(Protocol):
    """Chooses segments of one item by encoding what it asks for."""

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct rows of an item of so many segments; of fade for each fading segment."""
        ...

    def search(self, question: SubsetQuestion) -> Search:
        """Begin to ask."""
        ...


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """Settings of all selections; each reads its own."""

    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """smdl: of confidence, effectiveness, consistency and collaboration."""
    scale: float = 100.0
    """smdl: factor of the scores in the softmax of confidence."""
    most_ordered: int | None = None
    """smdl: segments to order; None for all."""
    most_removed: int = 10
    """counterfactual: segments that may be removed."""
    exact: int = 12
    """counterfactual: items of at most so many segments are searched through."""
    fade_points: int = 11
    """fade: levels from 0 to 1."""


def _smdl(options: SelectionOptions) -> SubsetSelection:
    return SubsetOrder(options.weights, options.scale, options.most_ordered)


def _counterfactual(options: SelectionOptions) -> SubsetSelection:
    return CounterfactualSet(options.most_removed, options.exact)


def _fade(options: SelectionOptions) -> SubsetSelection:
    return FadeIn(options.fade_points)


SELECTIONS: Registry[Entry[Callable[[SelectionOptions], SubsetSelection]]] = Registry(
    "selection",
    {
        "smdl": Entry(
            _smdl,
            "segments in the order in which a part comes to stand for the whole (submodular selection)",
            "https://arxiv.org/abs/2402.09164",
        ),
        "counterfactual": Entry(
            _counterfactual, "the fewest segments without which another candidate is found first", "ilime"
        ),
        "fade": Entry(
            _fade,
            "curves of the score as one segment fades in, the others whole (individual conditional "
            "expectation)",
            "https://doi.org/10.1080/10618600.2014.907095",
        ),
    },
)
