"""Summary of every run of an output from its plans and records alone."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_commit, read_rows
from tasks.run_files.naming import RUNS, block_of_commit
from tasks.run_files.plan_files import BLOCKS, read_plan_content
from tasks.run_files.schema_check import SchemaError
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StorageError

__all__ = ["RunStatus", "RunSummary", "parse_json", "summarise_runs"]


class RunStatus(StrEnum):
    """Progress of a run."""

    FINISHED = "finished"
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"
    """Its plan or its last record cannot be read."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run among others. Counts are None where they are not known yet."""

    run_id: str
    label: str
    status: RunStatus
    created: datetime
    """When the plan was frozen, UTC."""
    n_images: int | None
    n_texts: int | None
    n_pairs: int | None
    n_failed: int | None
    committed: Mapping[str, int]
    """Blocks that are committed, by stage."""
    planned: Mapping[str, int]
    """Blocks in all, by stage, as far as they are fixed."""


def summarise_runs(storage: Storage) -> list[RunSummary]:
    """Summarise every run that has a plan, the newest first."""
    blocks: dict[str, Counter[str]] = {}
    planned: dict[str, datetime] = {}
    for file in storage.list(RUNS):
        match file.key.split("/"):
            case [_, run_id, "plan", "plan.json"]:
                planned[run_id] = file.modified
            case [_, run_id, "commits", stage, name] if block_of_commit(name) is not None:
                blocks.setdefault(run_id, Counter())[stage] += 1
            case _:
                continue

    def summarise(run_id: str) -> RunSummary:
        return _summarise(storage, run_id, planned[run_id], blocks.get(run_id, Counter()))

    return sorted(
        read_many(summarise, sorted(planned)), key=lambda run: (run.created, run.run_id), reverse=True
    )


def parse_json(data: bytes, key: str) -> Mapping[str, object]:
    """Parse a JSON object.

    Parameters
    ----------
    data
        Content of the file.
    key
        Its key, for the error.

    Returns
    -------
    Mapping of str to object
        Content as it is.

    Raises
    ------
    StorageError
        If the content is no JSON object.
    """
    try:
        value: object = json.loads(data)
    except ValueError as error:
        raise StorageError(f"{key} is damaged: {error}") from error
    if not isinstance(value, dict):
        raise StorageError(f"{key} is damaged: it holds no JSON object")
    return cast("Mapping[str, object]", value)


def _summarise(storage: Storage, run_id: str, modified: datetime, committed: Mapping[str, int]) -> RunSummary:
    try:
        plan = read_plan_content(storage, run_id)
        match = read_commit(storage, run_id, "match", 0) if "match" in committed else None
        finish = read_commit(storage, run_id, "finish", 0) if "finish" in committed else None
        n_failed = None if finish is None else _n_failed(storage, finish)
        planned = _planned(storage, run_id, plan)
    except StorageError:
        return RunSummary(
            run_id, "", RunStatus.DAMAGED, modified, None, None, None, None, dict(committed), {}
        )
    return RunSummary(
        run_id=run_id,
        label=str(plan.get("label", "")),
        status=RunStatus.UNFINISHED if finish is None else RunStatus.FINISHED,
        created=_moment(plan.get("created"), modified),
        n_images=_count(plan.get("n_images")),
        n_texts=_count(plan.get("n_texts")),
        n_pairs=None if match is None else sum(part.rows for part in match.parts if part.table == "pairs"),
        n_failed=n_failed,
        committed=dict(committed),
        planned=planned,
    )


def _planned(storage: Storage, run_id: str, plan: Mapping[str, object]) -> dict[str, int]:
    planned = {"embed": _length(plan.get("embed_blocks")), "match": 1}
    try:
        fixed = read_plan_content(storage, run_id, BLOCKS)
    except MissingFileError:
        return planned
    items, pairs = _length(fixed.get("item_blocks")), _length(fixed.get("pair_blocks"))
    opaque = _length(fixed.get("opaque_blocks"))
    fits = {"fit": pairs} | ({"fit-opaque": opaque} if opaque else {})
    tiles = _length(fixed.get("sweep_tiles"))
    swept = {"sweep": tiles, "gather": 1} if tiles else {}
    return planned | {"segment": items, "score": items} | fits | swept


def _n_failed(storage: Storage, finish: Commit) -> int | None:
    try:
        counts = read_rows(storage, [finish], "runs", ["n_failed"])["n_failed"].to_pylist()
    except SchemaError:
        return None
    return counts[0] if counts else None


def _moment(text: object, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _length(value: object) -> int:
    return len(cast("list[object]", value)) if isinstance(value, list) else 0
