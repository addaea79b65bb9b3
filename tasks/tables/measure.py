"""Tables that stages measure and rank write: faithfulness."""

from tasks.tables.columns import (
    CLUSTERS,
    ESTIMATOR,
    INT,
    OWN_PAIR,
    PAIR,
    REAL,
    SLICE,
    TEXT,
    VECTOR,
    WIDE,
    Column,
    Table,
)

__all__ = ["TABLES"]

_METRIC = Column("metric", TEXT, "what was measured: insertion, aid, pointing_game, ...")
_MODE = Column("mode", TEXT, "variant of the metric: a target, a probability, a share; of cost what counts")
_SIDE = Column("side", TEXT, "whose segments come and go: both, left or right")
_BASELINE = Column("baseline", TEXT, "what stood in for removed regions and words")
_AXIS = Column("axis", TEXT, "count (of segments) or area that a curve was integrated over; else none")
_CONTROL = Column("control", TEXT, "explanation, interactions (W alone), main_effects (linear) or random")
_RELATION = Column("relation", TEXT, "relation of the pairs, or all")
_MEASURE = Column("measure_id", TEXT, "digest of the measurement's parameters")
_DIRECTION = Column("direction", TEXT, "higher or lower is better")

_VARIANT = (_METRIC, _MODE, _SIDE, _BASELINE, _AXIS)
_NAMES = tuple(column.name for column in _VARIANT)
_INTERVAL = (
    Column("low", WIDE, "lower end of the 95 % interval of the mean"),
    Column("high", WIDE, "upper end of the 95 % interval of the mean"),
)

TABLES = (
    Table(
        "faithfulness",
        "measure",
        ("pair_id", "estimator", *_NAMES, "control", "measure_id"),
        "whether the explanation can be trusted",
        (
            PAIR,
            ESTIMATOR,
            *_VARIANT,
            _CONTROL,
            _MEASURE,
            Column("value", REAL, "the metric's value, of random the mean; NULL where it does not apply"),
            Column("normalised", REAL, "empty pair 0, full pair 1; NULL where they hardly differ"),
            Column("spread", REAL, "standard deviation over random orders or draws"),
            Column("n_orders", INT, "orders or draws behind the value"),
            _DIRECTION,
        ),
        references=(OWN_PAIR,),
    ),
    Table(
        "curves",
        "measure",
        ("pair_id", "estimator", *_NAMES[:-1], "control", "random_order", "measure_id"),
        "the curves behind the areas; random ones, the same for all estimators, are listed under the first",
        (
            PAIR,
            ESTIMATOR,
            Column("metric", TEXT, "insertion, deletion, or retention: the least important goes first"),
            Column("mode", TEXT, "target: score or mixed_difference"),
            _SIDE,
            _BASELINE,
            _CONTROL,
            Column("random_order", INT, "number of the random order, else 0"),
            _MEASURE,
            Column("x", VECTOR, "share of segments inserted or deleted"),
            Column("area", VECTOR, "share of area inserted or deleted"),
            Column("y", VECTOR, "target at x"),
        ),
        references=(OWN_PAIR,),
    ),
    Table(
        "leaderboard",
        "rank",
        ("measure_id", "estimator", "relation", "slice", *_NAMES, "scale", "control", "versus"),
        "methods by metrics: means over measured pairs with intervals clustered by both items",
        (
            _MEASURE,
            ESTIMATOR,
            _RELATION,
            SLICE,
            *_VARIANT,
            Column("scale", TEXT, "raw (column value of faithfulness) or normalised"),
            _CONTROL,
            Column("versus", TEXT, "control that was subtracted, pair by pair; none where nothing was"),
            Column("mean", WIDE, "mean over pairs"),
            Column("median", WIDE, "median over pairs"),
            *_INTERVAL,
            Column("n", INT, "pairs that have the value; of cost: items"),
            Column("n_unknown", INT, "pairs to which the metric does not apply, or whose value is unknown"),
            _DIRECTION,
            *CLUSTERS,
            Column("null_value", WIDE, "the mean is tested against it: 0 of differences, else known chance"),
            Column("p_value", WIDE, "two-sided, of mean against null; NULL below 10 items on a side"),
            Column(
                "p_adjusted",
                WIDE,
                "p_value after Benjamini and Hochberg over all that the leaderboard tests; slices apart",
            ),
        ),
    ),
    Table(
        "method_differences",
        "rank",
        ("measure_id", "estimator", "rival", "relation", *_NAMES, "scale"),
        "method against method: differences of their explanations, pair by pair, each two methods once",
        (
            _MEASURE,
            Column("estimator", TEXT, "effects estimator; of two methods that which the spec names first"),
            Column("rival", TEXT, "effects estimator that was subtracted"),
            _RELATION,
            *_VARIANT,
            Column("scale", TEXT, "raw (column value of faithfulness)"),
            Column("mean", WIDE, "mean of estimator minus rival over pairs that have both values"),
            Column("median", WIDE, "median of estimator minus rival over these pairs"),
            *_INTERVAL,
            Column("n", INT, "pairs that have both values"),
            Column("n_unknown", INT, "pairs that have only one of them"),
            _DIRECTION,
            *CLUSTERS,
            Column("p_value", WIDE, "two-sided, of mean against 0; NULL below 10 items on a side"),
            Column(
                "p_adjusted",
                WIDE,
                "p_value after Holm over the methods of one question (a variant of a metric, a relation), "
                "times all questions over those that have an answer (Benjamini and Bogomolov)",
            ),
            Column(
                "smallest_difference",
                WIDE,
                "size of a true difference that is found with a probability of 80 % at 5 % over the number "
                "of comparisons of the question",
            ),
        ),
    ),
)  # fmt: skip
