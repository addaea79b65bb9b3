"""Tables that stage match writes: retrieval and the pairs to explain."""

from tasks.tables.columns import DIRECTION, FLAG, ID, INT, PAIR, QUERY, REAL, TEXT, WIDE, Column, Table

__all__ = ["TABLES"]

TABLES = (
    Table(
        "rankings",
        "match",
        ("query_id", "direction", "rank"),
        "best candidates of every query",
        (
            QUERY,
            DIRECTION,
            Column("rank", INT, "1 is best; ties by rounded score, then id"),
            Column("candidate_id", ID, "item that answers"),
            Column("score", REAL, "cosine"),
            Column("relevant", FLAG, "whether the corpus calls it a match"),
        ),
    ),
    Table(
        "retrieval_metrics",
        "match",
        ("direction", "metric"),
        "how well the model retrieves",
        (
            DIRECTION,
            Column("metric", TEXT, "recall_at_1, recall_at_5, recall_at_10 or median_rank"),
            Column("value", WIDE, "share of queries with a relevant item among the first k, or a rank"),
            Column("n_queries", INT, "queries with at least one relevant candidate"),
            Column("n_candidates", INT, "size of the pool"),
        ),
    ),
    Table(
        "pairs",
        "match",
        ("pair_id",),
        "the pairs to explain; the image is left",
        (
            PAIR,
            Column("block", INT, "pair block that fits it"),
            Column("left_id", ID, "left item"),
            Column("right_id", ID, "right item"),
            Column("left_modality", TEXT, "image or text"),
            Column("right_modality", TEXT, "image or text"),
            Column(
                "relation", TEXT, "first that holds of positive, hard_negative, retrieved, listed, sampled"
            ),
            Column("is_positive", FLAG, "the corpus calls it a match"),
            Column("is_error", FLAG, "best wrong candidate of a failed query"),
            Column("is_retrieved", FLAG, "among the first k of either direction"),
            Column("rank_left_to_right", INT, "rank of right among the left item's candidates"),
            Column("rank_right_to_left", INT, "rank of left among the right item's candidates"),
            Column("score", REAL, "cosine"),
        ),
        frozenset({"block"}),
    ),
)
