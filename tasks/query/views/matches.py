"""View of the cells of W: which region answers which word."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, NAMED
from tasks.tables.columns import INT, REAL, TEXT, Column

__all__ = ["MATCHES"]

MATCHES = View(
    "matches",
    "W of the primary estimator, a row for each region and word",
    (
        *NAMED,
        Column("region", INT, "segment of the left item, from 0 in reading order"),
        Column("left_word", TEXT, "the left segment as grouped, of a text; NULL of a region"),
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        *BOX,
        Column("word", TEXT, "the right segment as grouped: case-folded; NULL of a region"),
        Column("word_number", INT, "segment of the right item, from 0 in reading order"),
        Column("word_class", TEXT, "number, negation, colour, ...; NULL of a region"),
        Column("right_label", TEXT, "as label, of a region of a right image"),
        Column("right_x", INT, "as x, of a region of a right image; NULL of a word", "px"),
        Column("right_y", INT, "as y", "px"),
        Column("right_width", INT, "as width", "px"),
        Column("right_height", INT, "as height", "px"),
        Column("weight", REAL, "change of the score that the two bring only together"),
        Column("standard_error", REAL, "of the weight"),
        Column("z", REAL, "weight over its standard error; NULL where nothing was drawn"),
        Column("p_value", REAL, "of a true weight of 0, of this cell by itself"),
        Column(
            "p_adjusted",
            REAL,
            "the same after Benjamini and Hochberg over the cells of the pair: at most 5 % of the cells "
            "below 0.05 are expected to be false",
        ),
    ),
    """
    SELECT n.pair_id, n.pair, n.relation, n.is_positive, n.file, n.caption, n.score,
           i.left_segment AS region, g.word AS left_word, g.label, g.bbox_x AS x, g.bbox_y AS y,
           g.bbox_width AS width, g.bbox_height AS height,
           w.word, i.right_segment AS word_number, w.word_class,
           w.label AS right_label, w.bbox_x AS right_x, w.bbox_y AS right_y,
           w.bbox_width AS right_width, w.bbox_height AS right_height,
           i.weight, i.standard_error, i.weight / nullif(i.standard_error, 0) AS z, i.p_value, i.p_adjusted
    FROM interactions i JOIN runs USING (estimator) JOIN named_pairs n USING (pair_id)
    JOIN segments g ON g.item_id = n.left_id AND g.segment = i.left_segment
    JOIN segments w ON w.item_id = n.right_id AND w.segment = i.right_segment
    """,
)
