"""Tables that stage measure writes: faithfulness."""

from tasks.tables.columns import ESTIMATOR, INT, PAIR, REAL, TEXT, VECTOR, Column, Table

__all__ = ["TABLES"]

TABLES = (
    Table(
        "faithfulness",
        "measure",
        ("pair_id", "estimator", "metric", "mode", "fill", "axis", "control", "measure_id"),
        "whether the explanation can be trusted",
        (
            PAIR,
            ESTIMATOR,
            Column("metric", TEXT, "insertion or deletion"),
            Column("mode", TEXT, "target: score or mixed_difference"),
            Column("fill", TEXT, "what stood in for removed segments"),
            Column("axis", TEXT, "count"),
            Column("control", TEXT, "explanation, interactions, main_effects or random"),
            Column("measure_id", TEXT, "digest of the measurement's parameters"),
            Column("value", REAL, "area under the curve over x in [0, 1]; of random: the mean"),
            Column("normalised", REAL, "the curve between empty 0 and full 1; NULL where they hardly differ"),
            Column("spread", REAL, "standard deviation over random orders"),
            Column("n_orders", INT, "orders behind the value"),
            Column("direction", TEXT, "higher or lower is better"),
        ),
    ),
    Table(
        "curves",
        "measure",
        ("pair_id", "estimator", "metric", "mode", "fill", "axis", "control", "order", "measure_id"),
        "the curves behind the areas",
        (
            PAIR,
            ESTIMATOR,
            Column("metric", TEXT, "insertion or deletion"),
            Column("mode", TEXT, "target: score or mixed_difference"),
            Column("fill", TEXT, "what stood in for removed segments"),
            Column("axis", TEXT, "count"),
            Column("control", TEXT, "explanation, interactions, main_effects or random"),
            Column("order", INT, "number of the random order, else 0"),
            Column("measure_id", TEXT, "digest of the measurement's parameters"),
            Column("x", VECTOR, "share of segments inserted or deleted"),
            Column("y", VECTOR, "target at x"),
        ),
    ),
)
