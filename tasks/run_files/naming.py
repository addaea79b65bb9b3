"""Ids and paths of a run: an id is a digest of content, a path follows from ids.

::

    <output>/<table>/run_id=<run>/part-<stage>-<block>-<12 hex of sha256>.parquet
    <output>/_runs/<run>/plan/<name>
    <output>/_runs/<run>/commits/<stage>/<block>.json
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.near_names import did_you_mean
from tasks.tables import FORMER_TABLES, REPEATED, STAGES, TABLES

__all__ = [
    "RUNS",
    "PartName",
    "block_of_commit",
    "check_stage",
    "commit_key",
    "commits_prefix",
    "is_run_id",
    "item_id_of",
    "measure_id_of",
    "pair_id_of",
    "parse_part",
    "part_key",
    "plan_folder",
    "plan_key",
    "run_id_of",
    "run_prefix",
    "table_prefix",
]

RUNS = "_runs"
"""Folder of plans and commit records; tables lie beside it."""

_RUN_ID = re.compile(r"^r[0-9a-f]{16}$")
_STAGE = re.compile(r"^([a-z]+)(-m[0-9a-f]{12}|-opaque)?$")
_PART = re.compile(r"^part-([a-z]+(?:-m[0-9a-f]{12}|-opaque)?)-(\d{5,})-([0-9a-f]{12})\.parquet$")
_PARTED = {"-m": REPEATED, "-o": ("fit",)}
"""Stages whose names may have a suffix, by the start of that suffix."""

_RECORD = re.compile(r"^(\d{5,})\.json$")


def run_id_of(components: Mapping[str, str]) -> str:
    """Id of a run from the digests of everything that fixes its numbers."""
    return "r" + _digest(json.dumps(dict(components), sort_keys=True, separators=(",", ":")))[:16]


def is_run_id(text: str) -> bool:
    """True if a text has the form of a run id."""
    return _RUN_ID.match(text) is not None


def measure_id_of(components: Mapping[str, str]) -> str:
    """Id of a measurement or a selection from the digests of its parameters."""
    return "m" + _digest(json.dumps(dict(components), sort_keys=True, separators=(",", ":")))[:12]


def item_id_of(modality: Modality, content: bytes) -> str:
    """Id of an item from its modality and content.

    Parameters
    ----------
    modality
        Image or text.
    content
        Bytes; UTF-8 of a text.

    Returns
    -------
    str
        ``i`` and 64 hex digits.
    """
    return "i" + hashlib.sha256(modality.value.encode() + b"\0" + content).hexdigest()


def pair_id_of(left_id: str, right_id: str) -> str:
    """Id of an ordered pair of items.

    Parameters
    ----------
    left_id, right_id
        Ids of its items; their order matters.

    Returns
    -------
    str
        ``p`` and 64 hex digits.
    """
    return "p" + _digest(f"{left_id}\0{right_id}")


def check_stage(stage: str) -> str:
    """Return the stage of TABLES that ``stage`` names.

    ``measure-<measure_id>`` is a ``measure``, ``select-<selection_id>`` a ``select`` and ``fit-opaque`` a
    ``fit``; all others are themselves.

    Raises
    ------
    InputError
        If there is no such stage.
    """
    match = _STAGE.match(stage)
    if match is None or match[1] not in STAGES or (match[2] and match[1] not in _PARTED[match[2][:2]]):
        hint = did_you_mean(stage, STAGES)
        raise InputError(f"no stage is called {stage!r}{hint or ';'} Needed is one of {', '.join(STAGES)}")
    return match[1]


def table_prefix(table: str, run_id: str) -> str:
    """Folder of a run's parts of one table.

    Parameters
    ----------
    table
        Name of a table, or one that it had under an earlier schema.
    run_id
        Id of the run.

    Returns
    -------
    str
        ``<table>/run_id=<run>``.

    Raises
    ------
    InputError
        If there is no such table, or the id is not one of a run.
    """
    if table not in TABLES and table not in FORMER_TABLES:
        raise InputError(
            f"no table is called {table!r}{did_you_mean(table, TABLES) or '.'} Known: {', '.join(TABLES)}"
        )
    return f"{table}/run_id={_checked_run(run_id)}"


def part_key(table: str, run_id: str, stage: str, block: int, sha256: str) -> str:
    """Key of a part.

    Parameters
    ----------
    table, run_id
        Folder that it lies in.
    stage, block
        Block that it is of.
    sha256
        Hex digest of its content; 12 digits enter the name.

    Returns
    -------
    str
        Key below the output.
    """
    check_stage(stage)
    return f"{table_prefix(table, run_id)}/part-{stage}-{block:05d}-{sha256[:12]}.parquet"


@dataclass(frozen=True, slots=True)
class PartName:
    """Stage, block and digest from the name of a part."""

    stage: str
    block: int
    digest: str
    """First 12 hex digits of the content's sha256."""


def parse_part(key: str) -> PartName | None:
    """Parse a part's name; None where it is not one."""
    match = _PART.match(key.rpartition("/")[2])
    return PartName(match[1], int(match[2]), match[3]) if match else None


def run_prefix(run_id: str) -> str:
    """Folder of a run's plan and records."""
    return f"{RUNS}/{_checked_run(run_id)}"


def plan_folder(run_id: str) -> str:
    """Folder of the frozen plan."""
    return f"{run_prefix(run_id)}/plan"


def plan_key(run_id: str, name: str = "plan.json") -> str:
    """Key of a file of the frozen plan.

    Parameters
    ----------
    run_id
        Id of the run.
    name
        Name of the file.

    Returns
    -------
    str
        Key below the output.
    """
    return f"{plan_folder(run_id)}/{name}"


def commits_prefix(run_id: str, stage: str = "") -> str:
    """Folder of commit records, of one stage or of all.

    Parameters
    ----------
    run_id
        Id of the run.
    stage
        Stage; empty for the folder of all.

    Returns
    -------
    str
        Key without a final ``/``.
    """
    folder = f"{run_prefix(run_id)}/commits"
    if not stage:
        return folder
    check_stage(stage)
    return f"{folder}/{stage}"


def commit_key(run_id: str, stage: str, block: int) -> str:
    """Key of the commit record of a block.

    Parameters
    ----------
    run_id
        Id of the run.
    stage, block
        Block that it is of.

    Returns
    -------
    str
        Key below the output.
    """
    return f"{commits_prefix(run_id, stage)}/{block:05d}.json"


def block_of_commit(key: str) -> int | None:
    """Block of a commit record; None where the name is not one."""
    match = _RECORD.match(key.rpartition("/")[2])
    return int(match[1]) if match else None


def _checked_run(run_id: str) -> str:
    if not _RUN_ID.match(run_id):
        raise InputError(f"{run_id!r} is no run id; needed is 'r' and 16 hex digits")
    return run_id


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
