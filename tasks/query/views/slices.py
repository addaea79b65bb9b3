"""View of slices by tags beside all other pairs that have the tag."""

from tasks.query.view import View
from tasks.tables.columns import INT, TEXT, WIDE, Column

__all__ = ["SLICES"]

SLICES = View(
    "slices",
    "means over the pairs of each slice, by the primary estimator, and how they differ from all other pairs "
    "that have its tag; slices that are too small are counted in slice_counts",
    (
        Column("slice", TEXT, "tag=value: pairs of which either item has it"),
        Column("relation", TEXT, "relation of the pairs, or all"),
        Column("quantity", TEXT, "column of fits"),
        Column("mean", WIDE, "mean over the pairs of the slice"),
        Column("low", WIDE, "lower end of the 95 % interval of the mean"),
        Column("high", WIDE, "upper end"),
        Column("n", INT, "pairs of the slice that have the quantity"),
        Column("rest_mean", WIDE, "mean over the other pairs that have the tag; NULL where none has"),
        Column("difference", WIDE, "mean minus rest_mean"),
        Column("difference_low", WIDE, "lower end of the 95 % interval of the difference"),
        Column("difference_high", WIDE, "upper end"),
        Column("p_adjusted", WIDE, "of a difference of 0, corrected for all that was asked"),
    ),
    """
    SELECT a.slice, a.relation, a.quantity, a.mean, a.low, a.high, a.n,
           d.rest_mean, d.difference, d.low AS difference_low, d.high AS difference_high, d.p_adjusted
    FROM aggregates a JOIN runs USING (estimator)
    LEFT JOIN slice_differences d USING (estimator, relation, slice, quantity)
    WHERE a.slice <> 'all'
    """,
)
