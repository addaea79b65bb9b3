"""Segmenter watershed: compact watershed of the brightness gradient."""

import numpy as np
from jaxtyping import UInt8
from skimage.color import rgb2gray
from skimage.filters import sobel
from skimage.segmentation import watershed

from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.segmentation.relabelling import connected_segments
from ilime_core.segmentation.target_count import ScaleSearch, cut_near_count
from ilime_core.view_records import ImageSegments

__all__ = ["make_watershed"]


def make_watershed(options: SegmenterOptions, compactness: float = 0.001) -> Segmenter:
    """Basins of the brightness gradient, flooded from regular seeds.

    Parameters
    ----------
    options
        ``n_segments`` is the number wanted.
    compactness
        Weight of place against the gradient (0 ... 1); larger gives squarer segments.

    Returns
    -------
    Segmenter
        Cuts a view into about ``n_segments`` connected segments.

    References
    ----------
    .. [1] P. Neubert and P. Protzel, "Compact Watershed and Preemptive SLIC: On Improving Trade-offs of
       Superpixel Segmentation Algorithms", ICPR 2014, doi 10.1109/ICPR.2014.181
    """
    n_segments = options.n_segments

    def segment(pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments:
        gradient = sobel(rgb2gray(pixels))

        def cut(scale: float) -> ImageSegments:
            labels = watershed(
                gradient,
                markers=round(scale),
                compactness=compactness,  # pyright: ignore[reportArgumentType] - int only by its default
            )
            return connected_segments(labels)

        search = ScaleSearch(
            float(n_segments), 1.0, high=float(min(gradient.size, 8 * n_segments)), exponent=1.0
        )
        return cut_near_count(cut, pixels, n_segments, search)

    return segment
