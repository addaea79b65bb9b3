"""All tables: columns, types, keys, meaning, and the one stage that writes each.

Parquet lies under ``<output>/<table>/run_id=<id>/``; ``run_id`` is the partition and no column. Integers are signed,
vectors plain lists (several widths live in one table), what is unknown is NULL and never NaN.
"""

from dataclasses import dataclass, field

import pyarrow as pa

__all__ = ["SCHEMA_VERSION", "STAGES", "TABLES", "Column", "Table"]

SCHEMA_VERSION = "1.0"
"""A minor version only adds nullable columns."""

STAGES = ("embed", "match", "segment", "score", "fit", "measure", "summarise", "finish")

ID = pa.string()
TEXT = pa.string()
INT = pa.int32()
LONG = pa.int64()
REAL = pa.float32()
WIDE = pa.float64()
FLAG = pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
VECTOR = pa.list_(pa.float32())
HALVES = pa.list_(pa.float16())
BYTES = pa.binary()


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``meaning`` goes into the Parquet metadata and the dictionary in docs."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Rows are sorted by ``key``, which is unique within a run; ``volatile`` columns differ by nature."""

    name: str
    stage: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]
    volatile: frozenset[str] = field(default_factory=frozenset)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema with units and meanings as field metadata; key columns are not nullable."""
        fields = [
            pa.field(
                c.name,
                c.type,
                nullable=c.nullable and c.name not in self.key,
                metadata={"meaning": c.meaning} | ({"unit": c.unit} if c.unit else {}),
            )
            for c in self.columns
        ]
        return pa.schema(fields, metadata={"ilime.table": self.name, "ilime.schema": SCHEMA_VERSION})


ITEM = Column("item_id", ID, "i + sha256 of content and modality")
PAIR = Column("pair_id", ID, "p + sha256 of its two item ids")
ESTIMATOR = Column("estimator", TEXT, "effects estimator")
SIDE = Column("side", TEXT, "left or right")
SEGMENT = Column("segment", INT, "segment of the item, from 0 in reading order")
DIRECTION = Column("direction", TEXT, "left_to_right (image to text) or right_to_left")
QUERY = Column("query_id", ID, "item that asks")

_TABLES = (
    Table(
        "items",
        "embed",
        ("item_id",),
        "every usable item of the corpus",
        (
            ITEM,
            Column("modality", TEXT, "image or text"),
            Column("entry", INT, "row of the manifest"),
            Column("uri", TEXT, "place relative to the corpus root; for texts that of the annotation"),
            Column("uri_member", TEXT, "member inside an archive or caption number in the annotation"),
            Column("external_id", TEXT, "the corpus's own id"),
            Column("width", INT, "upright original", "px"),
            Column("height", INT, "upright original", "px"),
            Column("exif_orientation", INT, "EXIF tag 274 of the file, 1 to 8"),
            Column("text", TEXT, "caption as given"),
            Column("sha256", TEXT, "content digest, hex"),
            Column("fingerprint", TEXT, "what the plan knew of the content: sha256 or the store's etag"),
            Column("embedding", VECTOR, "unit-norm embedding of the whole item"),
        ),
        frozenset({"fingerprint"}),
    ),
    Table(
        "rankings",
        "match",
        ("query_id", "direction", "rank"),
        "best candidates of every query",
        (
            QUERY,
            DIRECTION,
            Column("rank", INT, "1 is best; ties by rounded score, then id"),
            Column("candidate_id", ID, "item that answers"),
            Column("score", REAL, "cosine"),
            Column("relevant", FLAG, "whether the corpus calls it a match"),
        ),
    ),
    Table(
        "retrieval_metrics",
        "match",
        ("direction", "metric"),
        "how well the model retrieves",
        (
            DIRECTION,
            Column("metric", TEXT, "recall_at_1, recall_at_5, recall_at_10 or median_rank"),
            Column("value", WIDE, "share of queries with a relevant item among the first k, or a rank"),
            Column("n_queries", INT, "queries with at least one relevant candidate"),
            Column("n_candidates", INT, "size of the pool"),
        ),
    ),
    Table(
        "pairs",
        "match",
        ("pair_id",),
        "the pairs to explain; the image is left",
        (
            PAIR,
            Column("block", INT, "pair block that fits it"),
            Column("left_id", ID, "left item"),
            Column("right_id", ID, "right item"),
            Column("left_modality", TEXT, "image or text"),
            Column("right_modality", TEXT, "image or text"),
            Column(
                "relation", TEXT, "first that holds of positive, hard_negative, retrieved, listed, sampled"
            ),
            Column("is_positive", FLAG, "the corpus calls it a match"),
            Column("is_error", FLAG, "best wrong candidate of a failed query"),
            Column("is_retrieved", FLAG, "among the first k of either direction"),
            Column("rank_left_to_right", INT, "rank of right among the left item's candidates"),
            Column("rank_right_to_left", INT, "rank of left among the right item's candidates"),
            Column("score", REAL, "cosine"),
        ),
        frozenset({"block"}),
    ),
    Table(
        "segments",
        "segment",
        ("item_id", "segment"),
        "what is explained: regions of images, words of texts",
        (
            ITEM,
            SEGMENT,
            Column("area", INT, "pixels in the upright original", "px"),
            Column("share", REAL, "share of the model's view, or of the text's words"),
            Column("bbox_x", INT, "left edge in the upright original", "px"),
            Column("bbox_y", INT, "top edge in the upright original", "px"),
            Column("bbox_width", INT, "in the upright original", "px"),
            Column("bbox_height", INT, "in the upright original", "px"),
            Column("rle", TEXT, "COCO compressed run-length mask of the upright original (column order)"),
            Column("char_start", INT, "first code point in the text"),
            Column("char_end", INT, "one past the last code point"),
            Column("text", TEXT, "the span as written"),
            Column("word", TEXT, "NFKC and case-folded, for grouping"),
            Column("truncated", FLAG, "beyond the model's context: no effect, not explained"),
        ),
    ),
    Table(
        "views",
        "segment",
        ("item_id",),
        "what the model saw of an item and how it was cut",
        (
            ITEM,
            Column("view_width", INT, "model input", "px"),
            Column("view_height", INT, "model input", "px"),
            Column("view_left", REAL, "left edge of the view in the upright original", "px"),
            Column("view_top", REAL, "top edge of the view in the upright original", "px"),
            Column("scale_x", REAL, "view pixels per original pixel"),
            Column("scale_y", REAL, "view pixels per original pixel"),
            Column("original_width", INT, "upright original", "px"),
            Column("original_height", INT, "upright original", "px"),
            Column("label_map", BYTES, "16-bit PNG of segment numbers in the view"),
            Column("view_digest", TEXT, "sha256 of the view's pixels, hex"),
            Column("seen", REAL, "share of the original inside the view, or of the words inside the context"),
            Column("n_segments", INT, "segments that are perturbed"),
            Column("segmentation_digest", TEXT, "digest of the segmentation parameters"),
        ),
    ),
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
            Column("error_scale", REAL, "covariance of the effect in units of anchors.error_factors"),
        ),
    ),
    Table(
        "anchors",
        "score",
        ("item_id", "estimator"),
        "what an item's effects stand on",
        (
            ITEM,
            ESTIMATOR,
            Column("mean", VECTOR, "mean embedding over the design's law"),
            Column("intercept", VECTOR, "surrogate's embedding with nothing kept"),
            Column("empty", VECTOR, "embedding of the empty item"),
            Column("full", VECTOR, "embedding of the full item"),
            Column("error_factors", HALVES, "leading factors of the error covariance, rows flattened"),
            Column("error_rest", REAL, "mean of its remaining eigenvalues"),
            Column("spread_factors", HALVES, "leading factors of the embeddings' covariance, rows flattened"),
            Column("spread_rest", REAL, "mean of its remaining eigenvalues"),
            Column("sampled", FLAG, "false where all coalitions were encoded"),
            Column("rank", INT, "rank of the centred design"),
            Column("condition", REAL, "condition number of the centred design"),
            Column("n_masks", INT, "rows of the design"),
            Column("n_encodes", INT, "distinct coalitions encoded for this item in all"),
            Column("design", TEXT, "design that was drawn"),
        ),
    ),
    Table(
        "fits",
        "fit",
        ("pair_id", "estimator"),
        "how well a bilinear surrogate stands for the model on a pair",
        (
            PAIR,
            ESTIMATOR,
            Column("f_full", REAL, "score of the whole pair"),
            Column("f_left_empty", REAL, "left item empty, right whole"),
            Column("f_right_empty", REAL, "left whole, right item empty"),
            Column("f_empty", REAL, "both empty"),
            Column("intercept", REAL, "surrogate's value with nothing kept"),
            Column("r2_total", REAL, "variance explained by the affine bilinear surrogate"),
            Column("r2_linear", REAL, "variance explained by the main effects alone"),
            Column("r2_cross", REAL, "share of the cross variance explained by W, closed form"),
            Column("r2_cross_ceiling", REAL, "the same of the best bilinear form"),
            Column("r2_cross_held_out", REAL, "the same on fresh masks, where both items have them"),
            Column("share_left", REAL, "share of the variance from the left item alone"),
            Column("share_right", REAL, "share of the variance from the right item alone"),
            Column("share_cross", REAL, "share of the variance from both together"),
            Column("completeness_residual", REAL, "mixed difference of the whole pair minus the sum of W"),
            Column("effective_rank", REAL, "exp of the entropy of the factors' energy"),
            Column("max_z", REAL, "largest |weight| / standard error"),
            Column("split_half_error", REAL, "|W1 - W2| / (2 |W|) from halves of the masks"),
            Column("sum_squared_error", REAL, "sum of squared standard errors of W, product term subtracted"),
        ),
    ),
    Table(
        "interactions",
        "fit",
        ("pair_id", "estimator", "left_segment", "right_segment"),
        "W, one row per cell",
        (
            PAIR,
            ESTIMATOR,
            Column("left_segment", INT, "segment of the left item"),
            Column("right_segment", INT, "segment of the right item"),
            Column("weight", REAL, "change of the score that the two bring only together"),
            Column("standard_error", REAL, "of the weight"),
        ),
    ),
    Table(
        "main_effects",
        "fit",
        ("pair_id", "estimator", "side", "segment"),
        "what a segment does by itself",
        (
            PAIR,
            ESTIMATOR,
            SIDE,
            SEGMENT,
            Column("effect", REAL, "with the other item perturbed (Banzhaf main effect)"),
            Column("raw_effect", REAL, "coefficient of the surrogate, the other item empty"),
            Column("intact_effect", REAL, "with the other item whole"),
            Column("net", REAL, "sum of its interactions"),
            Column("mass", REAL, "sum of their absolute values"),
            Column("standard_error", REAL, "of effect"),
            Column("intact_standard_error", REAL, "of intact_effect"),
        ),
    ),
    Table(
        "factors",
        "fit",
        ("pair_id", "estimator", "component"),
        "singular vectors of W",
        (
            PAIR,
            ESTIMATOR,
            Column("component", INT, "1 is the strongest"),
            Column("strength", REAL, "singular value"),
            Column("energy", REAL, "share of the squared strengths"),
            Column("gap", REAL, "strength minus the next one; small: the two maps may be mixed"),
            Column("sign_margin", REAL, "how clearly the sign convention decided"),
            Column("left_vector", VECTOR, "unit weights of the left segments"),
            Column("right_vector", VECTOR, "unit weights of the right segments"),
        ),
    ),
    Table(
        "margins",
        "fit",
        ("query_id", "direction", "estimator"),
        "why a wrong candidate beat the right one",
        (
            QUERY,
            DIRECTION,
            ESTIMATOR,
            Column("right_pair_id", ID, "query with its best relevant candidate"),
            Column("wrong_pair_id", ID, "query with its best wrong candidate"),
            Column("margin", REAL, "score of the right pair minus that of the wrong pair"),
            Column("shared_remainder", REAL, "margin minus the sum of the shared item's effects"),
            Column("candidates_remainder", REAL, "margin minus the sums of both candidates' effects"),
        ),
    ),
    Table(
        "margin_effects",
        "fit",
        ("query_id", "direction", "estimator", "side", "segment"),
        "the margin over segments",
        (
            QUERY,
            DIRECTION,
            ESTIMATOR,
            Column("side", TEXT, "shared (the query), right or wrong (the candidates)"),
            SEGMENT,
            Column("effect", REAL, "part of the margin; of the wrong candidate's segments negated"),
        ),
    ),
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
            Column("control", TEXT, "explanation (none), main_effects or random"),
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
    Table(
        "global_factors",
        "summarise",
        ("estimator", "component"),
        "factors of the whole benchmark",
        (
            ESTIMATOR,
            Column("component", INT, "1 is the strongest"),
            Column("strength", WIDE, "singular value over all segments and words"),
            Column("energy", WIDE, "share of the squared strengths"),
            Column("left_direction", VECTOR, "direction in embedding space"),
            Column("right_direction", VECTOR, "direction in embedding space"),
        ),
    ),
    Table(
        "global_loadings",
        "summarise",
        ("estimator", "component", "item_id", "segment"),
        "segments that load most on a global factor",
        (
            ESTIMATOR,
            Column("component", INT, "1 is the strongest"),
            ITEM,
            SEGMENT,
            Column("loading", REAL, "signed score of the segment"),
        ),
    ),
    Table(
        "aggregates",
        "summarise",
        ("estimator", "relation", "quantity"),
        "means over pairs with intervals clustered by both items",
        (
            ESTIMATOR,
            Column("relation", TEXT, "relation of the pairs, or all"),
            Column("quantity", TEXT, "column that is summarised"),
            Column("mean", WIDE, "mean over pairs"),
            Column("median", WIDE, "median over pairs"),
            Column("low", WIDE, "lower end of the 95 % interval of the mean"),
            Column("high", WIDE, "upper end of the 95 % interval of the mean"),
            Column("n", INT, "pairs that have the quantity"),
        ),
    ),
    Table(
        "failures",
        "finish",
        ("stage", "entry"),
        "what would fail again",
        (
            Column("stage", TEXT, "stage that met it"),
            Column("entry", INT, "row of the manifest"),
            Column("item_id", ID, "where it is known"),
            Column("reason", TEXT, "absent, empty, too_large, undecodable or non_finite"),
            Column("message", TEXT, "one line"),
            Column("uri", TEXT, "place relative to the corpus root"),
        ),
        frozenset({"message"}),
    ),
    Table(
        "runs",
        "finish",
        ("label",),
        "one row, written last: from then on the run is finished",
        (
            Column("label", TEXT, "name given by the user"),
            Column("status", TEXT, "finished"),
            Column("started", TIME, "first start"),
            Column("finished", TIME, "when the row was written"),
            Column("corpus", TEXT, "format and place, without secrets"),
            Column("split", TEXT, "split of the corpus"),
            Column("model", TEXT, "name of the model"),
            Column("pretrained", TEXT, "tag or checkpoint name"),
            Column("model_fingerprint", TEXT, "sha256 of weights, tokenizer and preprocessing, hex"),
            Column("precision", TEXT, "float32 or bfloat16"),
            Column("device", TEXT, "cpu or cuda"),
            Column("seed", LONG, "seed of all designs"),
            Column("n_images", INT, "usable images"),
            Column("n_texts", INT, "usable texts"),
            Column("n_pairs", INT, "explained pairs"),
            Column("n_failed", INT, "items that failed"),
            Column("image_encodes", LONG, "images encoded by explain"),
            Column("text_encodes", LONG, "texts encoded by explain"),
            Column("image_encodes_reused", LONG, "carried over from earlier runs"),
            Column("text_encodes_reused", LONG, "carried over from earlier runs"),
            Column("seconds", TEXT, "JSON: seconds by stage, summed over blocks", "s"),
            Column("versions", TEXT, "JSON: versions of ilime, tables, numerics and libraries"),
            Column("parameters", TEXT, "JSON: the spec as resolved, without storage and runner"),
        ),
        frozenset(
            {
                "started",
                "finished",
                "seconds",
                "versions",
                "parameters",
                "image_encodes",
                "text_encodes",
                "image_encodes_reused",
                "text_encodes_reused",
                "device",
                "label",
            }
        ),
    ),
    Table(
        "executions",
        "finish",
        ("execution",),
        "one row per start of a run, append-only",
        (
            Column("execution", TEXT, "time and random part"),
            Column("kind", TEXT, "explain or measure"),
            Column("started", TIME, "start"),
            Column("finished", TIME, "end"),
            Column("status", TEXT, "finished, partly_failed or stopped"),
            Column("host", TEXT, "name of the machine"),
            Column("device", TEXT, "cpu or cuda"),
            Column("runner", TEXT, "inline or threads"),
            Column("image_encodes", LONG, "images encoded in this execution"),
            Column("text_encodes", LONG, "texts encoded in this execution"),
            Column("blocks_done", INT, "blocks committed by this execution"),
            Column("blocks_adopted", INT, "blocks found committed"),
            Column("retries", INT, "attempts beyond the first"),
            Column("flow_run", TEXT, "Prefect flow-run id"),
        ),
        frozenset(
            {
                "execution",
                "kind",
                "started",
                "finished",
                "status",
                "host",
                "device",
                "runner",
                "image_encodes",
                "text_encodes",
                "blocks_done",
                "blocks_adopted",
                "retries",
                "flow_run",
            }
        ),
    ),
)

TABLES = {table.name: table for table in _TABLES}
