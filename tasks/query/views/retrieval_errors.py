"""Views of retrieval: why wrong candidates won, and candidates that answer too many queries."""

from tasks.query.view import View
from tasks.query.views.shared_columns import BOX, named_item
from tasks.tables.columns import DIRECTION, FLAG, ID, INT, QUERY, REAL, TEXT, WIDE, Column

__all__ = ["HUBS", "RANK_CHANGES", "RETRIEVAL_ERRORS"]

RETRIEVAL_ERRORS = View(
    "retrieval_errors",
    "failed queries with the part of each word and region in the margin, by the primary estimator",
    (
        QUERY,
        DIRECTION,
        Column("query", TEXT, "caption or file of the query"),
        Column("correct", TEXT, "the best relevant candidate"),
        Column("wrong", TEXT, "the best wrong candidate"),
        Column("margin", REAL, "score of the correct pair minus that of the wrong pair"),
        Column("part_of", TEXT, "item of the segment: query, correct or wrong"),
        Column("segment", INT, "segment of that item"),
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        Column("word", TEXT, "the segment as grouped; NULL of a region"),
        *BOX,
        Column("effect", REAL, "part of the margin: below 0 it favours the wrong candidate"),
        Column("standard_error", REAL, "of effect"),
        Column(
            "remainder", REAL, "margin minus the sum of the effects of this split: query, or both candidates"
        ),
        Column(
            "remainder_exceeds",
            FLAG,
            "true where |remainder| exceeds |margin|: the segments do not explain it",
        ),
    ),
    f"""
    SELECT m.query_id, m.direction, {named_item("q")} AS query,
           {named_item("c")} AS correct, {named_item("w")} AS wrong, m.margin,
           e.part_of, e.segment, s.label, s.word, s.bbox_x AS x, s.bbox_y AS y,
           s.bbox_width AS width, s.bbox_height AS height, e.effect, e.standard_error,
           CASE e.part_of WHEN 'query' THEN m.query_remainder ELSE m.candidates_remainder END AS remainder,
           CASE e.part_of WHEN 'query' THEN m.query_remainder_exceeds ELSE m.candidates_remainder_exceeds END
               AS remainder_exceeds
    FROM margins m JOIN runs USING (estimator)
    JOIN margin_effects e USING (query_id, direction, reason, number, estimator)
    JOIN pairs cp ON cp.pair_id = m.correct_pair_id JOIN pairs wp ON wp.pair_id = m.wrong_pair_id
    JOIN items q ON q.item_id = m.query_id
    JOIN items c ON c.item_id = CASE m.direction WHEN 'left_to_right' THEN cp.right_id ELSE cp.left_id END
    JOIN items w ON w.item_id = CASE m.direction WHEN 'left_to_right' THEN wp.right_id ELSE wp.left_id END
    JOIN segments s ON s.item_id = e.item_id AND s.segment = e.segment
    WHERE m.reason = 'error'
    """,
)

HUBS = View(
    "hubs",
    "the candidates that are among the first ten of the most queries",
    (
        DIRECTION,
        Column("rank", INT, "1 is the largest"),
        Column("candidate_id", ID, "item that answers"),
        Column("candidate", TEXT, "its caption or file"),
        Column("n_queries", INT, "queries that have it among their first ten"),
        Column("expected", WIDE, "number of queries if all candidates came up alike"),
        Column("ratio", WIDE, "n_queries over expected"),
    ),
    f"""
    SELECT h.direction, h.rank, h.candidate_id, {named_item("i")} AS candidate,
           h.k_occurrence AS n_queries, h.expected, h.k_occurrence / h.expected AS ratio
    FROM hub_candidates h JOIN items i ON i.item_id = h.candidate_id
    """,
)

RANK_CHANGES = View(
    "rank_changes",
    "rank of the correct candidate after one segment of the query is removed (selection.methods: [ranks])",
    (
        QUERY,
        DIRECTION,
        Column("query", TEXT, "caption or file of the query"),
        Column("segment", INT, "segment of the query that was removed alone"),
        Column("label", TEXT, "what the corpus calls the region, where it does"),
        Column("word", TEXT, "the segment as grouped; NULL of a region"),
        *BOX,
        Column("rank_before", INT, "rank of the best match of the whole query"),
        Column("rank_after", INT, "rank of the best match without the segment"),
        Column("outcome", TEXT, "at rank 1: stays hit, stays error, becomes hit or becomes error"),
        Column("correct", TEXT, "the best match without the segment"),
        Column("best_wrong", TEXT, "the best candidate that is no match, without the segment"),
        Column("selection_id", TEXT, "digest of the selection's parameters"),
    ),
    f"""
    SELECT r.query_id, r.direction, {named_item("q")} AS query, r.segment, s.label, s.word,
           s.bbox_x AS x, s.bbox_y AS y, s.bbox_width AS width, s.bbox_height AS height,
           r.rank_before, r.rank_after,
           CASE WHEN r.is_hit_before = r.is_hit_after THEN 'stays ' ELSE 'becomes ' END
               || CASE WHEN r.is_hit_after THEN 'hit' ELSE 'error' END AS outcome,
           {named_item("c")} AS correct, {named_item("w")} AS best_wrong, r.selection_id
    FROM rank_effects r JOIN items q ON q.item_id = r.query_id
    JOIN segments s ON s.item_id = r.query_id AND s.segment = r.segment
    JOIN items c ON c.item_id = r.correct_id LEFT JOIN items w ON w.item_id = r.best_wrong_id
    """,
)
