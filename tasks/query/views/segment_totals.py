"""Views of what words and regions do with all items of the other side (``pairs.all``)."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, REGION, WORD, named_item
from tasks.tables.columns import INT, ITEM, REAL, SIDE, TEXT, WIDE, Column

__all__ = ["REGION_TOTALS", "WORD_TOTALS"]

_TOTALS = (
    Column("mean_net", WIDE, "sum of its cells of W with an item of the other side, mean over all of these"),
    Column("mean_mass", WIDE, "the same of the absolute values"),
    Column("largest_share", WIDE, "share of all pairs of its item in which it has the largest abs(W)"),
    Column("net_in_matches", WIDE, "as mean_net, over explained matches; NULL where it has none"),
    Column("specific", WIDE, "net_in_matches minus mean_net: what it does for a match beyond any candidate"),
)

WORD_TOTALS = View(
    "word_totals",
    "what each word does with all items of the other side, of runs with pairs.all: a high mean_net raises "
    "the score of any candidate, a high specific that of matches. Means without intervals: mind n_texts",
    (
        SIDE,
        WORD,
        Column("word_class", TEXT, "number, negation, colour, ..."),
        Column("n_texts", INT, "texts that have it"),
        *_TOTALS,
    ),
    """
    WITH matched AS (
        SELECT side, word, avg(net) AS net FROM word_effects WHERE is_positive GROUP BY side, word
    ), totals AS (
        SELECT t.side, s.word, any_value(s.word_class) AS word_class,
               CAST(count(DISTINCT t.item_id) AS INTEGER) AS n_texts, avg(t.mean_net) AS mean_net,
               avg(t.mean_mass) AS mean_mass, avg(t.largest_share) AS largest_share
        FROM segment_totals t JOIN segments s USING (item_id, segment)
        WHERE s.word IS NOT NULL GROUP BY t.side, s.word
    )
    SELECT side, word, word_class, n_texts, mean_net, mean_mass, largest_share,
           m.net AS net_in_matches, m.net - mean_net AS specific
    FROM totals LEFT JOIN matched m USING (side, word)
    """,
)

REGION_TOTALS = View(
    "region_totals",
    "what each region does with all items of the other side, of runs with pairs.all: a high largest_share "
    "answers anything, a high specific what its matches say",
    (
        SIDE,
        ITEM,
        Column("file", TEXT, "file of the image, with its member where it is an archive"),
        REGION,
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        *BOX,
        Column("area_share", REAL, "share of the model's view"),
        *_TOTALS,
    ),
    f"""
    WITH matched AS (
        SELECT side, CASE side WHEN 'left' THEN p.left_id ELSE p.right_id END AS item_id, region,
               avg(net) AS net
        FROM region_effects JOIN pairs p USING (pair_id) WHERE p.is_positive GROUP BY ALL
    )
    SELECT t.side, t.item_id, {named_item("i")} AS file, t.segment AS region, s.label, s.bbox_x AS x,
           s.bbox_y AS y, s.bbox_width AS width, s.bbox_height AS height, s.share AS area_share,
           t.mean_net, t.mean_mass, t.largest_share, m.net AS net_in_matches,
           m.net - t.mean_net AS specific
    FROM segment_totals t JOIN segments s USING (item_id, segment) JOIN items i USING (item_id)
    LEFT JOIN matched m ON m.item_id = t.item_id AND m.side = t.side AND m.region = t.segment
    WHERE s.word IS NULL
    """,
)
