"""Selections by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.selection.subset_selection import SubsetSelection

__all__ = ["SELECTIONS", "SelectionOptions"]


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
    exact_segments: int = 12
    """counterfactual: items of at most so many segments are searched through."""
    fade_points: int = 11
    """fade: levels from 0 to 1."""


SELECTIONS: "Registry[Entry[Callable[[SelectionOptions], SubsetSelection]]]" = Registry(
    "selection",
    {
        "smdl": Entry(
            lazy("ilime_core.selection.smdl:make_smdl"),
            "segments in an order whose first ones are enough (submodular selection)",
            "https://arxiv.org/abs/2402.09164",
            title="submodular order (SMDL)",
            settings=("candidates", "scale", "weights", "most_ordered"),
        ),
        "counterfactual": Entry(
            lazy("ilime_core.selection.counterfactual:make_counterfactual"),
            "the fewest segments without which another candidate is found first",
            "ilime",
            title="counterfactual set",
            settings=("most_removed", "exact_segments"),
        ),
        "fade": Entry(
            lazy("ilime_core.selection.fade:make_fade"),
            "curves of the score as one segment fades in, the others whole (individual conditional "
            "expectation)",
            "https://doi.org/10.1080/10618600.2014.907095",
            title="fading curves",
            settings=("faded", "fade_points"),
        ),
        "ranks": Entry(
            lazy("ilime_core.selection.removal_ranks:make_removal_ranks"),
            "rank of the right candidate among all as each segment of the query is removed alone",
            "ilime",
            title="ranks without a segment",
        ),
    },
)
