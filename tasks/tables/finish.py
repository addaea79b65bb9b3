"""Tables that stage finish writes: the run itself."""

from ilime_core.errors import FailureReason
from tasks.tables.columns import ID, INT, LONG, TEXT, TIME, Column, Table

__all__ = ["TABLES"]

_OF_RUN = (
    Column("image_encodes", LONG, "images encoded by explain"),
    Column("text_encodes", LONG, "texts encoded by explain"),
    Column("scores", LONG, "joint rows of pairs that a scorer has looked at"),
    Column("image_encodes_reused", LONG, "copied from earlier runs"),
    Column("text_encodes_reused", LONG, "copied from earlier runs"),
)
"""Columns of `tasks.tables.counts.Counts` in ``runs``."""

_EXECUTION = (
    Column("execution", TEXT, "time and random part"),
    Column("kind", TEXT, "explain or measure"),
    Column("started", TIME, "start"),
    Column("finished", TIME, "end"),
    Column("status", TEXT, "finished, partly_failed or stopped"),
    Column("host", TEXT, "name of the machine"),
    Column("device", TEXT, "cpu or cuda"),
    Column("runner", TEXT, "inline or threads"),
    # counts, as in `tasks.tables.counts.Counts`
    Column("image_encodes", LONG, "images encoded in this execution"),
    Column("text_encodes", LONG, "texts encoded in this execution"),
    Column("scores", LONG, "joint rows of pairs scored in this execution"),
    Column("blocks_done", INT, "blocks committed by this execution"),
    Column("blocks_adopted", INT, "blocks found committed"),
    Column("retries", INT, "attempts beyond the first"),
    Column("flow_run", TEXT, "Prefect flow-run id"),
)

TABLES = (
    Table(
        "failures",
        "finish",
        ("stage", "entry"),
        "what would fail again",
        (
            Column("stage", TEXT, "stage that met it; plan: an entry that the corpus reader could not use"),
            Column("entry", INT, "row of the manifest; of stage plan a number from 0"),
            Column("item_id", ID, "where it is known"),
            Column("reason", TEXT, ", ".join(FailureReason)),
            Column("message", TEXT, "one line"),
            Column("uri", TEXT, "file: of an image relative to the corpus root"),
        ),
        frozenset({"message", "uri"}),
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
            Column("estimator", TEXT, "primary estimator: the first of the spec"),
            Column("seed", LONG, "seed of all designs"),
            Column("n_images", INT, "usable images"),
            Column("n_texts", INT, "usable texts"),
            Column("n_pairs", INT, "explained pairs"),
            Column("n_failed", INT, "items that failed and entries that were rejected"),
            *_OF_RUN,
            Column("seconds", TEXT, "JSON: seconds by stage, summed over blocks", "s"),
            Column("versions", TEXT, "JSON: versions of ilime, tables, numerics and libraries"),
            Column("parameters", TEXT, "JSON: the spec as resolved, without storage and runner"),
        ),
        # One corpus in two layouts is the same, also where one of them has no splits.
        frozenset(
            {
                "corpus",
                "split",
                "started",
                "finished",
                "seconds",
                "versions",
                "parameters",
                "device",
                "label",
                *(column.name for column in _OF_RUN),
            }
        ),
    ),
    Table(
        "executions",
        "finish",
        ("execution",),
        "one row per start of a run, append-only",
        _EXECUTION,
        frozenset(column.name for column in _EXECUTION),
    ),
)
