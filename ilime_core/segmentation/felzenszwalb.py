"""Segmenter felzenszwalb: graph-based segments of Felzenszwalb and Huttenlocher."""

import numpy as np
from jaxtyping import UInt8
from skimage.segmentation import felzenszwalb

from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.segmentation.relabelling import connected_segments
from ilime_core.segmentation.target_count import ScaleSearch, cut_near_count
from ilime_core.view_records import ImageSegments

__all__ = ["make_felzenszwalb"]


def make_felzenszwalb(options: SegmenterOptions, sigma: float = 0.5) -> Segmenter:
    """Segments of any shape, joined along a minimum spanning tree of colour differences.

    Parameters
    ----------
    options
        ``n_segments`` is the number wanted; the method's scale of observation is searched for it.
    sigma
        Standard deviation of the smoothing before the cut, in pixels.

    Returns
    -------
    Segmenter
        Cuts a view into about ``n_segments`` connected segments.

    References
    ----------
    .. [1] P. F. Felzenszwalb and D. P. Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59
       (2004), doi 10.1023/B:VISI.0000022288.19776.77
    """
    n_segments = options.n_segments

    def segment(pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments:
        min_size = max(1, pixels.shape[0] * pixels.shape[1] // (10 * n_segments))

        def cut(scale: float) -> ImageSegments:
            labels = felzenszwalb(pixels, scale=scale, sigma=sigma, min_size=min_size, channel_axis=-1)
            return connected_segments(labels)

        return cut_near_count(cut, pixels, n_segments, ScaleSearch(300.0, 1.0, 1e5, exponent=-0.7))

    return segment
