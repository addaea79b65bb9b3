"""What an earlier run of the same output has already explained."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from tasks.commits import committed, read_commit, read_rows
from tasks.naming import plan_key
from tasks.plan import OpenRun, RunPlan, open_run_plan
from tasks.storage import Storage

if TYPE_CHECKING:
    from tasks.planning import Draft

__all__ = ["EmbedSource", "carry_rows", "find_effects_source", "find_embed_source", "finished_plans"]


@dataclass(frozen=True, slots=True)
class EmbedSource:
    """A finished run of the same model, and the contents it has embedded."""

    run_id: str
    fingerprints: frozenset[tuple[str, str]]


def finished_plans(storage: Storage) -> Iterator[RunPlan]:
    """Plans of the finished runs of an output, by run id."""
    for file in storage.list("_runs"):
        if file.key.endswith("/plan/plan.json"):
            run_id = file.key.split("/")[1]
            if read_commit(storage, run_id, "finish", 0) is None:
                continue
            try:
                yield RunPlan.model_validate_json(storage.read_bytes(plan_key(run_id, "plan.json")))
            except ValidationError:
                continue  # written by another schema: its rows are not ours to carry


def find_embed_source(storage: Storage, draft: "Draft") -> EmbedSource | None:
    """The finished run under the same model and precision that covers most of the manifest."""
    wanted = set(
        zip(
            draft.manifest.column("modality").to_pylist(),
            draft.manifest.column("fingerprint").to_pylist(),
            strict=True,
        )
    )
    best: EmbedSource | None = None
    for plan in finished_plans(storage):
        if plan.embed_digest != draft.embed_digest:
            continue
        rows = read_rows(
            storage, committed(storage, plan.run_id, "embed").values(), "items", ["modality", "fingerprint"]
        )
        known = set(zip(rows["modality"].to_pylist(), rows["fingerprint"].to_pylist(), strict=True)) & wanted
        if known and (best is None or len(known) > len(best.fingerprints)):
            best = EmbedSource(plan.run_id, frozenset(known))
    return best


def find_effects_source(run: OpenRun, item_ids: Collection[str]) -> tuple[str, frozenset[str]] | None:
    """The finished run with the same effects digest that has explained most of the items."""
    best: tuple[str, frozenset[str]] | None = None
    for plan in finished_plans(run.storage):
        if plan.run_id == run.run_id or plan.effects_digest != run.plan.effects_digest:
            continue
        rows = read_rows(
            run.storage, committed(run.storage, plan.run_id, "score").values(), "anchors", ["item_id"]
        )
        known = frozenset(rows["item_id"].to_pylist()) & frozenset(item_ids)
        if known and (best is None or len(known) > len(best[1])):
            best = (plan.run_id, known)
    return best


def carry_rows(run: OpenRun, source_run: str, stage: str, table: str, item_ids: Collection[str]) -> pa.Table:
    """Committed rows of these items from an earlier run."""
    source = open_run_plan(run.root, source_run)
    return read_rows(
        source.storage,
        committed(source.storage, source_run, stage).values(),
        table,
        filter=pc.field("item_id").isin(sorted(item_ids)),
    )
