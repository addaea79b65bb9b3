"""View of the pairs with the files and captions of their items."""

from tasks.query.view import View
from tasks.tables.columns import FLAG, ID, INT, PAIR, REAL, TEXT, Column

__all__ = ["NAMED_PAIRS"]

NAMED_PAIRS = View(
    "named_pairs",
    "pairs with the names of their items: the file of an image, the words of a text",
    (
        PAIR,
        Column("pair", TEXT, "first characters of pair_id, as the terminal prints it"),
        Column("left_id", ID, "left item"),
        Column("right_id", ID, "right item"),
        Column("left_name", TEXT, "file of a left image, else its text"),
        Column("right_name", TEXT, "file of a right image, else its text"),
        Column("relation", TEXT, "first that holds of positive, hard_negative, retrieved, listed, sampled"),
        Column("is_positive", FLAG, "the corpus calls it a match"),
        Column("is_error", FLAG, "best wrong candidate of a failed query"),
        Column("score", REAL, "cosine"),
        Column("rank_left_to_right", INT, "rank of right among the left item's candidates"),
        Column("rank_right_to_left", INT, "rank of left among the right item's candidates"),
    ),
    """
    SELECT p.pair_id, p.pair_id[:13] AS pair, p.left_id, p.right_id,
           coalesce(l.text, l.uri) AS left_name, coalesce(r.text, r.uri) AS right_name,
           p.relation, p.is_positive, p.is_error, p.score, p.rank_left_to_right, p.rank_right_to_left
    FROM pairs p JOIN items l ON l.item_id = p.left_id JOIN items r ON r.item_id = p.right_id
    """,
)
