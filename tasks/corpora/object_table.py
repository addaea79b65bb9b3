"""Objects of images as a table that plans keep."""

from collections.abc import Sequence

import pyarrow as pa

from tasks.corpora.corpus import Corpus, ImageEntry, ObjectBox

__all__ = ["OBJECT_SCHEMA", "object_table", "objects_by_entry"]

OBJECT_SCHEMA = pa.schema(
    [
        pa.field("entry", pa.int32(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("x", "y", "width", "height")),
        pa.field("name", pa.string(), nullable=False),
    ]
)
"""Entries are those of the manifest."""


def object_table(corpus: Corpus, left: Sequence[int], right: Sequence[int]) -> pa.Table:
    """Objects of a corpus; of images that are one entry those of the first that has any.

    Parameters
    ----------
    corpus
        Listed corpus.
    left, right
        Entry of the manifest of each row of either side.

    Returns
    -------
    pyarrow.Table
        Rows of `OBJECT_SCHEMA`, by entry.
    """
    found: dict[int, Sequence[ObjectBox]] = {}
    for side, entries in ((corpus.left, left), (corpus.right, right)):
        for one, entry in zip(side, entries, strict=True):
            if isinstance(one, ImageEntry) and one.objects:
                found.setdefault(entry, one.objects)
    rows = [
        {"entry": entry, "x": one.x, "y": one.y, "width": one.width, "height": one.height, "name": one.name}
        for entry in sorted(found)
        for one in found[entry]
    ]
    return pa.Table.from_pylist(rows, schema=OBJECT_SCHEMA)


def objects_by_entry(table: pa.Table) -> dict[int, tuple[ObjectBox, ...]]:
    """Objects of each entry of a table that `object_table` made, in its order."""
    found: dict[int, list[ObjectBox]] = {}
    for row in table.to_pylist():
        found.setdefault(row.pop("entry"), []).append(ObjectBox(**row))
    return {entry: tuple(boxes) for entry, boxes in found.items()}
