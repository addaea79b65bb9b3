"""Tables that stage summarise writes: the whole benchmark."""

from tasks.tables.columns import (
    CLUSTERS,
    ESTIMATOR,
    INT,
    ITEM,
    OWN_ITEM,
    OWN_SEGMENT,
    REAL,
    SEGMENT,
    SIDE,
    TEXT,
    VECTOR,
    WIDE,
    Column,
    Reference,
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
        references=(
            OWN_ITEM,
            OWN_SEGMENT,
            Reference(("estimator", "component"), "global_factors"),
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
    Table(
        "word_class_means",
        "summarise",
        ("estimator", "relation", "side", "word_class", "quantity"),
        "means over pairs by class of words, with intervals clustered by both items",
        (
            ESTIMATOR,
            Column("relation", TEXT, "relation of the pairs, or all"),
            Column("side", TEXT, "of the text: left or right"),
            Column("word_class", TEXT, "as in segments; classes without a word in these pairs have no row"),
            Column(
                "quantity",
                TEXT,
                "mass_share: share of the sum of |W| that its words have, 0 where the text has none; "
                "word_share: share of the text's words; intact_size: mean |intact_effect| of its words, in "
                "pairs that have one",
            ),
            Column("mean", WIDE, "mean over pairs"),
            Column("median", WIDE, "median over pairs"),
            Column("low", WIDE, "lower end of the 95 % interval of the mean; NULL where n_pairs is below 10"),
            Column("high", WIDE, "upper end of the 95 % interval of the mean"),
            Column("n", INT, "pairs that have the quantity"),
            Column("n_unknown", INT, "pairs that were explained and do not have it"),
            *CLUSTERS,
            Column("n_words", INT, "words of the class in the pairs, in each pair anew"),
            Column("n_pairs", INT, "pairs with a word of the class"),
        ),
    ),
    Table(
        "label_word_mass",
        "summarise",
        ("estimator", "label", "word"),
        "words on labelled regions: means over the matching pairs whose image has the label and whose text "
        "has the word; words of fewer than 10 matching pairs are left out",
        (
            ESTIMATOR,
            Column("label", TEXT, "as in segments"),
            Column("word", TEXT, "as in segments"),
            Column("n_pairs", INT, "pairs that have both"),
            Column("mass", WIDE, "sum of |W| of the word over all regions"),
            Column("inside", WIDE, "share of it on regions of the label"),
            Column("other", WIDE, "share of it on regions of other labels"),
            Column("background", WIDE, "share of it on regions without a label"),
            Column("net", WIDE, "sum of W of the word on regions of the label"),
            Column("area", WIDE, "share of the view that regions of the label have; inside without any aim"),
        ),
    ),
)
