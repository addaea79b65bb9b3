"""Export of images as samples: a row for each image with boxes, labels, captions and strongest words."""

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa

from ilime_core.errors import InputError
from tasks.query.answers import Answer, write_answer
from tasks.query.database import Database
from tasks.query.exports.files import new_file, refuse_existing
from tasks.query.exports.rows import pair_ranges
from tasks.tables.columns import ID, INT, REAL, TEXT, WIDE, Column

__all__ = ["SAMPLE_COLUMNS", "export_samples"]

SAMPLE_COLUMNS = (
    Column("item_id", ID, "image"),
    Column("file", TEXT, "relative to the images of the corpus"),
    Column("file_member", TEXT, "member of an archive, or row of a table"),
    Column("width", INT, "of the upright image", "px"),
    Column("height", INT, "of the upright image", "px"),
    Column("pair_ids", pa.list_(ID), "explained pairs, the best score first"),
    Column("captions", pa.list_(TEXT), "of these pairs"),
    Column("scores", pa.list_(REAL), "of these pairs"),
    Column("relations", pa.list_(TEXT), "of these pairs: positive, hard_negative, ..."),
    Column("regions", pa.list_(INT), "explained segments of the image"),
    Column("labels", pa.list_(TEXT), "what the corpus calls these regions; NULL where it does not"),
    Column(
        "boxes", pa.list_(pa.list_(REAL)), "x, y, width, height as shares of the image, as FiftyOne has them"
    ),
    Column(
        "corner_boxes",
        pa.list_(pa.list_(REAL)),
        "x_min, y_min, x_max, y_max as shares of the image, as Spotlight has them",
    ),
    Column("strongest_words", pa.list_(TEXT), "word with the largest weight for each region"),
    Column("strongest_weights", pa.list_(REAL), "its weight"),
    Column(
        "strongest_p_adjusted", pa.list_(WIDE), "its p_adjusted in view matches, over the cells of its pair"
    ),
    Column("strongest_pair_ids", pa.list_(ID), "pair of the word"),
)
"""Columns of a sample; the lists of pairs are as long as each other, and so are those of regions."""

_STRONGEST = """
    SELECT arg_max({{'pair_id': m.pair_id, 'word': m.word, 'weight': m.weight, 'p_adjusted': m.p_adjusted}},
                   (m.is_positive, m.weight, -m.word_number)) AS best,
           n.left_id, m.region, max((m.is_positive, m.weight, -m.word_number)) AS strength
    FROM matches m JOIN named_pairs n USING (pair_id)
    WHERE m.{pairs} GROUP BY n.left_id, m.region, m.pair_id
"""

_SAMPLES = """
    WITH strongest AS (
        SELECT left_id, region, arg_max(best, (strength, best.pair_id)) AS best
        FROM cells GROUP BY left_id, region
    ), regions AS (
        SELECT b.item_id, list(b.segment ORDER BY b.segment) AS regions,
               list(b.label ORDER BY b.segment) AS labels,
               list([x, y, w, h]::FLOAT[] ORDER BY b.segment) AS boxes,
               list([x, y, x + w, y + h]::FLOAT[] ORDER BY b.segment) AS corner_boxes,
               list(s.best.word ORDER BY b.segment) AS strongest_words,
               list(s.best.weight ORDER BY b.segment) AS strongest_weights,
               list(s.best.p_adjusted ORDER BY b.segment) AS strongest_p_adjusted,
               list(s.best.pair_id ORDER BY b.segment) AS strongest_pair_ids
        FROM boxes b LEFT JOIN strongest s ON s.left_id = b.item_id AND s.region = b.segment
        GROUP BY b.item_id
    ), captioned AS (
        SELECT left_id, list(pair_id ORDER BY score DESC, pair_id) AS pair_ids,
               list(caption ORDER BY score DESC, pair_id) AS captions,
               list(score ORDER BY score DESC, pair_id) AS scores,
               list(relation ORDER BY score DESC, pair_id) AS relations
        FROM captions GROUP BY left_id
    )
    SELECT i.item_id, i.uri AS file, i.uri_member AS file_member, i.width, i.height,
           c.* EXCLUDE left_id, r.* EXCLUDE item_id
    FROM images i JOIN captioned c ON c.left_id = i.item_id LEFT JOIN regions r ON r.item_id = i.item_id
    ORDER BY i.item_id
"""

_COPIED = {
    "captions": "SELECT pair_id, left_id, caption, score, relation FROM named_pairs",
    "images": "SELECT item_id, uri, uri_member, width, height FROM items WHERE modality = 'image'",
    "boxes": """
        SELECT s.item_id, s.segment, s.label, s.bbox_x / i.width AS x, s.bbox_y / i.height AS y,
               s.bbox_width / i.width AS w, s.bbox_height / i.height AS h
        FROM segments s JOIN items i USING (item_id) WHERE i.modality = 'image'
    """,
}


def export_samples(database: Database, path: Path, *, force: bool = False) -> int:
    """Write the images of the explained pairs.

    What is joined lies in a temporary DuckDB file, so the memory does not grow with the number of cells.

    Parameters
    ----------
    database
        Database of the run.
    path
        File that ends in ``.parquet`` or ``.json``.
    force
        Replace a file that exists.

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    InputError
        If the file has another ending, exists or cannot be written, or no image is explained.
    """
    form = path.suffix.removeprefix(".").lower()
    if form not in {"parquet", "json"}:
        raise InputError(f"{path}: samples are written as .parquet or .json; got the ending {path.suffix!r}")
    refuse_existing([path], force=force)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(Path(folder) / "samples.duckdb") as scratch:
        for name, sql in _COPIED.items():
            _copy(scratch, name, database.query(sql))
        for pairs in pair_ranges(database):
            _copy(
                scratch, "cells", database.query(_STRONGEST.format(pairs=pairs.replace(" AND ", " AND m.")))
            )
        [(n_images,)] = scratch.execute(
            "SELECT count(DISTINCT left_id) FROM captions JOIN images ON left_id = item_id"
        ).fetchall()
        if not n_images:
            raise InputError(f"run {database.run_id} explains no image")
        with new_file(path) as stream:
            write_answer(_described(scratch.sql(_SAMPLES).to_arrow_reader(256)), form, stream)
    return int(n_images)


def _copy(scratch: duckdb.DuckDBPyConnection, name: str, answer: Answer) -> None:
    scratch.register("answer", answer)
    scratch.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM answer LIMIT 0")
    scratch.execute(f"INSERT INTO {name} FROM answer")
    scratch.unregister("answer")


def _described(answer: Answer) -> Answer:
    """Rows in the types of `SAMPLE_COLUMNS`."""
    schema = pa.schema([(column.name, column.type) for column in SAMPLE_COLUMNS])
    batches = (one for batch in answer for one in pa.Table.from_batches([batch]).cast(schema).to_batches())
    return pa.RecordBatchReader.from_batches(schema, batches)
