"""Plan files: sealed JSON, and tables with their digests in their names."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError, MissingPartError
from tasks.run_files.naming import check_stage, plan_key
from tasks.run_files.seals import sealed_json, unsealed
from tasks.storage.storage import MissingFileError, Storage

__all__ = [
    "BLOCKS",
    "PLAN",
    "create_plan_file",
    "forget_checks",
    "named_tables",
    "plan_names",
    "read_named_table",
    "read_plan_content",
    "read_plan_file",
    "table_problem",
]

PLAN, BLOCKS = "plan.json", "blocks.json"

_TABLE = re.compile(r"[a-z_]+-([0-9a-f]{12})\.parquet")

Model = TypeVar("Model", bound=BaseModel)


def create_plan_file(storage: Storage, run_id: str, name: str, plan: BaseModel) -> bool:
    """Write sealed JSON create-only.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    name
        Name of the file.
    plan
        Content.

    Returns
    -------
    bool
        False if an earlier start has written it.
    """
    return storage.create(
        plan_key(run_id, name), sealed_json(json.loads(plan.model_dump_json()), run_id, name)
    )


def read_plan_content(storage: Storage, run_id: str, name: str = PLAN) -> dict[str, object]:
    """Read a sealed file as parsed JSON.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    name
        Name of the file.

    Returns
    -------
    dict of str to object
        Content without the seal.

    Raises
    ------
    MissingFileError
        If there is none.
    DamageError
        If its seal does not fit.
    """
    key = plan_key(run_id, name)
    return unsealed(storage.read_bytes(key), run_id, name, (storage.url, key))


def read_plan_file(storage: Storage, run_id: str, name: str, model: type[Model]) -> tuple[Model, str]:
    """Read a sealed file as its model.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    name
        Name of the file.
    model
        Class of its content.

    Returns
    -------
    tuple of Model and str
        Content, and the sha256 of the file, by which records name it.

    Raises
    ------
    MissingFileError
        If there is none.
    DamageError
        If its seal does not fit.
    InputError
        If another version of ilime has written it.
    """
    key = plan_key(run_id, name)
    data = storage.read_bytes(key)
    content = unsealed(data, run_id, name, (storage.url, key))
    try:
        return model.model_validate_json(json.dumps(content)), hashlib.sha256(data).hexdigest()
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{storage.url}: {key} is no plan of this version of ilime "
            f"({'.'.join(map(str, first['loc']))}: {first['msg']}): "
            "use the version that wrote it, or explain again into another output"
        ) from error


def named_tables(content: Mapping[str, object]) -> list[str]:
    """Names of the tables that a plan file names."""
    return [value for value in content.values() if isinstance(value, str) and _TABLE.fullmatch(value)]


def read_named_table(storage: Storage, run_id: str, name: str, rows: pc.Expression | None = None) -> pa.Table:
    """Read a table of a plan; its digest is checked when a process first reads it.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    name
        Name of the file, with the digest.
    rows
        Rows to read; None for all. Row groups without such rows are skipped.

    Returns
    -------
    pyarrow.Table
        All columns.

    Raises
    ------
    DamageError
        If it is missing, or differs from what was written.
    """
    _check_table(storage, run_id, name)
    with storage.open(plan_key(run_id, name)) as stream:
        return pq.read_table(stream, filters=rows)


def table_problem(name: str, data: bytes) -> str | None:
    """Describe in what a table of a plan differs from its name.

    Parameters
    ----------
    name
        Name of the file, with 12 digits of its sha256.
    data
        Its content.

    Returns
    -------
    str or None
        None if the digests agree.
    """
    named, sha256 = _TABLE.fullmatch(name), hashlib.sha256(data).hexdigest()
    if named is not None and sha256[:12] == named[1]:
        return None
    return f"its sha256 begins with {sha256[:12]}, and its name says another"


def forget_checks() -> None:
    """Clear the memory of checked tables: each is checked again when it is next read."""
    _checked.clear()


_checked: set[tuple[str, str]] = set()
"""Tables that this process has checked: root and key."""


def _check_table(storage: Storage, run_id: str, name: str) -> None:
    key = plan_key(run_id, name)
    if (storage.url, key) in _checked:
        return
    try:
        problem = table_problem(name, storage.read_bytes(key))
    except MissingFileError as error:
        raise MissingPartError.of(storage.url, key, "the plan names it and it does not exist") from error
    if problem:
        raise DamageError.of(storage.url, key, problem)
    _checked.add((storage.url, key))


def plan_names(stage: str) -> Iterable[str]:
    """Names of the plan files that a stage's blocks depend on; their records hold the digests."""
    base, _, further = stage.partition("-")
    yield PLAN
    if check_stage(stage) != "embed":
        yield BLOCKS
    if further.startswith("m"):
        yield f"selection-{further}.json" if base == "select" else f"{further}.json"
