"""Views of what single words and regions do with the other item whole."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, ITEMS_BY_SIDE, NAMED, REGION, TEXT_SIDES, WORD, WORD_NUMBER
from tasks.tables.columns import INT, REAL, SIDE, TEXT, WIDE, Column

__all__ = ["EFFECT_BY_POSITION", "IGNORED_WORDS", "REGION_EFFECTS", "SINGLE_REGION", "WORD_EFFECTS"]

_EFFECTS = (
    Column("effect", REAL, "change of the score that it brings, the other item whole"),
    Column("standard_error", REAL, "of effect"),
    Column("half_width", REAL, "half of the 95 % interval of effect, by Student's t"),
    Column("p_value", REAL, "of a true effect of 0; NULL where nothing was drawn"),
    Column("net", REAL, "sum of its cells of W"),
    Column("mass", REAL, "sum of the absolute values of its cells of W"),
    Column("share_of_mass", WIDE, "of the mass of all segments of the item"),
)

_SELECTED = """m.intact_effect AS effect, m.intact_standard_error AS standard_error,
           m.intact_half_width AS half_width, m.intact_p_value AS p_value, m.net, m.mass,
           m.mass / nullif(sum(m.mass) OVER (PARTITION BY m.pair_id, m.side), 0) AS share_of_mass"""

_OF_SIDE = f"""JOIN ({ITEMS_BY_SIDE}) o ON o.pair_id = m.pair_id AND o.side = m.side
    JOIN segments s ON s.item_id = o.item_id AND s.segment = m.segment"""

_PAIR = "n.pair_id, n.pair, n.relation, n.is_positive, n.file, n.caption, n.score"

WORD_EFFECTS = View(
    "word_effects",
    "what each word of a text does to the score of a pair, by the primary estimator",
    (
        *NAMED,
        SIDE,
        WORD,
        WORD_NUMBER,
        Column("n_words", INT, "words of the caption that are explained"),
        Column("word_class", TEXT, "number, negation, colour, ..."),
        *_EFFECTS,
    ),
    f"""
    SELECT {_PAIR}, m.side, s.word, m.segment AS word_number,
           CAST(count(*) OVER (PARTITION BY m.pair_id, m.side) AS INTEGER) AS n_words,
           s.word_class, {_SELECTED}
    FROM main_effects m JOIN runs USING (estimator) JOIN named_pairs n USING (pair_id)
    {_OF_SIDE}
    WHERE s.word IS NOT NULL AND m.side IN ({TEXT_SIDES})
    """,
)

REGION_EFFECTS = View(
    "region_effects",
    "what each region of an image does to the score of a pair, by the primary estimator",
    (
        *NAMED,
        SIDE,
        REGION,
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        *BOX,
        Column("area_share", REAL, "share of the model's view"),
        *_EFFECTS,
        Column("share_of_positive", WIDE, "of the sum of the positive effects of the image's regions"),
    ),
    f"""
    SELECT {_PAIR}, m.side, m.segment AS region, s.label, s.bbox_x AS x, s.bbox_y AS y,
           s.bbox_width AS width, s.bbox_height AS height, s.share AS area_share, {_SELECTED},
           greatest(m.intact_effect, 0)
               / nullif(sum(greatest(m.intact_effect, 0)) OVER (PARTITION BY m.pair_id, m.side), 0)
               AS share_of_positive
    FROM main_effects m JOIN runs USING (estimator) JOIN named_pairs n USING (pair_id)
    {_OF_SIDE}
    WHERE s.word IS NULL
    """,
)

IGNORED_WORDS = View(
    "ignored_words",
    "words whose effect is small: even the far end of its 95 % interval is below a tenth of the strongest "
    "word's estimated effect (--set ignored_share=0.1). Each interval is of one word and not corrected for "
    "the number of words. A word that is absent here may be ignored, too: its interval is too wide to say "
    "so, or unknown",
    (
        *NAMED,
        SIDE,
        WORD,
        WORD_NUMBER,
        Column("word_class", TEXT, "number, negation, colour, ..."),
        Column("effect", REAL, "change of the score that it brings, the other item whole"),
        Column("half_width", REAL, "half of the 95 % interval of effect"),
        Column("strongest_effect", REAL, "largest magnitude of an effect of a word of the caption"),
        Column("at_most", REAL, "magnitude of effect plus half_width, over strongest_effect"),
    ),
    """
    WITH strong AS (
        SELECT *, max(abs(effect)) OVER (PARTITION BY pair_id, side) AS strongest_effect FROM word_effects
    )
    SELECT pair_id, pair, relation, is_positive, file, caption, score, side, word, word_number, word_class,
           effect, half_width, strongest_effect, (abs(effect) + half_width) / strongest_effect AS at_most
    FROM strong
    WHERE abs(effect) + half_width <= coalesce(getvariable('ignored_share'), 0.1) * strongest_effect
    """,
)

SINGLE_REGION = View(
    "single_region",
    "pairs of which one region of the image has at least half of the positive effects, as estimated "
    "(--set single_share=0.5), and an effect whose 95 % interval is above 0. The share has no interval",
    (
        *NAMED,
        SIDE,
        REGION,
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        *BOX,
        Column("area_share", REAL, "share of the model's view"),
        Column("effect", REAL, "change of the score that the region brings, the other item whole"),
        Column("half_width", REAL, "half of the 95 % interval of effect"),
        Column("share_of_positive", WIDE, "of the sum of the positive effects of the image's regions"),
    ),
    """
    SELECT pair_id, pair, relation, is_positive, file, caption, score, side, region, label,
           x, y, width, height, area_share, effect, half_width, share_of_positive
    FROM region_effects
    WHERE effect > half_width AND share_of_positive >= coalesce(getvariable('single_share'), 0.5)
    """,
)

EFFECT_BY_POSITION = View(
    "effect_by_position",
    "mean effects of words by their place in the caption. Late places have the long captions alone",
    (
        Column("relation", TEXT, "relation of the pairs"),
        SIDE,
        Column("word_number", INT, "place in the caption, from 0"),
        Column("n_pairs", INT, "pairs with an explained word at this place"),
        Column("mean_effect", WIDE, "mean of effect"),
        Column("mean_magnitude", WIDE, "mean magnitude of effect; noise of the masks is in it"),
        Column("mean_share_of_mass", WIDE, "mean share of the pair's mass"),
        Column(
            "mean_fair_share", WIDE, "mean of one over the number of words: the share if all words did alike"
        ),
        Column(
            "standard_error",
            WIDE,
            "of mean_effect, pairs taken as independent; captions that share an image are not",
        ),
    ),
    """
    SELECT relation, side, word_number, CAST(count(*) AS INTEGER) AS n_pairs, avg(effect) AS mean_effect,
           avg(abs(effect)) AS mean_magnitude, avg(share_of_mass) AS mean_share_of_mass,
           avg(1 / n_words) AS mean_fair_share, stddev_samp(effect) / sqrt(count(*)) AS standard_error
    FROM word_effects GROUP BY relation, side, word_number
    """,
)
