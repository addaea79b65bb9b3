"""View of contrasts: the correct candidate against an edited one."""

from tasks.query.view import View
from tasks.query.views.shared_columns import named_item
from tasks.tables.columns import DIRECTION, FLAG, ID, REAL, TEXT, Column

__all__ = ["EDITED_CAPTIONS"]

EDITED_CAPTIONS = View(
    "edited_captions",
    "each edited caption (or other candidate) beside the correct one: which of them the model prefers; "
    "contrast_accuracy counts them",
    (
        Column("question", TEXT, "the corpus's name of the question, or the caption that was edited"),
        Column("edit", TEXT, "layout that the edited candidate comes from, or ilime's own edit"),
        Column("category", TEXT, "kind of change, as the corpus or the edit names it"),
        DIRECTION,
        Column("query", TEXT, "caption or file of the query"),
        Column("correct", TEXT, "the correct candidate"),
        Column("edited", TEXT, "the edited candidate, which is wrong"),
        Column("margin", REAL, "score of the correct candidate minus that of the edited one"),
        Column("won", FLAG, "whether the correct candidate scores higher"),
        Column("tied", FLAG, "whether both score the same"),
        Column("edited_pair_id", ID, "query with the edited candidate, as margins names it"),
    ),
    f"""
    SELECT c.question, c.edit, c.category, c.direction, {named_item("q")} AS query,
           {named_item("r")} AS correct, {named_item("e")} AS edited,
           c.margin, c.won, c.tied, c.edited_pair_id
    FROM contrasts c JOIN items q ON q.item_id = c.query_id
    JOIN items r ON r.item_id = c.correct_id JOIN items e ON e.item_id = c.edited_id
    """,
)
