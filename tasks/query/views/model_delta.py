"""View of what gained and lost between two runs."""

from tasks.query.view import View
from tasks.query.views.shared_columns import named_item
from tasks.tables.columns import ID, INT, TEXT, WIDE, Column

__all__ = ["MODEL_DELTA"]

MODEL_DELTA = View(
    "model_delta",
    "two runs on the same items: values of both and their differences, by word, class, label, pair and query "
    "(rows of `ilime compare`: --comparisons DIR)",
    (
        Column("run_a", ID, "the first run"),
        Column("run_b", ID, "the second run"),
        Column("level", TEXT, "benchmark, word, word_class, label, pair, segment or query"),
        Column("name", TEXT, "what is compared; of a pair its file and caption, of a query its text or file"),
        Column("quantity", TEXT, "as in comparisons"),
        Column("side", TEXT, "as in comparisons"),
        Column("text", TEXT, "word or label of a segment"),
        Column("value", WIDE, "what describes both runs together: a correlation, a count in common"),
        Column("value_a", WIDE, "of run A; effects and margins on its scale"),
        Column("value_b", WIDE, "of run B; effects and margins on its scale"),
        Column("difference", WIDE, "value_b minus value_a"),
        Column("low", WIDE, "lower end of the 95 % interval of difference or value"),
        Column("high", WIDE, "upper end of it"),
        Column("p_adjusted", WIDE, "of a difference of 0, corrected for all that was asked"),
        Column("n", INT, "pairs, queries or cells behind the row"),
    ),
    f"""
    SELECT c.run_a, c.run_b, c.level,
           CASE WHEN c.level IN ('pair', 'segment') THEN coalesce(p.file || ': ' || p.caption, c.name)
                WHEN c.level = 'query' THEN coalesce({named_item("q")}, c.name) ELSE c.name END AS name,
           c.quantity, c.side, c.text, c.value, c.value_a, c.value_b, c.difference, c.low, c.high,
           c.p_adjusted, c.n
    FROM comparisons c
    LEFT JOIN named_pairs p ON c.level IN ('pair', 'segment') AND p.pair_id = c.name
    LEFT JOIN items q ON c.level = 'query' AND q.item_id = c.name
    """,
)
