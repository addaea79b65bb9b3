"""Reuse of rows of earlier runs of the same output."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from tasks.run_files.committed import committed, read_rows
from tasks.run_files.damage import DamageError
from tasks.run_files.finished_runs import finished_plans
from tasks.run_files.plan import OpenRun, RunPlan
from tasks.run_files.schema_check import SchemaError
from tasks.storage.storage import MissingFileError, Storage

__all__ = [
    "Source",
    "choose_sources",
    "find_effects_sources",
    "find_embed_sources",
    "known_contents",
    "reuse_rows",
    "split_by_source",
]

MOST_SOURCES = 4
"""Most runs that a plan copies rows from: each adds blocks of its own."""

CONSIDERED = 20
"""The newest runs under the same digest that are looked at."""

Content = TypeVar("Content", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Source(Generic[Content]):
    """A finished run, and the contents that are taken from it."""

    run_id: str
    contents: frozenset[Content]


def choose_sources(
    wanted: Collection[Content], known: Mapping[str, AbstractSet[Content]]
) -> tuple[Source[Content], ...]:
    """Few runs that together know most: each is the one that adds most to those before it.

    Parameters
    ----------
    wanted
        Contents that the new run needs.
    known
        Contents by run, preferred runs first: they win ties.

    Returns
    -------
    tuple of Source
        At most MOST_SOURCES; no content is in two of them.
    """
    left = frozenset(wanted)
    chosen: list[Source[Content]] = []
    while left and known and len(chosen) < MOST_SOURCES:
        run_id = max(known, key=lambda name: len(left & known[name]))
        gained = left & known[run_id]
        if not gained:
            break
        chosen.append(Source(run_id, gained))
        left -= gained
    return tuple(chosen)


def split_by_source(
    contents: Sequence[Content], sources: Collection[Source[Content]]
) -> Iterator[tuple[str | None, list[int]]]:
    """Group the places of contents by the run that their rows are copied from.

    Parameters
    ----------
    contents
        Contents in the order of the block.
    sources
        Runs with the contents that each has.

    Yields
    ------
    tuple[str | None, list[int]]
        Run id, None for contents that are new and come last, and their places in ``contents``, in order.
    """
    run_of = {content: source.run_id for source in sources for content in source.contents}
    for run_id in (*(source.run_id for source in sources), None):
        yield run_id, [place for place, content in enumerate(contents) if run_of.get(content) == run_id]


def find_embed_sources(
    storage: Storage, manifest: pa.Table, embed_digest: str
) -> tuple[Source[tuple[str, str]], ...]:
    """Finished runs under the same model and precision, with (modality, fingerprint) of what is theirs.

    Parameters
    ----------
    storage
        Output that holds the runs.
    manifest
        Entries with ``modality`` and ``fingerprint``; entries without a fingerprint are skipped.
    embed_digest
        Digest of model and precision.

    Returns
    -------
    tuple[Source[tuple[str, str]], ...]
        Chosen runs, each with (modality, fingerprint) of its items.
    """
    contents = manifest.select(["modality", "fingerprint"]).to_pylist()
    wanted = {(row["modality"], row["fingerprint"]) for row in contents if row["fingerprint"]}

    def embedded(run_id: str) -> frozenset[tuple[str, str]]:
        commits = committed(storage, run_id, "embed").values()
        rows = read_rows(storage, commits, "items", ["modality", "fingerprint"])
        return frozenset(zip(rows["modality"].to_pylist(), rows["fingerprint"].to_pylist(), strict=True))

    plans = (plan for plan in finished_plans(storage) if plan.embed_digest == embed_digest)
    return choose_sources(wanted, known_contents(plans, wanted, embedded))


def find_effects_sources(run: OpenRun, item_ids: Collection[str]) -> tuple[Source[str], ...]:
    """Finished runs with the same effects digest, and the items that they explained.

    Parameters
    ----------
    run
        The run that asks; it is no source of its own.
    item_ids
        Items to explain.

    Returns
    -------
    tuple[Source[str], ...]
        Chosen runs, each with ids of its items.
    """
    wanted = frozenset(item_ids)

    def explained(run_id: str) -> frozenset[str]:
        rows = read_rows(
            run.storage, committed(run.storage, run_id, "score").values(), "item_fits", ["item_id"]
        )
        return frozenset(rows["item_id"].to_pylist())

    plans = (
        plan
        for plan in finished_plans(run.storage)
        if plan.run_id != run.run_id and plan.effects_digest == run.plan.effects_digest
    )
    return choose_sources(wanted, known_contents(plans, wanted, explained))


def reuse_rows(run: OpenRun, source_run: str, stage: str, table: str, rows: pc.Expression) -> pa.Table | None:
    """Copy committed rows of an earlier run.

    While that run is being pruned some rows may be found and others not: callers look for what they need.

    Parameters
    ----------
    run
        The run that copies.
    source_run
        Id of the earlier run, below the same output.
    stage, table
        Stage that wrote the rows, and their table.
    rows
        Filter of the rows.

    Returns
    -------
    pa.Table or None
        None if the earlier run was pruned or damaged since it was planned.
    """
    try:
        commits = committed(run.storage, source_run, stage).values()
        return read_rows(run.storage, commits, table, filter=rows)
    except (DamageError, MissingFileError):
        return None


def known_contents(
    plans: Iterable[RunPlan], wanted: AbstractSet[Content], read: Callable[[str], frozenset[Content]]
) -> dict[str, frozenset[Content]]:
    """Wanted contents that the newest runs have; older runs are not read once nothing is missing.

    Parameters
    ----------
    plans
        Candidates in any order.
    wanted
        Contents that a run would reuse.
    read
        Contents of a run by its id; a run that it finds damaged or pruned is skipped.

    Returns
    -------
    dict[str, frozenset[Content]]
        Wanted contents by run id, newest run first.
    """
    newest = sorted(plans, key=lambda plan: (plan.created, plan.run_id), reverse=True)[:CONSIDERED]
    known: dict[str, frozenset[Content]] = {}
    missing = frozenset(wanted)
    for plan in newest:
        if not missing:
            break
        try:
            known[plan.run_id] = read(plan.run_id) & wanted
        except (DamageError, MissingFileError, SchemaError):
            continue  # damaged, or of another schema: its rows are not ours to spread; or pruned meanwhile
        missing -= known[plan.run_id]
    return known
