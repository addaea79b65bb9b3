"""Tables that stage score writes: embeddings, effects and fits of items."""

from tasks.tables.columns import (
    BYTES,
    ESTIMATOR,
    FLAG,
    INT,
    ITEM,
    OWN_ITEM,
    OWN_SEGMENT,
    REAL,
    SEGMENT,
    TEXT,
    VECTOR,
    Column,
    Reference,
    Table,
)

__all__ = ["TABLES"]

TABLES = (
    Table(
        "embeddings",
        "score",
        ("item_id", "set", "row"),
        "embeddings behind the effects",
        (
            ITEM,
            Column("set", TEXT, "full, empty, held_out or fit (kept on request)"),
            Column("row", INT, "row of the set's design"),
            Column("mask", BYTES, "kept segments, packed bits, first segment in the highest bit"),
            Column("embedding", VECTOR, "unit-norm embedding of the perturbed item"),
        ),
        references=(OWN_ITEM,),
    ),
    Table(
        "effects",
        "score",
        ("item_id", "estimator", "segment"),
        "embedding-valued effect of every segment: W of any pair is an inner product of two of these",
        (
            ITEM,
            ESTIMATOR,
            SEGMENT,
            Column("effect", VECTOR, "change of the embedding that the segment brings"),
            Column("half_1", VECTOR, "the same from one half of the masks"),
            Column("half_2", VECTOR, "the same from the other half"),
            Column("error_scale", REAL, "covariance of the effect in units of item_fits.error_factors"),
            Column("degrees", REAL, "degrees of freedom of that covariance; NULL where nothing was drawn"),
        ),
        references=(
            OWN_ITEM,
            OWN_SEGMENT,
            Reference(("item_id", "estimator"), "item_fits"),
        ),
    ),
    Table(
        "item_fits",
        "score",
        ("item_id", "estimator"),
        "fit of an item: mean, intercept, covariances and design behind its effects",
        (
            ITEM,
            ESTIMATOR,
            Column("mean", VECTOR, "mean embedding over the design's law"),
            Column("intercept", VECTOR, "surrogate's embedding with nothing kept"),
            Column("empty_embedding", VECTOR, "embedding of the empty item"),
            Column("full_embedding", VECTOR, "embedding of the full item"),
            Column("error_factors", VECTOR, "leading factors of the error covariance, rows flattened"),
            Column("error_rest", REAL, "mean of its remaining eigenvalues"),
            Column("spread_factors", VECTOR, "leading factors of the embeddings' covariance, rows flattened"),
            Column("spread_rest", REAL, "mean of its remaining eigenvalues"),
            Column("sampled", FLAG, "false where all coalitions were encoded"),
            Column("rank", INT, "rank of the centred design"),
            Column("condition", REAL, "condition number of the centred design"),
            Column("n_masks", INT, "rows of the design"),
            Column(
                "n_encodes",
                INT,
                "encodes of this item in all: distinct coalitions, and passes of white-box estimators",
            ),
            Column("design", TEXT, "design that was drawn"),
            Column(
                "effect_error",
                REAL,
                "root mean square over the segments of an effect's standard error, a length; NULL if unknown",
            ),
            Column(
                "budget_ended",
                TEXT,
                "why an adaptive budget grew no further: met, bound or enumerated; NULL where it was fixed",
            ),
        ),
        references=(OWN_ITEM,),
    ),
)
