"""View of the pairs with the files and captions of their items."""

from tasks.query.view import View
from tasks.query.views.shared_columns import NAMED, named_item
from tasks.tables.columns import FLAG, ID, INT, Column

__all__ = ["NAMED_PAIRS"]

NAMED_PAIRS = View(
    "named_pairs",
    "pairs with the names of their items",
    (
        *NAMED,
        Column("is_error", FLAG, "best wrong candidate of a failed query"),
        Column("rank_left_to_right", INT, "rank of the caption among the candidates of the file"),
        Column("rank_right_to_left", INT, "rank of the file among the candidates of the caption"),
        Column("left_id", ID, "left item"),
        Column("right_id", ID, "right item"),
    ),
    f"""
    SELECT p.pair_id, p.pair_id[:13] AS pair, p.relation, p.is_positive,
           {named_item("l")} AS file, {named_item("r")} AS caption, p.score,
           p.is_error, p.rank_left_to_right, p.rank_right_to_left, p.left_id, p.right_id
    FROM pairs p JOIN items l ON l.item_id = p.left_id JOIN items r ON r.item_id = p.right_id
    """,
)
