"""Tables that stage summarise writes: the whole benchmark."""

from tasks.tables.columns import (
    CLUSTERS,
    ESTIMATOR,
    INT,
    ITEM,
    REAL,
    SEGMENT,
    SIDE,
    TEXT,
    VECTOR,
    WIDE,
    Column,
    Table,
)

__all__ = ["TABLES"]

TABLES = (
    Table(
        "global_factors",
        "summarise",
        ("estimator", "component"),
        "factors of the whole benchmark",
        (
            ESTIMATOR,
            Column("component", INT, "1 is the strongest"),
            Column("strength", WIDE, "singular value over all segments and words"),
            Column("energy", WIDE, "share of the squared strengths"),
            Column("left_direction", VECTOR, "direction in embedding space"),
            Column("right_direction", VECTOR, "direction in embedding space"),
        ),
    ),
    Table(
        "global_loadings",
        "summarise",
        ("estimator", "component", "side", "item_id", "segment"),
        "segments that load most on a global factor",
        (
            ESTIMATOR,
            Column("component", INT, "1 is the strongest"),
            SIDE,
            ITEM,
            SEGMENT,
            Column("loading", REAL, "signed score of the segment"),
        ),
    ),
    Table(
        "aggregates",
        "summarise",
        ("estimator", "relation", "quantity"),
        "means over pairs with intervals clustered by both items",
        (
            ESTIMATOR,
            Column("relation", TEXT, "relation of the pairs, or all"),
            Column("quantity", TEXT, "column that is summarised"),
            Column("mean", WIDE, "mean over pairs"),
            Column("median", WIDE, "median over pairs"),
            Column("low", WIDE, "lower end of the 95 % interval of the mean"),
            Column("high", WIDE, "upper end of the 95 % interval of the mean"),
            Column("n", INT, "pairs that have the quantity"),
            Column("n_unknown", INT, "pairs that were explained and do not have it"),
            *CLUSTERS,
        ),
    ),
)
