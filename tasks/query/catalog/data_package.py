"""Frictionless Data Package of a run: its tables with Table Schemas, keys and files."""

import json
from collections.abc import Collection

import pyarrow as pa

from tasks.run_files.catalog_files import package_name
from tasks.runs.run import Run
from tasks.tables import SCHEMA_VERSION, TABLES, Reference, Table

__all__ = ["data_package"]

_PROFILE = "https://datapackage.org/profiles/2.0"


def data_package(run: Run) -> bytes:
    """Text of ``datapackage.json``, which has to lie in the output itself: its paths are relative to it.

    Parameters
    ----------
    run
        Finished run.

    Returns
    -------
    bytes
        JSON in UTF-8. A resource lists the files of a table that the run has committed.
    """
    files: dict[str, list[str]] = {}
    for commit in (one for blocks in run.commits().values() for one in blocks.values()):
        for part in commit.parts:
            files.setdefault(part.table, []).append(part.key)
    tables = [table for table in TABLES.values() if table.name in files]
    package = {
        "$schema": f"{_PROFILE}/datapackage.json",
        "name": package_name(run.run_id),
        "title": f"Explanations of run {run.run_id}",
        "description": f"Tables of ilime, schema {SCHEMA_VERSION}; each file of a table has all its columns.",
        "resources": [_resource(table, sorted(files[table.name]), files) for table in tables],
    }
    return json.dumps(package, indent=1, ensure_ascii=False).encode() + b"\n"


def _resource(table: Table, paths: list[str], present: Collection[str]) -> dict[str, object]:
    return {
        "name": table.name,
        "type": "table",
        "description": table.meaning,
        "path": paths if len(paths) > 1 else paths[0],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": {
            "$schema": f"{_PROFILE}/tableschema.json",
            "fields": _fields(table),
            "primaryKey": list(table.key),
            "foreignKeys": [_foreign_key(one) for one in table.references if one.table in present],
        },
    }


def _fields(table: Table) -> list[dict[str, object]]:
    fields: list[dict[str, object]] = []
    for column in table.columns:
        field: dict[str, object] = {
            "name": column.name,
            "type": _field_type(column.type),
            "description": column.meaning,
        }
        if column.unit:
            field["unit"] = column.unit
        if not table.schema.field(column.name).nullable:
            field["constraints"] = {"required": True}
        fields.append(field)
    return fields


def _field_type(kind: pa.DataType) -> str:
    """Type of a field in Table Schema; bytes have none there."""
    named = (
        (pa.types.is_string, "string"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_timestamp, "datetime"),
        (pa.types.is_list, "array"),
        (pa.types.is_map, "object"),
    )
    return next((name for is_kind, name in named if is_kind(kind)), "any")


def _foreign_key(reference: Reference) -> dict[str, object]:
    return {
        "fields": list(reference.columns),
        "reference": {"resource": reference.table, "fields": list(TABLES[reference.table].key)},
    }
