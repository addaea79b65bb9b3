"""The record that makes a block's parts count, and its JSON."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from tasks.storage import StorageError

__all__ = ["BlockFacts", "Commit", "Failure", "Part", "commit_bytes", "content_digest", "parse_commit"]


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a block."""

    table: str
    key: str
    sha256: str
    rows: int
    bytes: int


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
    """What a block cost, what it read and what failed in it."""

    image_encodes: int
    text_encodes: int
    image_encodes_reused: int
    text_encodes_reused: int
    seconds: float
    encoder_seconds: float
    inputs: tuple[str, ...]
    """Digests of the commits that were read."""
    failures: tuple[Failure, ...]
    scores: int = 0
    """Joint rows of pairs that a scorer has looked at."""


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
    """Of what the block holds (parts and failures), not of who wrote it when."""


def content_digest(stage: str, block: int, parts: tuple[Part, ...], failures: tuple[Failure, ...]) -> str:
    """Hex sha256 of a block's content: equal after any kill and on any worker."""
    content = {
        "stage": stage,
        "block": block,
        "parts": [(part.table, part.sha256) for part in parts],
        "failures": [asdict(failure) for failure in failures],
    }
    return hashlib.sha256(_canonical(content)).hexdigest()


def commit_bytes(commit: Commit) -> bytes:
    """Canonical JSON of a record; a count of scores only where there are any, as in records of before."""
    record = asdict(commit)
    if not commit.facts.scores:
        del record["facts"]["scores"]
    return _canonical(record)


def parse_commit(data: bytes, key: str) -> Commit:
    """Read a record.

    Raises
    ------
    StorageError
        If it does not parse, has other fields, or its digest is not that of its content.
    """
    try:
        commit = _adapter().validate_json(data, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StorageError(f"commit record {key} is damaged: {place} {first['msg']}") from error
    if commit.digest != content_digest(commit.stage, commit.block, commit.parts, commit.facts.failures):
        raise StorageError(f"commit record {key} is damaged: its digest is not that of its content")
    return commit


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Commit]:
    return TypeAdapter(Commit)


def _canonical(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
