"""View of the classes of words, one row a class."""

from tasks.query.view import View
from tasks.tables.columns import ESTIMATOR, INT, SLICE, TEXT, WIDE, Column

__all__ = ["WORD_CLASSES_VIEW"]

WORD_CLASSES_VIEW = View(
    "word_classes",
    "shares of the joint effect and sizes of effects by class of words, by the primary estimator; "
    "word_class_means has all columns",
    (
        ESTIMATOR,
        Column("relation", TEXT, "relation of the pairs, or all"),
        SLICE,
        Column("side", TEXT, "of the text: left or right"),
        Column("word_class", TEXT, "as in segments"),
        Column("mass_share", WIDE, "mean share of the sum of |W| that words of the class have"),
        Column("mass_share_low", WIDE, "lower end of its 95 % interval"),
        Column("mass_share_high", WIDE, "upper end"),
        Column("word_share", WIDE, "mean share of the words"),
        Column("intact_size", WIDE, "mean |intact_effect| of a word, over pairs that have one"),
        Column("intact_size_low", WIDE, "lower end of its 95 % interval"),
        Column("intact_size_high", WIDE, "upper end"),
        Column("n_words", INT, "words of the class"),
        Column("n_pairs", INT, "pairs with a word of the class"),
    ),
    """
    SELECT estimator, relation, slice, side, word_class,
           max(mean) FILTER (quantity = 'mass_share') AS mass_share,
           max(low) FILTER (quantity = 'mass_share') AS mass_share_low,
           max(high) FILTER (quantity = 'mass_share') AS mass_share_high,
           max(mean) FILTER (quantity = 'word_share') AS word_share,
           max(mean) FILTER (quantity = 'intact_size') AS intact_size,
           max(low) FILTER (quantity = 'intact_size') AS intact_size_low,
           max(high) FILTER (quantity = 'intact_size') AS intact_size_high,
           max(c.n_words) AS n_words, max(c.n_pairs) AS n_pairs
    FROM word_class_means c JOIN runs USING (estimator)
    GROUP BY estimator, relation, slice, side, word_class
    ORDER BY estimator, relation, slice <> 'all', slice, side, mass_share DESC
    """,
)
