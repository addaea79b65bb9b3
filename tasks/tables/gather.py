"""Tables that stage gather writes: every pair of the benchmark."""

from tasks.tables.columns import (
    DIRECTION,
    FLAG,
    ID,
    INT,
    ITEM,
    LONG,
    OWN_ITEM,
    OWN_SEGMENT,
    QUERY,
    QUERY_ITEM,
    QUERY_SLICE,
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
from tasks.tables.sweep import BIN, MEASURE, NET_AND_MASS, RELATION

__all__ = ["TABLES"]

TABLES = (
    Table(
        "pair_summaries",
        "gather",
        ("query_id", "direction", "candidate_id"),
        "best candidates of every query: the first 10 by score and the first 10 by joint effect",
        (
            QUERY,
            DIRECTION,
            Column("candidate_id", ID, "item that answers"),
            Column("is_relevant", FLAG, "the corpus calls the pair a match"),
            Column("score", REAL, "cosine, rounded as it is ranked"),
            Column("score_rank", INT, "among all candidates by score, from 1"),
            Column("joint_effect", REAL, "sum of W, rounded as it is ranked"),
            Column("joint_rank", INT, "among all candidates by joint effect, from 1"),
            Column("mass", WIDE, "sum of abs(W)"),
            Column("norm", WIDE, "root of the sum of squares of W"),
            Column("largest", WIDE, "cell of the largest abs(W), with its sign"),
            Column("left_segment", INT, "left segment of that cell"),
            Column("right_segment", INT, "right segment of that cell"),
        ),
        references=(QUERY_ITEM, Reference(("candidate_id",), "items")),
    ),
    Table(
        "segment_totals",
        "gather",
        ("side", "item_id", "segment"),
        "what each region or word does with all items of the other side: words that raise every score, "
        "regions that answer anything",
        (
            SIDE,
            ITEM,
            SEGMENT,
            *NET_AND_MASS,
            Column("mean_net", WIDE, "net over n_candidates"),
            Column("mean_mass", WIDE, "mass over n_candidates"),
            Column("largest_share", WIDE, "n_largest over n_candidates"),
        ),
        references=(OWN_ITEM, OWN_SEGMENT),
    ),
    Table(
        "pair_histograms",
        "gather",
        ("slice", "measure", "relation", "bin"),
        "distribution of what single pairs amount to, over all pairs; bins without a pair have no row",
        (
            SLICE,
            MEASURE,
            RELATION,
            BIN,
            Column("low", WIDE, "lower edge of the bin; NULL of the first"),
            Column("high", WIDE, "upper edge of the bin; NULL of the last"),
            Column("n", LONG, "pairs"),
        ),
    ),
    Table(
        "top_cells",
        "gather",
        ("rank",),
        "the 100 largest cells of W of the whole benchmark",
        (
            Column("rank", INT, "1 is the largest abs(W); of equal ones the order is that of the places"),
            Column("left_id", ID, "left item"),
            Column("right_id", ID, "right item"),
            Column("left_segment", INT, "segment of the left item"),
            Column("right_segment", INT, "segment of the right item"),
            Column("weight", REAL, "W of the cell"),
        ),
        references=(
            Reference(("left_id", "left_segment"), "segments"),
            Reference(("right_id", "right_segment"), "segments"),
        ),
    ),
    Table(
        "joint_rankings",
        "gather",
        ("direction", "slice", "quantity"),
        "the joint effect as a ranker of all candidates beside the score",
        (
            DIRECTION,
            QUERY_SLICE,
            Column(
                "quantity",
                TEXT,
                "score_recall_at_k and joint_recall_at_k: share of queries with a match among the first k; "
                "overlap_at_k: share of the first k candidates that both orders have; spearman: rank "
                "correlation of the two orders of all candidates",
            ),
            Column("value", WIDE, "mean over queries"),
            Column("low", WIDE, "lower end of its 95 % interval over queries"),
            Column("high", WIDE, "upper end"),
            Column("n", INT, "queries"),
        ),
    ),
)
