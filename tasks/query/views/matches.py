"""View of the cells of W: which region answers which word."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, NAMED, REGION, WORD, WORD_NUMBER
from tasks.tables.columns import REAL, TEXT, WIDE, Column

__all__ = ["MATCHES"]

MATCHES = View(
    "matches",
    "W of the primary estimator, a row for each region and word",
    (
        *NAMED,
        REGION,
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        *BOX,
        WORD,
        WORD_NUMBER,
        Column("word_class", TEXT, "number, negation, colour, ...; NULL of a region"),
        Column("weight", REAL, "change of the score that the two bring only together"),
        Column("standard_error", REAL, "of the weight"),
        Column("z", REAL, "weight over its standard error; NULL where nothing was drawn"),
        Column("p_value", REAL, "of a true weight of 0, of this cell by itself"),
        Column(
            "p_adjusted",
            WIDE,
            "the same after Benjamini and Hochberg over the cells of the pair: at most 5 % of the cells "
            "below 0.05 are expected to be false",
        ),
    ),
    # Known cells of a pair with drawn ones count among its cells: their p-value is 0, or 1 of a weight of 0.
    """
    WITH tested AS (
        SELECT i.*, CASE WHEN p_value IS NOT NULL THEN p_value
                         WHEN standard_error = 0 THEN CAST(weight = 0 AS DOUBLE) END AS p
        FROM interactions i JOIN runs USING (estimator)
    ), ranked AS (
        SELECT *, count(p) OVER pair_cells AS m,
               row_number() OVER (PARTITION BY pair_id ORDER BY p NULLS LAST) AS place
        FROM tested WINDOW pair_cells AS (PARTITION BY pair_id)
    ), adjusted AS (
        SELECT *, least(1, min(p * m / place) OVER (
                   PARTITION BY pair_id ORDER BY p DESC NULLS FIRST, place DESC
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS q
        FROM ranked
    )
    SELECT n.pair_id, n.pair, n.relation, n.is_positive, n.file, n.caption, n.score,
           a.left_segment AS region, g.label, g.bbox_x AS x, g.bbox_y AS y,
           g.bbox_width AS width, g.bbox_height AS height,
           w.word, a.right_segment AS word_number, w.word_class,
           a.weight, a.standard_error, a.weight / nullif(a.standard_error, 0) AS z, a.p_value,
           CASE WHEN a.p_value IS NOT NULL THEN a.q END AS p_adjusted
    FROM adjusted a JOIN named_pairs n USING (pair_id)
    JOIN segments g ON g.item_id = n.left_id AND g.segment = a.left_segment
    JOIN segments w ON w.item_id = n.right_id AND w.segment = a.right_segment
    """,
)
