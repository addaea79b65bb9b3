"""Stage segment: regions of views, words of texts; no model runs, only its view and its tokenizer."""

import hashlib
from functools import partial

import pyarrow as pa

from ilime_core.encoders.text_cut import cut_text
from ilime_core.errors import FailureReason, ItemError
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import label_map_png
from ilime_core.protocols.encoders import DualEncoder, TextEncoder
from ilime_core.segmentation.geometry import seen_share
from ilime_core.segmentation.lexicon import segment_classes
from ilime_core.segmentation.regions import describe_regions
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions
from ilime_core.segmentation.word_boundaries import normalise_word
from tasks.corpora.images.loading import images_of, map_ahead, read_unchanged
from tasks.corpora.regions.given_regions import GivenPlaces, NamedSegments, check_given, read_given
from tasks.process.models import reader_of
from tasks.run_files.commits import Failure
from tasks.run_files.match_plan import ItemBlock, match_plan
from tasks.run_files.plan import OpenRun, digest, open_run_plan
from tasks.runs.items import Item, read_items
from tasks.spec.core_options import options_of
from tasks.stages.block_report import BlockReport
from tasks.stages.item_bounds import check_segments
from tasks.stages.item_copying import reuse_items
from tasks.stages.progress import report_progress
from tasks.stages.run_block import BlockResult, run_block
from tasks.stages.segment.box_labels import box_labels, box_source, item_objects, with_box_labels
from tasks.stages.segment.view_geometry import geometry_columns
from tasks.stages.segment.word_classes import with_word_classes
from tasks.tables import TABLES

__all__ = ["segment_block"]

Row = dict[str, object]


def segment_block(root: str, run_id: str, block: int) -> BlockReport:
    """Cut the items of one block into segments.

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
    return run_block(run, "segment", block, partial(_segment, run, match_plan(run).item_blocks[block]))


def _segment(run: OpenRun, planned: ItemBlock) -> BlockResult:
    images = planned.modality == Modality.IMAGE.value
    if not (images and run.plan.parameters.segmentation.image.method == "given"):  # those may have moved
        reused = reuse_items(run, planned, "segment", ("views", "segments"))
        if reused is not None:
            if images:  # and other objects
                reused["segments"] = with_box_labels(run, reused["views"], reused["segments"])
            else:  # the earlier run may have had another lexicon
                reused["segments"] = with_word_classes(run, reused["segments"], planned.item_ids)
            return BlockResult(reused, inputs=_inputs(run, planned))
    items = list(read_items(run, planned.item_ids).values())
    encoder = reader_of(run)
    cut = partial(_cut_image, run, encoder) if images else partial(_cut_text, run, encoder.text)
    views: list[Row] = []
    segments: list[Row] = []
    failures: list[Failure] = []
    for item, found in zip(items, map_ahead(cut, items), strict=True):
        if isinstance(found, ItemError):
            reason = found.reason.value
            failures.append(Failure("segment", item.entry, item.item_id, reason, str(found), item.uri))
        else:
            views.append(found[0])
            segments += found[1]
        report_progress("segment", 1, "items")
    if images and run.regions:
        images_read = [item.image for item in items]
        check_given(_places(run), run.plan.parameters.corpus, images_read, run.regions)
    tables = {"views": views, "segments": segments}
    return BlockResult(
        {name: pa.Table.from_pylist(rows, schema=TABLES[name].schema) for name, rows in tables.items()},
        inputs=_inputs(run, planned),
        failures=tuple(failures),
    )


def _places(run: OpenRun) -> GivenPlaces:
    image = run.plan.parameters.segmentation.image
    return GivenPlaces(image.label_maps, image.label_names)


def _inputs(run: OpenRun, planned: ItemBlock) -> tuple[str, ...]:
    commits = run.commits("match", [0]) + run.commits("embed", planned.reads)
    return tuple(commit.digest for commit in commits)


def _cut_image(run: OpenRun, encoder: DualEncoder, item: Item) -> tuple[Row, list[Row]]:
    opened = read_unchanged(images_of(run.plan.parameters.corpus), item.image, item.sha256)
    view = encoder.image.view(opened.image)
    parameters = run.plan.parameters.segmentation.image
    named: NamedSegments | None = None
    if parameters.method == "given":
        named = read_given(_places(run), run.plan.parameters.corpus, item.image, view.geometry)
        segments = named.segments
    else:
        options = options_of(SegmenterOptions, parameters, patch_size=encoder.image.patch_size)
        segments = SEGMENTERS[parameters.method].make(options)(view.pixels)
    check_segments(item.uri, segments.n_segments, parameters.max_segments, "segmentation.image.max_segments")
    geometry = view.geometry
    objects = item_objects(run).get(item.item_id, ())
    if objects:
        named = NamedSegments(segments, tuple(box_labels(segments, objects, geometry)), box_source(run))
    regions = describe_regions(segments, geometry)
    row: Row = {
        "item_id": item.item_id,
        **geometry_columns(geometry),
        "label_map": label_map_png(segments.labels),
        "view_digest": hashlib.sha256(view.pixels.tobytes()).hexdigest(),
        "seen": seen_share(geometry),
        "n_segments": segments.n_segments,
        "segmentation_digest": digest(
            parameters.model_dump(mode="json", by_alias=True, exclude={"label_names"})
        ),
    }
    names = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")
    return row, [
        {
            "item_id": item.item_id,
            "segment": segment,
            "area": int(regions.area[segment]),
            "share": float(regions.share[segment]),
            **dict(zip(names, regions.boxes[segment].tolist(), strict=True)),
            "rle": regions.masks[segment],
            "label": named.labels[segment] if named else None,
            "label_source": named.source if named and named.labels[segment] else None,
        }
        for segment in range(segments.n_segments)
    ]


def _cut_text(run: OpenRun, encoder: TextEncoder, item: Item) -> tuple[Row, list[Row]]:
    parameters = run.plan.parameters.segmentation.text
    text = item.text or ""
    segments = cut_text(text, parameters.unit, encoder)
    count = len(segments.starts)
    if segments.n_segments == 0:
        raise ItemError(FailureReason.EMPTY, f"{item.external_id}: no {parameters.unit} that the model sees")
    check_segments(
        item.external_id, segments.n_segments, parameters.max_segments, "segmentation.text.max_segments"
    )
    row: Row = {
        "item_id": item.item_id,
        "seen": segments.n_segments / count,
        "n_segments": segments.n_segments,
        "segmentation_digest": digest(parameters.model_dump(mode="json", exclude={"lexicon"})),
    }
    spans = list(zip(segments.starts, segments.ends, strict=True))
    classes = segment_classes(text, spans, run.lexicon)
    return row, [
        {
            "item_id": item.item_id,
            "segment": segment,
            "share": 1 / count,
            "char_start": start,
            "char_end": end,
            "text": text[start:end],
            "word": normalise_word(text[start:end]),
            "truncated": is_truncated,
            "word_class": word_class,
        }
        for segment, ((start, end), is_truncated, word_class) in enumerate(
            zip(spans, segments.truncated, classes, strict=True)
        )
    ]
