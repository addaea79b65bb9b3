"""Table of two runs beside each other, which ``ilime compare`` writes apart from any run."""

from dataclasses import replace

from tasks.tables.columns import ESTIMATOR, ID, INT, TEXT, WIDE, Column, Table

__all__ = ["COMPARISONS", "NO_SEGMENT", "STORED_COMPARISONS"]

NO_SEGMENT = -1
"""Segment of rows that are of no single segment."""

COMPARISONS = Table(
    "comparisons",
    "compare",
    ("level", "name", "quantity", "side", "segment"),
    "two runs on the same items: how well their explanations agree, and what gained or lost weight",
    (
        Column("level", TEXT, "benchmark, word, word_class, label, pair, segment or query"),
        Column(
            "name",
            TEXT,
            "what is compared: W, a modality or a direction (benchmark), a word, a class, a label, a pair_id "
            "(pair, segment) or a query_id",
        ),
        Column(
            "quantity",
            TEXT,
            "correlation, disattenuated, disattenuated_least, reliability, pairs, segments, cells, scale, "
            "recall_at_1, recall_at_5, recall_at_10, failed, failed_in_one, failed_in_both, margin, "
            "mass_share, intact_effect, joint_effect or rank",
        ),
        Column(
            "side",
            TEXT,
            "left or right item of a segment; left_to_right or right_to_left of a rank or a query; else both",
        ),
        Column("segment", INT, f"segment in run A; {NO_SEGMENT} in rows of no single one"),
        Column("segment_b", INT, "the same segment in run B"),
        Column("text", TEXT, "word or label of the segment"),
        ESTIMATOR,
        Column("value", WIDE, "what describes both runs together: a correlation, a count in common"),
        Column("value_a", WIDE, "of run A; effects and margins on its scale"),
        Column("value_b", WIDE, "of run B; effects and margins on its scale"),
        Column("difference", WIDE, "value_b minus value_a: means over pairs that have both"),
        Column("standard_error", WIDE, "of difference or value, clustered by both items"),
        Column("low", WIDE, "lower end of the 95 % interval of difference or value"),
        Column("high", WIDE, "upper end of the 95 % interval of difference or value"),
        Column(
            "p_value",
            WIDE,
            "two-sided, of a difference of 0; NULL below 10 items on a side, and of recalls that no query "
            "tells apart",
        ),
        Column(
            "p_adjusted",
            WIDE,
            "p_value after Holm over the names of one level and quantity (of recalls: over the directions "
            "and numbers), times all questions over those that have an answer (Benjamini and Bogomolov)",
        ),
        Column("n", INT, "pairs, queries or cells behind the row"),
        Column("n_left", INT, "distinct left items among the n pairs; groups of queries"),
        Column("n_right", INT, "distinct right items among them; groups of queries"),
    ),
)

STORED_COMPARISONS = replace(
    COMPARISONS,
    key=("run_a", "run_b", "estimator", *COMPARISONS.key),
    columns=(
        Column("run_a", ID, "run A, the name of a folder"),
        Column("run_b", ID, "run B, the name of a folder"),
        *COMPARISONS.columns,
    ),
)
"""All comparisons of a folder as one table."""
