"""Merging of the smallest segments, to bound their area from below and their number from above."""

import heapq

import numpy as np
from jaxtyping import Float, Int, UInt8

from ilime_core.segmentation.relabelling import in_reading_order
from ilime_core.view_records import ImageSegments

__all__ = ["merge_smallest"]


def merge_smallest(
    segments: ImageSegments, pixels: UInt8[np.ndarray, "height width 3"], min_area: int, max_segments: int
) -> ImageSegments:
    """Merge the smallest segment into the neighbour of the nearest mean colour until both limits hold.

    Of equally near neighbours the smaller one grows, so that flat areas stay divided.

    Parameters
    ----------
    segments
        Connected segments; they stay connected.
    pixels
        The view that was cut.
    min_area
        Smallest area that may remain, in pixels.
    max_segments
        Most segments that may remain, at least 1.

    Returns
    -------
    ImageSegments
        Connected segments, numbered in reading order.
    """
    area = np.bincount(segments.labels.ravel(), minlength=segments.n_segments)
    if segments.n_segments <= max_segments and area.min() >= min_area:
        return segments
    parent = _merge(segments, area, _colour_sums(segments, pixels), min_area, max_segments)
    return in_reading_order(parent[segments.labels])


def _colour_sums(
    segments: ImageSegments, pixels: UInt8[np.ndarray, "height width 3"]
) -> Float[np.ndarray, "segments 3"]:
    flat = segments.labels.ravel()
    sums = [
        np.bincount(flat, weights=pixels[..., channel].ravel(), minlength=segments.n_segments)
        for channel in range(3)
    ]
    return np.stack(sums, axis=1)


def _neighbours(segments: ImageSegments) -> list[set[int]]:
    labels = segments.labels
    pairs = np.concatenate(
        [
            np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1),
            np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1),
        ]
    )
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    neighbours: list[set[int]] = [set() for _ in range(segments.n_segments)]
    listed: list[tuple[int, int]] = pairs.tolist()
    for one, other in listed:
        neighbours[one].add(other)
        neighbours[other].add(one)
    return neighbours


def _merge(
    segments: ImageSegments,
    area: Int[np.ndarray, " segments"],
    colour: Float[np.ndarray, "segments 3"],
    min_area: int,
    max_segments: int,
) -> Int[np.ndarray, " segments"]:
    neighbours = _neighbours(segments)
    parent = np.arange(segments.n_segments)
    queue = [(int(size), label) for label, size in enumerate(area)]
    heapq.heapify(queue)
    remaining = segments.n_segments
    while remaining > 1:
        size, smallest = heapq.heappop(queue)
        if parent[smallest] != smallest or size != area[smallest]:
            continue
        if remaining <= max_segments and size >= min_area:
            break
        mean = colour[smallest] / size
        near = min(
            neighbours[smallest],
            key=lambda other: (
                float(np.sum((colour[other] / area[other] - mean) ** 2)),
                int(area[other]),
                other,
            ),
        )
        parent[smallest] = near
        area[near] += size
        colour[near] += colour[smallest]
        for other in neighbours[smallest]:
            neighbours[other].discard(smallest)
            if other != near:
                neighbours[other].add(near)
                neighbours[near].add(other)
        heapq.heappush(queue, (int(area[near]), near))
        remaining -= 1
    return _roots(parent)


def _roots(parent: Int[np.ndarray, " segments"]) -> Int[np.ndarray, " segments"]:
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    return parent
