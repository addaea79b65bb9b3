"""What earlier runs of the same output have already explained."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from tasks.run_files.commits import committed, read_rows
from tasks.run_files.damage import DamageError
from tasks.run_files.finished_runs import finished_plans
from tasks.run_files.plan import OpenRun, RunPlan
from tasks.run_files.schema_check import SchemaError
from tasks.storage.storage import MissingFileError, Storage

__all__ = [
    "Source",
    "carry_rows",
    "choose_sources",
    "find_effects_sources",
    "find_embed_sources",
    "known_contents",
    "split_by_source",
]

MOST_SOURCES = 4
"""Runs that a plan may carry rows from: each adds blocks of its own."""

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
    """Places of contents, in order, by the run that they are carried from, and last those that are new."""
    run_of = {content: source.run_id for source in sources for content in source.contents}
    for run_id in (*(source.run_id for source in sources), None):
        yield run_id, [place for place, content in enumerate(contents) if run_of.get(content) == run_id]


def find_embed_sources(
    storage: Storage, manifest: pa.Table, embed_digest: str
) -> tuple[Source[tuple[str, str]], ...]:
    """Finished runs under the same model and precision, with (modality, fingerprint) of what is theirs."""
    contents = manifest.select(["modality", "fingerprint"]).to_pylist()
    wanted = {(row["modality"], row["fingerprint"]) for row in contents if row["fingerprint"]}

    def embedded(run_id: str) -> frozenset[tuple[str, str]]:
        commits = committed(storage, run_id, "embed").values()
        rows = read_rows(storage, commits, "items", ["modality", "fingerprint"])
        return frozenset(zip(rows["modality"].to_pylist(), rows["fingerprint"].to_pylist(), strict=True))

    plans = (plan for plan in finished_plans(storage) if plan.embed_digest == embed_digest)
    return choose_sources(wanted, known_contents(plans, wanted, embedded))


def find_effects_sources(run: OpenRun, item_ids: Collection[str]) -> tuple[Source[str], ...]:
    """Finished runs with the same effects digest, and the items that they explained."""
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


def carry_rows(run: OpenRun, source_run: str, stage: str, table: str, rows: pc.Expression) -> pa.Table | None:
    """Committed rows of an earlier run; None if that has been pruned or damaged since it was planned.

    While it is being pruned some rows may come and others be gone: callers look for what they need.
    """
    try:
        commits = committed(run.storage, source_run, stage).values()
        return read_rows(run.storage, commits, table, filter=rows)
    except (DamageError, MissingFileError):
        return None


def known_contents(
    plans: Iterable[RunPlan], wanted: AbstractSet[Content], read: Callable[[str], frozenset[Content]]
) -> dict[str, frozenset[Content]]:
    """What the newest runs know of the wanted contents; older ones are not read once nothing is missing."""
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
