"""Search over a segmenter's scale for a number of segments near the wanted one."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from ilime_core.errors import InputError
from ilime_core.segmentation.merging import merge_smallest
from ilime_core.view_records import ImageSegments

__all__ = ["MAX_TRIES", "TOLERANCE", "CountWindow", "ScaleSearch", "cut_near_count"]

TOLERANCE = 0.2
"""A count this far from the wanted one, relatively, is good enough to stop."""

MAX_TRIES = 6
"""Cuts at most; the best of them is taken when none is near enough."""

CRUMB = 0.05
"""Segments below this share of the mean wanted area are merged into a neighbour."""


@dataclass(frozen=True, slots=True)
class CountWindow:
    """Acceptance and order of segment counts.

    A fold-over design of n segments costs whole blocks of 2 * 2^k >= 2 n rows, so counts between the powers
    of two that enclose the wanted one cost the same: such counts are preferred to all others.
    """

    wanted: int

    def __post_init__(self) -> None:
        if self.wanted < 1:
            raise InputError(f"n_segments must be at least 1, got {self.wanted}")

    @property
    def order(self) -> int:
        """Smallest power of two that holds the wanted count."""
        return 1 << (self.wanted - 1).bit_length()

    @property
    def ceiling(self) -> int:
        """Largest number of segments of a cut."""
        return 2 * self.wanted

    def accepts(self, count: int) -> bool:
        """Return whether a count is near enough to stop the search."""
        return self._same_order(count) and abs(count - self.wanted) <= TOLERANCE * self.wanted

    def distance(self, count: int) -> tuple[bool, bool, float]:
        """Sort key of a count, smaller is better: below the ceiling first, then of the same order, then near
        in ratio.
        """
        return count > self.ceiling, not self._same_order(count), abs(math.log(count / self.wanted))

    def _same_order(self, count: int) -> bool:
        return self.order // 2 < count <= self.order


@dataclass(frozen=True, slots=True)
class ScaleSearch:
    """Search range of a method's scale, and its expected law ``count ~ scale ** exponent``."""

    start: float
    low: float
    high: float
    exponent: float


def cut_near_count(
    cut: Callable[[float], ImageSegments],
    pixels: UInt8[np.ndarray, "height width 3"],
    n_segments: int,
    search: ScaleSearch,
) -> ImageSegments:
    """Cut at several scales and keep the cut whose count is nearest to ``n_segments``.

    The search stops at the first count within 20 % of the wanted one that also has the same fold-over order,
    or after 6 cuts. Crumbs are merged into their neighbours; a cut never has more than twice the wanted
    segments (the smallest are merged), and may have fewer where the picture has no more to give.

    Parameters
    ----------
    cut
        Segments of the view at a scale.
    pixels
        The view, for the colours of merged segments.
    n_segments
        Segments wanted, at least 1.
    search
        Start and range of the scale.

    Returns
    -------
    ImageSegments
        The nearest cut, crumbs merged.
    """
    window = CountWindow(n_segments)
    n_pixels = pixels.shape[0] * pixels.shape[1]
    min_area = max(1, int(CRUMB * n_pixels / n_segments))
    scale = min(max(search.start, search.low), search.high)
    best = merge_smallest(cut(scale), pixels, min_area, n_pixels)
    tried = {scale: best.n_segments}
    while not window.accepts(best.n_segments) and len(tried) < MAX_TRIES:
        scale = _next_scale(tried, scale, window.wanted, search)
        if scale in tried:
            break
        segments = merge_smallest(cut(scale), pixels, min_area, n_pixels)
        tried[scale] = segments.n_segments
        best = min(best, segments, key=lambda candidate: window.distance(candidate.n_segments))
    return merge_smallest(best, pixels, min_area, window.ceiling)


def _next_scale(tried: dict[float, int], scale: float, wanted: int, search: ScaleSearch) -> float:
    direct = scale * (wanted / tried[scale]) ** (1 / search.exponent)
    too_few = [s for s, count in tried.items() if count < wanted]
    too_many = [s for s, count in tried.items() if count >= wanted]
    if search.exponent < 0:
        too_few, too_many = too_many, too_few
    below = max(too_few, default=search.low)
    above = min(too_many, default=search.high)
    if not below < direct < above:
        direct = math.sqrt(below * above) if too_few and too_many else direct
    return min(max(direct, search.low), search.high)
