"""Columns that several views have."""

from tasks.tables.columns import FLAG, INT, PAIR, REAL, TEXT, Column

__all__ = [
    "BOX",
    "CAPTION",
    "FILE",
    "ITEMS_BY_SIDE",
    "NAMED",
    "REGION",
    "TEXT_SIDES",
    "WORD",
    "WORD_NUMBER",
    "named_item",
]

FILE = Column(
    "file", TEXT, "file of the left image, with its member where it is an archive, else the left text"
)
CAPTION = Column("caption", TEXT, "the right text, else the file of the right image, as file")
REGION = Column("region", INT, "segment of the image, from 0 in reading order")
WORD = Column("word", TEXT, "the segment as grouped: case-folded; NULL of a region")
WORD_NUMBER = Column("word_number", INT, "segment of the text, from 0 in reading order")
BOX = (
    Column("x", INT, "left edge of the region in the upright original", "px"),
    Column("y", INT, "top edge of the region in the upright original", "px"),
    Column("width", INT, "of the region's box", "px"),
    Column("height", INT, "of the region's box", "px"),
)

NAMED = (
    PAIR,
    Column("pair", TEXT, "first characters of pair_id, as the terminal prints it"),
    Column(
        "relation", TEXT, "first that holds of positive, contrast, hard_negative, retrieved, listed, sampled"
    ),
    Column("is_positive", FLAG, "the corpus calls it a match"),
    FILE,
    CAPTION,
    Column("score", REAL, "cosine of the whole pair"),
)
"""Columns that name a pair."""


ITEMS_BY_SIDE = """SELECT pair_id, 'left' AS side, left_id AS item_id FROM pairs
          UNION ALL SELECT pair_id, 'right', right_id FROM pairs"""
"""SQL of the items of pairs by side, to be joined by equality: a CASE in a join is no hash join."""

TEXT_SIDES = """SELECT 'left' FROM pairs WHERE left_modality = 'text'
          UNION SELECT 'right' FROM pairs WHERE right_modality = 'text'"""
"""SQL of the sides with texts. DuckDB keeps one side of a join in memory; this drops the regions before."""


def named_item(item: str) -> str:
    """SQL of the name of an item: its text, else its file, with its member where many share a file.

    Parameters
    ----------
    item
        Name of the relation of ``items`` in the statement.

    Returns
    -------
    str
        An expression.
    """
    return f"coalesce({item}.text, {item}.uri || coalesce('/' || {item}.uri_member, ''))"
