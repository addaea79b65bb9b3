"""Commit record: the file that commits a block's parts, and its JSON."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from tasks.run_files.damage import DamageError
from tasks.tables.counts import Counts

__all__ = [
    "BlockFacts",
    "Commit",
    "Failure",
    "Part",
    "commit_bytes",
    "content_digest",
    "parse_commit",
    "sealed",
]

_PLACE = re.compile(r"^_runs/(r[0-9a-f]{16})/(?:commits/([^/]+)/(\d{5,})\.json$)?")


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a block."""

    table: str
    key: str
    sha256: str
    rows: int
    bytes: int
    pieces: tuple[str, ...] = ()
    """First 16 hex digits of the sha256 of every piece of a large part, for readers of some of its rows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that can never be explained; the finish stage makes rows of ``failures`` of these."""

    stage: str
    entry: int
    """Row of the manifest."""
    item_id: str | None
    reason: str
    message: str
    uri: str


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """Costs, inputs and failures of a block."""

    counts: Counts = field(default_factory=Counts)
    """A stored record holds them beside the other facts, and ``failed`` is the number of failures."""
    inputs: tuple[str, ...] = ()
    """Digests of the commits that were read."""
    failures: tuple[Failure, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """sha256 of the plan files that the block was computed from, by name."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A committed block."""

    stage: str
    block: int
    parts: tuple[Part, ...]
    facts: BlockFacts
    worker: str
    """host:pid of the writer."""
    versions: Mapping[str, str]
    digest: str
    """Digest of the block's content (parts and failures), not of its writer or time."""
    run_id: str = ""
    """Run that the record belongs to; empty in records written before there were seals."""
    seal: str = ""
    """Digest of the whole record; empty in records written before there were seals."""


def content_digest(stage: str, block: int, parts: tuple[Part, ...], failures: tuple[Failure, ...]) -> str:
    """Hex sha256 of a block's content: equal after any kill and on any worker.

    Parameters
    ----------
    stage, block
        Block that the record is of.
    parts
        Parts of the block; table and sha256 enter.
    failures
        Items that failed in it.

    Returns
    -------
    str
        64 hex digits.
    """
    content = {
        "stage": stage,
        "block": block,
        "parts": [(part.table, part.sha256) for part in parts],
        "failures": [asdict(failure) for failure in failures],
    }
    return hashlib.sha256(_canonical(content)).hexdigest()


def commit_bytes(commit: Commit) -> bytes:
    """Canonical JSON of a record; fields added in later versions only where they are not empty."""
    return _canonical(_slim(asdict(commit), commit))


def sealed(commit: Commit) -> Commit:
    """Return a record with the seal that covers all of it."""
    unsealed = replace(commit, seal="")
    return replace(commit, seal=hashlib.sha256(commit_bytes(unsealed)).hexdigest())


def parse_commit(data: bytes, key: str, root: str = "") -> Commit:
    """Parse and check a record.

    Parameters
    ----------
    data
        Content of the file, or one line of the record list.
    key
        File that it comes from: the record has to be of that run and, if the file is the record's own, of
        that stage and block.
    root
        Output, for the error.

    Returns
    -------
    Commit
        Record whose digest, seal and place agree.

    Raises
    ------
    DamageError
        If it does not parse, has other fields, or differs from what was written.
    """
    try:
        commit = _adapter().validate_python(_nested(from_json(data)), extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DamageError.of(root, key, f"{place} {first['msg']}") from error
    except ValueError as error:
        raise DamageError.of(root, key, f"it is no JSON ({error})") from error
    if problem := _problem(commit, data, key):
        raise DamageError.of(root, key, problem)
    return commit


def _problem(commit: Commit, data: bytes, key: str) -> str | None:
    if commit.digest != content_digest(commit.stage, commit.block, commit.parts, commit.facts.failures):
        return "its digest is not that of its content"
    if (commit.run_id or commit.seal) and (sealed(commit) != commit or commit_bytes(commit) != data):
        return "its seal is not that of its content"
    place = _PLACE.match(key)
    if place is None:
        return None
    run_id, stage, block = place.groups()
    if commit.run_id not in {"", run_id}:
        return f"holds a record of run {commit.run_id}"
    if stage and (commit.stage, commit.block) != (stage, int(block)):
        return f"holds the record of {commit.stage} block {commit.block}"
    strange = [part for part in commit.parts if not part.key.startswith(f"{part.table}/run_id={run_id}/")]
    return f"names {strange[0].key}, a part of another run" if strange else None


def _slim(record: dict[str, Any], commit: Commit) -> dict[str, Any]:
    """A record as it is stored: counts among the facts, later fields only where they are not empty."""
    facts = record["facts"]
    counts: dict[str, float] = facts.pop("counts")
    facts |= {name: n for name, n in counts.items() if name in _FIRST or (n and name in _STORED)}
    if not facts["files"]:
        del facts["files"]
    for name in ("run_id", "seal"):
        if not record[name]:
            del record[name]
    record["parts"] = [
        given if part.pieces else {name: value for name, value in given.items() if name != "pieces"}
        for given, part in zip(record["parts"], commit.parts, strict=True)
    ]
    return record


_STORED = frozenset(one.name for one in fields(Counts)) - {"failed"}
_FIRST = frozenset(
    {
        "image_encodes",
        "text_encodes",
        "image_encodes_reused",
        "text_encodes_reused",
        "seconds",
        "encoder_seconds",
    }
)
"""Counts that every record has; later ones are stored only where they are not zero."""


def _nested(record: Any) -> Any:
    """A stored record with its counts as one field; anything that is no record is returned unchanged."""
    facts: Any = record.get("facts") if isinstance(record, dict) else None
    if not isinstance(facts, dict) or not facts.keys() >= _FIRST:
        return record
    counts = {name: facts.pop(name) for name in _STORED & facts.keys()}
    failures = facts.get("failures")
    facts["counts"] = counts | {"failed": len(failures) if isinstance(failures, list) else 0}
    return record


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Commit]:
    return TypeAdapter(Commit)


def _canonical(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
