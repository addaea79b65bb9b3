"""Inventory of an output, run by run: sizes, ages, and sources that unfinished runs still need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from tasks.run_files.naming import RUNS, commit_key, is_run_id, parse_part, plan_key
from tasks.run_files.pruning import mark_key
from tasks.runs.listing import parse_json
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StorageError, StoredFile
from tasks.tables import FORMER_TABLES, TABLES

__all__ = ["StoredRun", "take_inventory"]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """Files of one run id, whole run or remains."""

    run_id: str
    label: str
    created: datetime | None
    """When it was planned, UTC; None where there is no plan, or none that can be read."""
    written: datetime
    """Time of the newest file, UTC."""
    n_files: int
    n_bytes: int
    planned: bool
    finished: bool
    marked: bool
    """True if a removal of it has begun."""
    sources: frozenset[str]
    """Runs whose rows it still has to copy: none once it is finished."""


def take_inventory(storage: Storage) -> list[StoredRun]:
    """Every run id that an output holds files of, the newest plan first, and what has no plan last."""
    listings = read_many(storage.list, (RUNS, *TABLES, *FORMER_TABLES))
    files: dict[str, list[StoredFile]] = {}
    for file in (file for listing in listings for file in listing):
        run_id = _run_of(file.key)
        if run_id is not None:
            files.setdefault(run_id, []).append(file)
    runs = read_many(lambda run_id: _describe(storage, run_id, files[run_id]), sorted(files))
    return sorted(runs, key=_age, reverse=True)


def _age(run: StoredRun) -> tuple[bool, datetime]:
    return run.created is not None, run.created or run.written


def _run_of(key: str) -> str | None:
    """Run of a file; None for a file that ilime has not written."""
    top, _, rest = key.partition("/")
    folder = rest.partition("/")[0]
    if top == RUNS:
        return folder if is_run_id(folder) else None
    run_id = folder.removeprefix("run_id=")
    return run_id if is_run_id(run_id) and parse_part(key) is not None else None


def _describe(storage: Storage, run_id: str, files: list[StoredFile]) -> StoredRun:
    keys = {file.key for file in files}
    plan = _read(storage, plan_key(run_id)) if plan_key(run_id) in keys else {}
    finished = plan_key(run_id) in keys and commit_key(run_id, "finish", 0) in keys
    sources: set[str] = set()
    if plan and not finished:
        later = _read(storage, plan_key(run_id, "blocks.json"))
        sources = {*_sources(plan.get("embed_blocks")), *_sources(later.get("item_blocks"))}
    return StoredRun(
        run_id=run_id,
        label=str(plan.get("label", "")),
        created=_moment(plan.get("created")),
        written=max(file.modified for file in files),
        n_files=len(files),
        n_bytes=sum(file.size for file in files),
        planned=plan_key(run_id) in keys,
        finished=finished,
        marked=mark_key(run_id) in keys,
        sources=frozenset(sources),
    )


def _read(storage: Storage, key: str) -> Mapping[str, object]:
    """A JSON of a plan, of any version; empty if it is absent or damaged."""
    try:
        data = storage.read_bytes(key)
    except MissingFileError:
        return {}
    try:
        return parse_json(data, key)
    except StorageError:
        return {}


def _sources(blocks: object) -> Iterable[str]:
    rows = cast("list[dict[str, object] | object]", blocks) if isinstance(blocks, list) else []
    return {str(row["source_run"]) for row in rows if isinstance(row, dict) and row.get("source_run")}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
