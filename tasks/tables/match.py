"""Tables that stage match writes: retrieval and the pairs to explain."""

from ilime_core.retrieval.metric_names import METRICS
from tasks.tables.columns import (
    DIRECTION,
    FLAG,
    ID,
    INT,
    PAIR,
    QUERY,
    QUERY_ITEM,
    REAL,
    TEXT,
    WIDE,
    Column,
    Reference,
    Table,
)

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
        references=(QUERY_ITEM, Reference(("candidate_id",), "items")),
    ),
    Table(
        "retrieval_metrics",
        "match",
        ("direction", "metric"),
        "how well the model retrieves",
        (
            DIRECTION,
            Column("metric", TEXT, "; ".join(f"{name}: {meaning}" for name, meaning in METRICS.items())),
            Column("value", WIDE, "of the metric; of the two of the gap the same in both directions"),
            Column("low", WIDE, "lower end of the 95 % interval over queries"),
            Column("high", WIDE, "upper end of the 95 % interval over queries"),
            Column("standard_error", WIDE, "of the value; NULL for ranks and percentiles"),
            Column("n_queries", INT, "queries that the value is over"),
            Column("n_candidates", INT, "size of the pool"),
        ),
    ),
    Table(
        "hub_candidates",
        "match",
        ("direction", "rank"),
        "candidates that are among the first 10 of the most queries",
        (
            DIRECTION,
            Column("rank", INT, "1 is the largest; ties by id"),
            Column("candidate_id", ID, "item that answers"),
            Column("k_occurrence", INT, "queries that have it among their first 10"),
            Column("expected", WIDE, "mean of all candidates"),
        ),
        references=(Reference(("candidate_id",), "items"),),
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
        references=(
            Reference(("left_id",), "items"),
            Reference(("right_id",), "items"),
        ),
    ),
)
