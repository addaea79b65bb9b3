"""Segmenter quickshift: modes of the density of colour and place."""

import numpy as np
from jaxtyping import UInt8
from skimage.segmentation import quickshift

from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.segmentation.relabelling import connected_segments
from ilime_core.segmentation.target_count import ScaleSearch, cut_near_count
from ilime_core.view_records import ImageSegments

__all__ = ["make_quickshift"]

MAX_DISTANCE = 200.0
"""Far beyond the kernel's window: the kernel's width alone decides the count."""

WIDEST_KERNEL = 7.0
"""The cost grows with the square of the kernel; coarser cuts would take more than a second per image."""


def make_quickshift(options: SegmenterOptions, ratio: float = 0.2) -> Segmenter:
    """Modes of the density of colour and place; LIME's own choice for pictures.

    Parameters
    ----------
    options
        ``n_segments`` is the number wanted; the width of the density kernel is searched for it.
    ratio
        Weight of colour against place, in (0, 1].

    Returns
    -------
    Segmenter
        Cuts a view into about ``n_segments`` connected segments.

    References
    ----------
    .. [1] A. Vedaldi and S. Soatto, "Quick Shift and Kernel Methods for Mode Seeking", ECCV 2008,
       doi 10.1007/978-3-540-88693-8_52
    """
    n_segments = options.n_segments

    def segment(pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments:
        def cut(scale: float) -> ImageSegments:
            labels = quickshift(
                pixels,
                ratio=ratio,
                kernel_size=scale,  # pyright: ignore[reportArgumentType] - int only by its default
                max_dist=MAX_DISTANCE,  # pyright: ignore[reportArgumentType] - as above
                rng=0,
                channel_axis=-1,
            )
            return connected_segments(labels)

        # Scale 3.3 gives about 49 segments of 224 x 224 pixels; the count follows area over squared width.
        start = 3.3 * np.sqrt(49 / n_segments * pixels.shape[0] * pixels.shape[1] / 224**2)
        search = ScaleSearch(float(start), 1.0, WIDEST_KERNEL, exponent=-2.0)
        return cut_near_count(cut, pixels, n_segments, search)

    return segment
