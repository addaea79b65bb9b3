"""Labels of regions from the objects of ``corpus.object_column`` or ``corpus.instances``."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.segmentation.covering_boxes import covering_boxes
from ilime_core.view_records import ImageSegments, ViewGeometry
from tasks.corpora.corpus import ObjectBox
from tasks.corpora.object_table import objects_by_entry
from tasks.corpora.regions.region_label import region_label
from tasks.run_files.committed import committed, read_rows
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import read_named_table
from tasks.stages.segment.view_geometry import view_geometry

__all__ = ["box_labels", "box_source", "item_objects", "with_box_labels"]


def box_source(run: OpenRun) -> str:
    """Value of ``label_source`` of regions that boxes of the corpus label."""
    return "instances" if run.plan.parameters.corpus.instances else "column"


@lru_cache(maxsize=8)
def item_objects(run: OpenRun) -> dict[str, tuple[ObjectBox, ...]]:
    """Objects of the images of a run, read once a process.

    Parameters
    ----------
    run
        Run whose items are committed.

    Returns
    -------
    dict of str to tuple
        By item; of several entries of an item those of the first that has any.
    """
    if not run.plan.objects:
        return {}
    objects = objects_by_entry(read_named_table(run.storage, run.run_id, run.plan.objects))
    commits = committed(run.storage, run.run_id, "embed").values()
    rows = read_rows(run.storage, commits, "items", ["item_id", "entry", "same_entries"]).to_pylist()
    listed = [
        (entry, row["item_id"]) for row in rows for entry in (row["entry"], *(row["same_entries"] or ()))
    ]
    found: dict[str, tuple[ObjectBox, ...]] = {}
    for entry, item_id in sorted(listed):
        if entry in objects:
            found.setdefault(item_id, objects[entry])
    return found


def box_labels(
    segments: ImageSegments, objects: Sequence[ObjectBox], geometry: ViewGeometry
) -> list[str | None]:
    """Name of the object whose box covers most of each region.

    Parameters
    ----------
    segments
        Regions of the view.
    objects
        Objects of its image.
    geometry
        Position of the view in the original.

    Returns
    -------
    list of str or None
        By region; None where no box covers at least half of it.
    """
    boxes = np.array([(one.x, one.y, one.width, one.height) for one in objects], dtype=np.float64)
    chosen = covering_boxes(segments, boxes.reshape(-1, 4), geometry)
    return [None if box is None else region_label(objects[box].name) for box in chosen]


def with_box_labels(run: OpenRun, views: pa.Table, segments: pa.Table) -> pa.Table:
    """Replace the labels of copied regions, which were cut, by those of a run's own objects.

    Parameters
    ----------
    run
        Opened plan of the run that copies.
    views, segments
        Rows of these tables, of images.

    Returns
    -------
    pyarrow.Table
        Copy of ``segments``, in the same order.
    """
    labels: dict[str, list[str | None]] = {}
    for view in views.to_pylist():
        objects = item_objects(run).get(view["item_id"], ())
        if objects:
            pixels = label_map_from_png(view["label_map"])
            cut = ImageSegments(pixels, view["n_segments"])
            labels[view["item_id"]] = box_labels(cut, objects, view_geometry(view))
    keys = zip(segments["item_id"].to_pylist(), segments["segment"].to_pylist(), strict=True)
    found = [labels[item_id][segment] if item_id in labels else None for item_id, segment in keys]
    sources = [box_source(run) if label else None for label in found]
    for name, values in (("label", found), ("label_source", sources)):
        place = segments.schema.get_field_index(name)
        field = segments.schema.field(place)
        segments = segments.set_column(place, field, pa.array(values, field.type))
    return segments
