"""Stage embed: every whole item through its tower once; content ids, and what can never be explained."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from torch import Tensor

from ilime_core.encoding.images import encode_images
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.encoding.texts import encode_texts
from ilime_core.errors import ItemError
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import open_image
from tasks.corpora.corpus import Tags, merged_tags
from tasks.corpora.images.loading import images_of, map_ahead
from tasks.corpora.planned_contents import check_planned, read_planned
from tasks.planning.reuse import reuse_rows
from tasks.process.models import device_lock, encoder_of
from tasks.run_files.commits import Failure
from tasks.run_files.naming import item_id_of
from tasks.run_files.plan import EmbedBlock, OpenRun, open_run_plan
from tasks.runs.items import ListedItem
from tasks.stages.block_report import BlockReport
from tasks.stages.item_bounds import check_text_bounds, is_usable_text
from tasks.stages.progress import report_progress
from tasks.stages.run_block import BlockResult, run_block
from tasks.tables import TABLES
from tasks.tables.counts import Counts
from tasks.tables.row_filters import among

__all__ = ["embed_block"]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry(ListedItem):
    """A row of the manifest."""

    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class _Content:
    """Columns that follow from an item's content; pixels are not kept, as a block may have thousands."""

    item_id: str
    sha256: str
    text: str | None = None
    width: int | None = None
    height: int | None = None
    exif_orientation: int | None = None


