"""Regions of segments in the upright original: area, box, run-length mask."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from ilime_core.segmentation.geometry import NOT_SEEN, label_map_to_original
from ilime_core.segmentation.run_length import compress_counts
from ilime_core.view_records import ImageSegments, ViewGeometry

__all__ = ["Regions", "describe_regions"]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """One row per segment.

    Attributes
    ----------
    area
        Pixels of the upright original; 0 for a segment that lies in the view's padding, or between the pixels
        of an original that is smaller than its view.
    share
        Share of the view; sums to 1.
    boxes
        x, y, width, height in the upright original; zeros where the area is.
    masks
        COCO's compressed run-length masks of the upright original.
    """

    area: Int[np.ndarray, " segments"]
    share: Float[np.ndarray, " segments"]
    boxes: Int[np.ndarray, "segments 4"]
    masks: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of equal labels in column order, those of one segment together, segments in order."""

    start: Int[np.ndarray, " runs"]
    end: Int[np.ndarray, " runs"]
    label: Int[np.ndarray, " runs"]


def describe_regions(segments: ImageSegments, geometry: ViewGeometry) -> Regions:
    """Describe every segment in the pixels of the upright original.

    Parameters
    ----------
    segments
        Segments of the view.
    geometry
        Position of the view in the original.

    Returns
    -------
    Regions
        One row per segment.
    """
    original = label_map_to_original(segments.labels, geometry)
    runs = _runs(original)
    height, width = original.shape
    n = segments.n_segments
    area = np.bincount(runs.label, weights=runs.end - runs.start, minlength=n).astype(np.int64)
    view_area = np.bincount(segments.labels.ravel(), minlength=n)
    return Regions(
        area=area,
        share=view_area / segments.labels.size,
        boxes=_boxes(runs, n, height, width),
        masks=_masks(runs, n, height * width),
    )


def _runs(labels: Int[np.ndarray, "height width"]) -> _Runs:
    flat = labels.ravel(order="F")
    start = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    end = np.concatenate([start[1:], [len(flat)]])
    label = flat[start]
    seen = np.flatnonzero(label != NOT_SEEN)
    order = seen[np.argsort(label[seen], kind="stable")]
    return _Runs(start[order], end[order], label[order])


def _boxes(runs: _Runs, n_segments: int, height: int, width: int) -> Int[np.ndarray, "segments 4"]:
    first_column, last_column = runs.start // height, (runs.end - 1) // height
    # A run that continues in the next column touches the bottom of one and the top of the other.
    whole = first_column != last_column
    top = np.where(whole, 0, runs.start % height)
    bottom = np.where(whole, height - 1, (runs.end - 1) % height)
    low = np.tile(np.array([width, height]), (n_segments, 1))
    high = np.full((n_segments, 2), -1)
    np.minimum.at(low[:, 0], runs.label, first_column)
    np.minimum.at(low[:, 1], runs.label, top)
    np.maximum.at(high[:, 0], runs.label, last_column)
    np.maximum.at(high[:, 1], runs.label, bottom)
    boxes = np.concatenate([low, high - low + 1], axis=1)
    boxes[high[:, 0] < 0] = 0
    return boxes


def _masks(runs: _Runs, n_segments: int, n_pixels: int) -> tuple[str, ...]:
    bounds = np.searchsorted(runs.label, np.arange(n_segments + 1))
    masks: list[str] = []
    for first, last in pairwise(bounds):
        edges = np.stack([runs.start[first:last], runs.end[first:last]], axis=1).ravel()
        counts = np.diff(np.concatenate([[0], edges, [n_pixels]]))
        # A mask that ends with the picture has no last run of zeros.
        masks.append(compress_counts(counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts))
    return tuple(masks)
