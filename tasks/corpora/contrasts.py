"""Contrasts of a corpus: a query, its correct candidate, and an edited one that differs in a known way."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import pyarrow as pa

__all__ = ["CONTRAST_SCHEMA", "Contrast", "planned_contrast_table"]

CONTRAST_SCHEMA = pa.schema(
    [
        pa.field("direction", pa.string(), nullable=False),
        pa.field("query", pa.int32(), nullable=False),
        pa.field("correct", pa.int32(), nullable=False),
        pa.field("edited", pa.int32()),
        *(pa.field(name, pa.string(), nullable=False) for name in ("question", "category", "edit")),
    ]
)
"""Query and candidates are entries of the manifest."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two candidates of one query, of which the corpus calls one correct and the other wrong."""

    direction: Literal["left_to_right", "right_to_left"]
    """Side that asks: an image among captions, or a caption among images."""
    query: int
    """Row of the side that asks."""
    correct: int
    """Row of the side that answers."""
    edited: int | None
    """The wrong candidate, likewise; None where an edit of ilime's own does not apply to the caption."""
    question: str
    """Name of the question: its contrasts have one text, image or group of them in common."""
    category: str
    """Kind of change, as the corpus or the edit names it."""
    edit: str
    """Layout that the wrong candidate comes from, or the edit that made it."""


def planned_contrast_table(
    contrasts: Iterable[Contrast], left: Sequence[int], right: Sequence[int]
) -> pa.Table:
    """Contrasts as a table that plans keep.

    Parameters
    ----------
    contrasts
        Of a corpus.
    left, right
        Entry of the manifest of each row of either side.

    Returns
    -------
    pyarrow.Table
        Rows of `CONTRAST_SCHEMA`, each once; none of two candidates that are one item, like two equal images.
    """
    found: dict[Contrast, None] = {}
    for one in contrasts:
        asks, answers = (left, right) if one.direction == "left_to_right" else (right, left)
        edited = None if one.edited is None else answers[one.edited]
        settled = replace(one, query=asks[one.query], correct=answers[one.correct], edited=edited)
        if settled.correct != settled.edited:
            found[settled] = None
    return pa.Table.from_pylist([asdict(one) for one in found], schema=CONTRAST_SCHEMA)