def embed_block(root: str, run_id: str, block: int) -> BlockReport:
    """Embed the whole items of one block, or copy the rows that an earlier run has embedded.

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
    planned = run.plan.embed_blocks[block]
    rows = run.manifest.filter(pc.field("block") == block).select([one.name for one in fields(_Entry)])
    entries = [_Entry(**row) for row in rows.to_pylist()]
    return run_block(run, "embed", block, partial(_embed, run, planned, entries))


def _embed(run: OpenRun, planned: EmbedBlock, entries: Sequence[_Entry]) -> BlockResult:
    carried = _carry(run, planned.source_run, entries) if planned.source_run else None
    if carried is not None:
        return carried
    compute = _embed_images if planned.modality == Modality.IMAGE.value else _embed_texts
    return compute(run, entries)


def _embed_images(run: OpenRun, entries: Sequence[_Entry]) -> BlockResult:
    encoder = TimedEncoder(encoder_of(run))
    files = images_of(run.plan.parameters.corpus)
    failures: list[Failure] = []
    images: dict[str, tuple[_Entry, _Content]] = {}
    same: defaultdict[str, list[int]] = defaultdict(list)

    def open_entry(entry: _Entry) -> tuple[_Content, np.ndarray]:
        data = read_planned(files, entry.image, entry.fingerprint)
        opened = open_image(data)
        content = _Content(
            item_id_of(Modality.IMAGE, data),
            hashlib.sha256(data).hexdigest(),
            width=opened.width,
            height=opened.height,
            exif_orientation=opened.exif_orientation,
        )
        return content, encoder.image.view(opened.image).pixels

    def views() -> Iterator[tuple[str, np.ndarray]]:
        for entry, found in zip(entries, map_ahead(open_entry, entries), strict=True):
            if isinstance(found, ItemError):
                failures.append(_failure(entry, found, None))
                continue
            content, pixels = found
            if content.item_id in images:  # the same content under two names is one item
                same[content.item_id].append(entry.entry)
            else:
                images[content.item_id] = entry, content
                yield content.item_id, pixels

    rows: list[dict[str, object]] = []
    with device_lock(encoder.device):
        for result in encode_images(
            encoder, views(), batch_size=run.plan.parameters.blocks.image_batch, on_batch=_counted("images")
        ):
            entry, content = images[result.key]
            if result.error is not None:
                failures.append(_failure(entry, result.error, result.key))
            else:
                rows.append(_row(entry, content, result.embeddings) | {"same_entries": same[result.key]})
    check_planned(files, [(entry.image, entry.fingerprint) for entry in entries])
    return BlockResult(
        {"items": _table(run, rows)},
        Counts(image_encodes=len(images), encoder_seconds=encoder.seconds),
        failures=tuple(failures),
    )


def _embed_texts(run: OpenRun, entries: Sequence[_Entry]) -> BlockResult:
    encoder = TimedEncoder(encoder_of(run))
    failures: list[Failure] = []
    usable: list[_Entry] = []
    for entry in entries:
        try:
            check_text_bounds(entry.external_id, entry.text, run.plan.parameters.segmentation)
            usable.append(entry)
        except ItemError as error:
            failures.append(_failure(entry, error, None))
    rows: list[dict[str, object]] = []
    with device_lock(encoder.device):
        texts = ((entry, entry.text or "") for entry in usable)
        for result in encode_texts(
            encoder, texts, batch_size=run.plan.parameters.blocks.text_batch, on_batch=_counted("texts")
        ):
            entry, data = result.key, (result.key.text or "").encode()
            item_id = item_id_of(Modality.TEXT, data)
            if result.error is not None:
                failures.append(_failure(entry, result.error, item_id))
            else:
                content = _Content(item_id, hashlib.sha256(data).hexdigest(), text=entry.text)
                rows.append(_row(entry, content, result.embeddings))
    return BlockResult(
        {"items": _table(run, rows)},
        Counts(text_encodes=len(usable), encoder_seconds=encoder.seconds),
        failures=tuple(failures),
    )


def _carry(run: OpenRun, source_run: str, entries: Sequence[_Entry]) -> BlockResult | None:
    """Copy rows of an earlier run, because equal contents embed alike; None if that run is deleted."""
    bounds = run.plan.parameters.segmentation
    if any(entry.text is not None and not is_usable_text(entry.text, bounds) for entry in entries):
        return None  # the earlier run may have had other bounds
    wanted = among("fingerprint", (entry.fingerprint for entry in entries if entry.fingerprint))
    source = reuse_rows(run, source_run, "embed", "items", wanted)
    if source is None:
        return None
    known = {(row["modality"], row["fingerprint"]): row for row in source.to_pylist()}
    if not all((entry.modality, entry.fingerprint) in known for entry in entries):
        return None
    rows: dict[str, dict[str, object]] = {}
    same: defaultdict[str, list[int]] = defaultdict(list)
    for entry in entries:
        row = known[entry.modality, entry.fingerprint]
        if row["item_id"] in rows:  # two fingerprints of one content
            same[row["item_id"]].append(entry.entry)
        else:
            rows[row["item_id"]] = row | _place(entry) | {"same_entries": same[row["item_id"]]}
    images = entries[0].modality == Modality.IMAGE.value
    return BlockResult(
        {"items": _table(run, rows.values())},
        Counts(
            image_encodes_reused=len(rows) if images else 0, text_encodes_reused=0 if images else len(rows)
        ),
    )


def _table(run: OpenRun, rows: Iterable[dict[str, object]]) -> pa.Table:
    """Rows of ``items`` with the tags of all entries that list the item."""
    tagged = [row | {"tags": _tags(run, row) or None} for row in rows]
    return pa.Table.from_pylist(tagged, schema=TABLES["items"].schema)


def _tags(run: OpenRun, row: Mapping[str, Any]) -> Tags:
    entries = sorted([row["entry"], *(row.get("same_entries") or ())])
    return merged_tags(run.tags.get(entry, ()) for entry in entries)


def _row(entry: _Entry, content: _Content, embedding: Tensor) -> dict[str, object]:
    return _place(entry) | asdict(content) | {"embedding": embedding.cpu().numpy()}


def _place(entry: _Entry) -> dict[str, object]:
    """Where this run has listed an item; a copied row keeps its own text."""
    return {one.name: getattr(entry, one.name) for one in fields(entry) if one.name != "text"}


def _failure(entry: _Entry, error: ItemError, item_id: str | None) -> Failure:
    return Failure("embed", entry.entry, item_id, error.reason.value, str(error), entry.uri)


def _counted(unit: str) -> Callable[[int], None]:
    return lambda n: report_progress("embed", n, unit)
