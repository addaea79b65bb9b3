"""What the section ``selection`` asks of the core, and what it may cost."""

from ilime_core.selection.registry import SELECTIONS, SelectionOptions, SubsetSelection
from tasks.spec import SelectionParameters

__all__ = ["most_selection_encodes", "selection_of"]


def selection_of(parameters: SelectionParameters, method: str) -> SubsetSelection:
    """One method with the section's settings."""
    return SELECTIONS[method].make(
        SelectionOptions(
            weights=parameters.weights,
            scale=parameters.scale,
            most_ordered=parameters.most_ordered,
            most_removed=parameters.most_removed,
            exact=parameters.exact_segments,
            fade_points=parameters.fade_points,
        )
    )


def most_selection_encodes(parameters: SelectionParameters, n_segments: int) -> int:
    """Most encodes of one item of so many segments in one pair, all methods together."""
    return sum(
        selection_of(parameters, method).most_encodes(n_segments)
        * (min(parameters.faded, n_segments) if method == "fade" else 1)
        for method in parameters.methods
    )
