"""View of how far the explanation of a pair can be trusted, with the reasons."""

from tasks.query.view import View
from tasks.query.views.shared_columns import NAMED
from tasks.tables.columns import INT, REAL, TEXT, Column

__all__ = ["TRUST"]

TRUST = View(
    "trust",
    "a verdict on the explanation of each pair by the primary estimator, and its reasons",
    (
        *NAMED,
        Column(
            "verdict",
            TEXT,
            "usable: no reason against it is known; doubtful: read it with its reasons; no: W explains too "
            "little of the score, or no cell of it can be told from 0",
        ),
        Column("reasons", TEXT, "all that hold, separated by semicolons; empty of usable"),
        Column(
            "r2_cross",
            REAL,
            "share of the cross variance explained by W; where it is NULL, the verdict takes "
            "fits.r2_cross_held_out",
        ),
        Column("share_cross", REAL, "share of the variance from both items together"),
        Column(
            "share_certain", REAL, "share of the cells that differ from 0 at 5 %, corrected for their number"
        ),
        Column("split_half_error", REAL, "|W1 - W2| / (2 |W|) from halves of the masks"),
        Column("seen", REAL, "share of the image inside the model's view"),
        Column("n_truncated", INT, "words beyond the model's context"),
    ),
    """
    WITH cut AS (SELECT item_id, count(*) FILTER (truncated) AS n_truncated FROM segments GROUP BY item_id),
    judged AS (
        SELECT n.*, f.r2_cross, f.share_cross, f.share_certain, f.split_half_error,
               least(l.seen, r.seen) AS seen,
               CAST(coalesce(a.n_truncated, 0) + coalesce(b.n_truncated, 0) AS INTEGER) AS n_truncated,
               list_filter([
                   CASE WHEN coalesce(f.r2_cross, f.r2_cross_held_out)
                             < coalesce(getvariable('low_r2'), 0.25)
                        THEN 'W explains little of what both items do together' END,
                   CASE WHEN f.share_certain = 0 THEN 'no cell can be told from 0' END
               ], lambda one: one IS NOT NULL) AS against,
               list_filter([
                   CASE WHEN f.r2_cross IS NULL AND f.r2_cross_held_out IS NULL THEN 'its fit is unknown' END,
                   CASE WHEN f.split_half_error > coalesce(getvariable('high_split'), 0.5)
                        THEN 'two halves of the masks disagree' END,
                   CASE WHEN least(l.seen, r.seen) < coalesce(getvariable('low_seen'), 0.8)
                        THEN 'the model sees only a part of the item' END,
                   CASE WHEN coalesce(a.n_truncated, 0) + coalesce(b.n_truncated, 0) > 0
                        THEN 'words are beyond the context' END
               ], lambda one: one IS NOT NULL) AS doubts
        FROM fits f JOIN runs USING (estimator) JOIN named_pairs n USING (pair_id)
        JOIN views l ON l.item_id = n.left_id JOIN views r ON r.item_id = n.right_id
        LEFT JOIN cut a ON a.item_id = n.left_id LEFT JOIN cut b ON b.item_id = n.right_id
    )
    SELECT pair_id, pair, relation, is_positive, file, caption, score,
           CASE WHEN len(against) > 0 THEN 'no' WHEN len(doubts) > 0 THEN 'doubtful' ELSE 'usable' END
               AS verdict,
           array_to_string(list_concat(against, doubts), '; ') AS reasons,
           r2_cross, share_cross, share_certain, split_half_error, seen, n_truncated
    FROM judged
    """,
)
