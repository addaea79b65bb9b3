"""Edits of captions by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    import numpy as np

    from ilime_core.edits.caption import EditableCaption, Edited

__all__ = ["EDITS"]

EDITS: "Registry[Entry[Callable[[EditableCaption, np.random.Generator], Edited | None]]]" = Registry(
    "edit of captions",
    {
        "colours": Entry(
            lazy("ilime_core.edits.colours:swap_colours"),
            "the first two different colours exchanged, or the only one replaced",
            "https://arxiv.org/abs/2306.14610",
            title="colours",
        ),
        "nouns": Entry(
            lazy("ilime_core.edits.nouns:swap_nouns"),
            "the first two different nouns exchanged",
            "https://arxiv.org/abs/2306.14610",
            title="nouns",
        ),
        "negation": Entry(
            lazy("ilime_core.edits.negation:drop_negation"),
            "the first negation left out",
            "https://arxiv.org/abs/2501.09425",
            title="negation",
        ),
        "number": Entry(
            lazy("ilime_core.edits.number:change_number"),
            "the first number from two to ten replaced by another",
            "ilime",
            title="number",
        ),
        "detail": Entry(
            lazy("ilime_core.edits.detail:append_detail"),
            "a detail appended that no caption of the image names",
            "https://arxiv.org/abs/2602.23906",
            title="wrong detail",
        ),
        "shuffle": Entry(
            lazy("ilime_core.edits.shuffle:shuffle_words"),
            "the words in another order",
            "https://arxiv.org/abs/2210.01936",
            title="order of words",
        ),
    },
)
