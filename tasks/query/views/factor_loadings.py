"""View of the factors of W with the names of what loads on them."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, ITEMS_BY_SIDE, NAMED
from tasks.tables.columns import INT, REAL, SIDE, TEXT, Column

__all__ = ["FACTOR_LOADINGS"]

FACTOR_LOADINGS = View(
    "factor_loadings",
    "singular vectors of W by the primary estimator, a row for each segment",
    (
        *NAMED,
        Column("component", INT, "1 is the strongest"),
        Column("strength", REAL, "singular value"),
        Column("energy", REAL, "share of the squared strengths"),
        Column("gap", REAL, "strength minus the next one; small: the two maps may be mixed"),
        SIDE,
        Column("segment", INT, "segment of the item, from 0 in reading order"),
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        Column("word", TEXT, "the segment as grouped; NULL of a region"),
        *BOX,
        Column("loading", REAL, "entry of the unit vector"),
    ),
    f"""
    WITH unnested AS (
        SELECT pair_id, component, strength, energy, gap, 'left' AS side,
               unnest(left_vector) AS loading, unnest(range(len(left_vector))) AS segment
        FROM factors JOIN runs USING (estimator)
        UNION ALL
        SELECT pair_id, component, strength, energy, gap, 'right',
               unnest(right_vector), unnest(range(len(right_vector)))
        FROM factors JOIN runs USING (estimator)
    )
    SELECT n.pair_id, n.pair, n.relation, n.is_positive, n.file, n.caption, n.score,
           u.component, u.strength, u.energy, u.gap, u.side, CAST(u.segment AS INTEGER) AS segment,
           s.label, s.word, s.bbox_x AS x, s.bbox_y AS y, s.bbox_width AS width, s.bbox_height AS height,
           u.loading
    FROM unnested u JOIN named_pairs n USING (pair_id)
    JOIN ({ITEMS_BY_SIDE}) o ON o.pair_id = u.pair_id AND o.side = u.side
    JOIN segments s ON s.item_id = o.item_id AND s.segment = u.segment
    """,
)
