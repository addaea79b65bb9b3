"""Export as a dataset of Hugging Face: a Parquet file and a configuration for each table and view."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa
import yaml

from ilime_core.errors import InputError
from tasks.query.answers import write_answer
from tasks.query.database import Database
from tasks.query.exports.files import new_file, refuse_existing
from tasks.query.exports.rows import chosen_relations, row_batches
from tasks.query.registry import VIEWS
from tasks.tables import TABLES

__all__ = ["CARD", "dataset_card", "export_dataset", "feature"]

CARD = "README.md"
DEFAULT = "pairs"

_DTYPES = {pa.float32(): "float32", pa.float64(): "float64"}
"""Arrow's own names hide the width."""


def export_dataset(
    database: Database,
    folder: Path,
    only: Sequence[str] = (),
    licence: str = "unknown",
    *,
    force: bool = False,
) -> Iterator[Path]:
    """Write tables and views that have rows, one after another, and last the card that names them.

    The package datasets refuses a configuration without rows.

    Parameters
    ----------
    database
        Database of the run.
    folder
        Folder of the dataset.
    only
        Tables and views that are wanted; none for all.
    licence
        Licence of the card: captions and labels have that of their corpus.
    force
        Replace files that exist.

    Yields
    ------
    Path
        A file that has been written.

    Raises
    ------
    InputError
        If a name is unknown, no table has rows, or a file exists or cannot be written.
    """
    names = chosen_relations(only)
    paths = [folder / f"{name}.parquet" for name in names]
    refuse_existing([folder / CARD, *paths], force=force)
    schemas: dict[str, pa.Schema] = {}
    for name, path in zip(names, paths, strict=True):
        answer = row_batches(database, name)
        first = next((batch for batch in answer if batch.num_rows), None)
        if first is None:
            continue
        schemas[name] = answer.schema
        answer = pa.RecordBatchReader.from_batches(answer.schema, chain([first], answer))
        with new_file(path) as stream:
            write_answer(answer, "parquet", stream)
        yield path
    if not schemas:
        raise InputError(f"run {database.run_id} has no rows in {', '.join(names)}")
    [run] = database.query("SELECT label, model, pretrained, corpus FROM runs").read_all().to_pylist()
    with new_file(folder / CARD) as stream:
        stream.write(dataset_card(database.run_id, run, schemas, licence).encode())
    yield folder / CARD


def dataset_card(
    run_id: str, run: dict[str, object], schemas: dict[str, pa.Schema], licence: str = "unknown"
) -> str:
    """Text of the card: metadata in YAML, and the tables in words.

    Parameters
    ----------
    run_id
        Id of the run.
    run
        Label, model, pretrained and corpus; texts that are not trusted.
    schemas
        Columns of each table or view.
    licence
        Licence of the card.

    Returns
    -------
    str
        Markdown.
    """
    default = DEFAULT if DEFAULT in schemas else next(iter(schemas))
    metadata = {
        "license": licence,
        "pretty_name": f"ilime run {run_id}",
        "tags": ["image-text-retrieval", "explainability", "ilime"],
        "configs": [
            {"config_name": name, "data_files": f"{name}.parquet"}
            | ({"default": True} if name == default else {})
            for name in schemas
        ],
        "dataset_info": [
            {"config_name": name, "features": [feature(field) for field in schema]}
            for name, schema in schemas.items()
        ],
    }
    relations = TABLES | VIEWS
    lines = [f"- `{name}`: {relations[name].meaning}" for name in schemas]
    facts = [
        f"- {name}: {_code(run[name])}" for name in ("label", "model", "pretrained", "corpus") if run[name]
    ]
    head = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    body = "\n".join([f"# Explanations of image-text retrieval, run {run_id}", "", *facts, "", *lines])
    return (
        f"---\n{head}---\n\n{body}\n\n"
        "Regions, words and their weights are explained in the documentation of ilime (docs/tables.md, "
        "docs/views.md). Images are not part of this dataset.\n"
    )


def feature(field: pa.Field) -> dict[str, object]:
    """Feature of a column as a card names it: lists by ``list``, others by ``dtype``."""
    return {"name": field.name} | _typed(field.type)


def _typed(kind: pa.DataType) -> dict[str, object]:
    if not pa.types.is_list(kind):
        return {"dtype": _DTYPES.get(kind, str(kind))}
    inner = kind.value_type
    return {"list": [feature(one) for one in inner] if pa.types.is_struct(inner) else _typed(inner)["dtype"]}


def _code(text: object) -> str:
    """Text as code of one line: nothing in it is Markdown."""
    return "`" + re.sub(r"[`\s]+", " ", str(text)).strip() + "`"
