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
    QUERY_SLICE,
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
        ("direction", "slice", "metric"),
        "how well the model retrieves",
        (
            DIRECTION,
            QUERY_SLICE,
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
                "relation",
                TEXT,
                "first that holds of positive, contrast, hard_negative, retrieved, listed, sampled",
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
    Table(
        "contrasts",
        "match",
        ("question", "edit", "direction", "correct_pair_id", "edited_pair_id"),
        "a correct candidate against an edited one of the same query; none in most corpora",
        (
            Column("question", TEXT, "the corpus's name of the question, or the caption that was edited"),
            Column("edit", TEXT, "layout that the edited candidate comes from, or ilime's own edit"),
            Column("category", TEXT, "kind of change, as the corpus or the edit names it"),
            DIRECTION,
            QUERY,
            Column("correct_id", ID, "candidate that the corpus calls a match"),
            Column("edited_id", ID, "candidate that differs from it in a known way, and is wrong"),
            Column("correct_pair_id", ID, "query with the correct candidate; in pairs if is_explained"),
            Column("edited_pair_id", ID, "query with the edited candidate; in pairs if is_explained"),
            Column("score_correct", REAL, "cosine"),
            Column("score_edited", REAL, "cosine"),
            Column("margin", REAL, "score_correct minus score_edited; margins has its parts"),
            Column("won", FLAG, "whether the correct candidate scores higher, at six decimals"),
            Column("tied", FLAG, "whether both score the same, at six decimals"),
            Column("is_explained", FLAG, "whether both pairs are among the pairs to explain"),
        ),
        references=(
            QUERY_ITEM,
            Reference(("correct_id",), "items"),
            Reference(("edited_id",), "items"),
        ),
    ),
    Table(
        "contrast_accuracy",
        "match",
        ("direction", "edit", "category", "measure"),
        "how often correct candidates win against edited ones, and by how much; none in most corpora",
        (
            Column(
                "direction",
                TEXT,
                "side that asks: left_to_right (an image, two captions) or right_to_left; both for questions "
                "that have both",
            ),
            Column("edit", TEXT, "layout that the edited candidates come from, or ilime's own edit"),
            Column("category", TEXT, "kind of change, or all"),
            Column(
                "measure",
                TEXT,
                "won, lost: shares of contrasts, ties are neither; all_won: share of questions of which all "
                "contrasts are won; margin: mean; change: mean size of the margin; relative_change: change "
                "in units of that of ilime's other edits",
            ),
            Column("value", WIDE, "of the measure"),
            Column(
                "low",
                WIDE,
                "lower end of the 95 % interval: Wilson's of a share; clustered by items of a mean, "
                "and of a share where that is wider",
            ),
            Column("high", WIDE, "upper end"),
            Column("chance", WIDE, "expected of scores that know nothing"),
            Column("n", INT, "contrasts, or questions of all_won"),
            Column("n_unknown", INT, "contrasts, or questions, of which an item has failed"),
            Column("n_unedited", INT, "captions to which the edit does not apply; in category all"),
        ),
    ),
)
