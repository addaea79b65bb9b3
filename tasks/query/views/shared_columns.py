"""Columns that several views have."""

from tasks.tables.columns import FLAG, INT, PAIR, REAL, TEXT, Column

__all__ = ["BOX", "CAPTION", "FILE", "NAMED", "REGION", "WORD", "WORD_NUMBER"]

FILE = Column("file", TEXT, "file of the left image, else the left text")
CAPTION = Column("caption", TEXT, "the right text, else the file of the right image")
REGION = Column("region", INT, "segment of the left item, from 0 in reading order")
WORD = Column("word", TEXT, "the right segment as grouped: case-folded; NULL of a region")
WORD_NUMBER = Column("word_number", INT, "segment of the right item, from 0 in reading order")
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
