"""Tables that stage sweep writes: totals of one tile of all pairs, which stage gather adds up."""

from tasks.tables.columns import (
    INT,
    ITEM,
    LONG,
    OWN_ITEM,
    REAL,
    SEGMENT,
    SIDE,
    SLICE,
    TEXT,
    WIDE,
    Column,
    Reference,
    Table,
)

__all__ = ["BIN", "MEASURE", "NET_AND_MASS", "RELATION", "TABLES"]

_TILE = Column("tile", INT, "block of stage sweep")
MEASURE = Column(
    "measure", TEXT, "of a pair's W: norm, largest (the largest abs(W)), share (of it in the mass)"
)
RELATION = Column("relation", TEXT, "positive: pairs that match; other: all others")
BIN = Column("bin", INT, "from 0, for all that is smaller; 20 bins a decade from 1e-6 to 100")
NET_AND_MASS = (
    Column("net", WIDE, "sum of W of the segment over all segments of all items of the other side"),
    Column("mass", WIDE, "the same of abs(W)"),
    Column("n_largest", LONG, "pairs in which it has the largest abs(W)"),
    Column("n_candidates", LONG, "pairs of its item"),
)

TABLES = (
    Table(
        "tile_segments",
        "sweep",
        ("tile", "side", "item_id", "segment"),
        "segment_totals over one tile of all pairs",
        (_TILE, SIDE, ITEM, SEGMENT, *NET_AND_MASS),
        references=(OWN_ITEM, Reference(("item_id", "segment"), "segments")),
    ),
    Table(
        "tile_histograms",
        "sweep",
        ("tile", "slice", "measure", "relation", "bin"),
        "pair_histograms over one tile of all pairs",
        (_TILE, SLICE, MEASURE, RELATION, BIN, Column("n", LONG, "pairs")),
    ),
    Table(
        "tile_cells",
        "sweep",
        ("tile", "rank"),
        "top_cells of one tile of all pairs",
        (
            _TILE,
            Column("rank", INT, "1 is the largest abs(W) of the tile"),
            Column("left_id", ITEM.type, "left item"),
            Column("right_id", ITEM.type, "right item"),
            Column("left_segment", INT, "segment of the left item"),
            Column("right_segment", INT, "segment of the right item"),
            Column("weight", REAL, "W of the cell"),
        ),
    ),
)
