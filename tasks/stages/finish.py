"""Stage finish: failures, the row in ``runs``, a part for every table, and none that no record names."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa

from ilime_core.modality import Modality
from tasks.run_files.commits import Failure
from tasks.run_files.committed import all_commits, read_rows
from tasks.run_files.garbage_collection import collect_garbage
from tasks.run_files.library_versions import library_versions
from tasks.run_files.naming import check_stage
from tasks.run_files.parts import empty_table
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.run_files.record_list import write_record_list
from tasks.runs.verify import check_whole
from tasks.stages.block_report import BlockReport
from tasks.stages.run_block import BlockResult, run_block
from tasks.tables import REPEATED, TABLES
from tasks.tables.counts import Counts

__all__ = ["finish_block"]


def finish_block(root: str, run_id: str, block: int) -> BlockReport:
    """Run the one block of finish; the record of this block is what makes the run finished.

    Parameters
    ----------
    root
        Folder or URL of the storage.
    run_id
        Id of the run.
    block
        Number of the block within its stage.

    Returns
    -------
    BlockReport
        Rows and counts of the committed block.
    """
    run = open_run_plan(root, run_id)
    report = run_block(run, "finish", block, partial(_finish, run))
    collect_garbage(run.storage, run_id)  # parts of an earlier start that died while finishing
    return report


def _finish(run: OpenRun) -> BlockResult:
    commits = all_commits(run.storage, run.run_id)
    listed = check_whole(run.storage, run.run_id, {})
    write_record_list(run.storage, run.run_id, (one for stage in commits.values() for one in stage.values()))
    # A kill after the record must not leave stray parts in a finished run.
    collect_garbage(run.storage, run.run_id, listed)
    failures = [
        failure
        for stage in commits.values()
        for commit in stage.values()
        for failure in commit.facts.failures
    ]
    failed = [asdict(one) for one in _by_item([*run.rejected, *failures])]
    spent = {
        stage: sum((commit.facts.counts for commit in blocks.values()), Counts())
        for stage, blocks in commits.items()
        if check_stage(stage) not in REPEATED
    }
    written = {part.table for stage in commits.values() for commit in stage.values() for part in commit.parts}
    return BlockResult(
        # A plain glob of a table fails where no file lies.
        {name: empty_table(TABLES[name]) for name in TABLES if name not in written}
        | {
            "failures": pa.Table.from_pylist(failed, schema=TABLES["failures"].schema),
            "runs": pa.Table.from_pylist([_run_row(run, spent, len(failed))], schema=TABLES["runs"].schema),
        }
    )


def _by_item(failures: Iterable[Failure]) -> list[Failure]:
    """One failure for each stage and item: messages of pairs that failed one by one are joined."""
    found: dict[tuple[str, int], Failure] = {}
    for failure in failures:
        key = failure.stage, failure.entry
        known = found.get(key)
        found[key] = replace(known, message=f"{known.message}; {failure.message}") if known else failure
    return list(found.values())


def _run_row(run: OpenRun, spent: dict[str, Counts], n_failed: int) -> dict[str, object]:
    plan, parameters = run.plan, run.plan.parameters
    items = read_rows(
        run.storage, run.commits("embed", [block.block for block in plan.embed_blocks]), "items", ["modality"]
    )
    modalities = Counter(items["modality"].to_pylist())
    pairs = read_rows(run.storage, run.commits("match", [0]), "pairs", ["pair_id"])
    total = sum(spent.values(), Counts())
    seconds = {stage: round(counts.seconds, 3) for stage, counts in spent.items()}
    seconds["encoder"] = round(total.encoder_seconds, 3)
    return {
        **total.as_row(),
        "label": parameters.label,
        "status": "finished",
        "started": datetime.fromisoformat(plan.created),
        "finished": datetime.now(UTC),
        "corpus": parameters.corpus.format,
        "split": parameters.corpus.split,
        "model": parameters.model.model or parameters.model.name,
        "pretrained": parameters.model.pretrained or None,
        "model_fingerprint": plan.model.fingerprint,
        "precision": plan.model.precision,
        "device": plan.model.device,
        "estimator": parameters.estimators[0],
        "seed": parameters.seed,
        "n_images": modalities[Modality.IMAGE.value],
        "n_texts": modalities[Modality.TEXT.value],
        "n_pairs": pairs.num_rows,
        "n_failed": n_failed,
        "seconds": json.dumps(seconds, sort_keys=True),
        "versions": json.dumps(library_versions(), sort_keys=True),
        "parameters": json.dumps(parameters.of_the_run(), sort_keys=True),
    }
