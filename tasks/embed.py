"""Stage embed: every whole item through its tower once; content ids, and what can never be explained."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.encoders.batches import WholeImage, encode_images, encode_texts
from ilime_core.encoders.stopwatch import Stopwatch
from ilime_core.errors import FailureReason, ItemError
from ilime_core.records import ImageView, Modality
from tasks.blocks import BlockResult, Encodes, run_block
from tasks.commits import Failure
from tasks.images import OpenedImage
from tasks.models import encoder_of, lane
from tasks.naming import item_id_of
from tasks.plan import EmbedBlock, OpenRun, open_run_plan
from tasks.progress import report
from tasks.reports import BlockReport
from tasks.reuse import carry_rows
from tasks.sources import ahead, corpus_of, read_image
from tasks.tables import TABLES

__all__ = ["embed_block"]

Row = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class _ReadImage:
    """An image that is ready for its tower."""

    entry: Row
    data_sha256: str
    item_id: str
    opened: OpenedImage
    view: ImageView


def embed_block(root: str, run_id: str, block: int) -> BlockReport:
    """Embed the whole items of one block."""
    run = open_run_plan(root, run_id)
    planned = run.plan.embed_blocks[block]
    entries = run.manifest.filter(pc.equal(run.manifest["block"], block)).to_pylist()
    if planned.source_run:
        body = lambda: _carry(run, planned, entries)  # noqa: E731 - one of three bodies
    elif planned.modality == Modality.IMAGE:
        body = lambda: _embed_images(run, entries)  # noqa: E731
    else:
        body = lambda: _embed_texts(run, entries)  # noqa: E731
    return run_block(run, "embed", block, body)


def _embed_images(run: OpenRun, entries: list[Row]) -> BlockResult:
    encoder = encoder_of(run)
    corpus = corpus_of(run.plan.parameters.corpus)
    failures: list[Failure] = []
    read: dict[str, _ReadImage] = {}

    def open_entry(entry: Row) -> tuple[Row, _ReadImage | ItemError]:
        try:
            data, opened = read_image(corpus, str(entry["uri"]), str(entry["external_id"]))
        except ItemError as error:
            return entry, error
        sha = hashlib.sha256(data).hexdigest()
        return entry, _ReadImage(
            entry, sha, item_id_of(Modality.IMAGE, data), opened, encoder.image.view(opened.image)
        )

    def jobs() -> Iterator[WholeImage]:
        for entry, found in ahead(open_entry, entries):
            if isinstance(found, ItemError):
                failures.append(_failure(entry, found, None))
            elif found.item_id not in read:
                read[found.item_id] = found
                yield WholeImage(found.item_id, found.view.pixels)

    rows: list[Row] = []
    watch = Stopwatch()
    with lane(encoder.device):
        batch = run.plan.parameters.blocks.image_batch
        for result in encode_images(watch.timed(encoder.image), jobs(), batch_size=batch, on_batch=_counted("image")):
            image = read.pop(result.key)
            if result.error is not None:
                failures.append(_failure(image.entry, result.error, result.key))
            else:
                rows.append(_image_row(image, result.embeddings[0].cpu().numpy()))
            read[result.key] = image
    return BlockResult(
        {"items": pa.Table.from_pylist(rows, schema=TABLES["items"].schema)},
        Encodes(images=len(read), seconds=watch.seconds),
        failures=tuple(failures),
    )
