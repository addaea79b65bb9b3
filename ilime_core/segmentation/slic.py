"""Segmenter slic: superpixels by k-means in colour and place."""

import numpy as np
from jaxtyping import UInt8
from skimage.segmentation import slic

from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.segmentation.relabelling import connected_segments
from ilime_core.segmentation.target_count import ScaleSearch, cut_near_count
from ilime_core.view_records import ImageSegments

__all__ = ["make_slic"]

ASKED_PER_GOT = 1.5
"""On photographs SLIC returns about two thirds of the requested number."""


def make_slic(options: SegmenterOptions, compactness: float = 10.0) -> Segmenter:
    """Superpixels by k-means in colour and place.

    Parameters
    ----------
    options
        ``n_segments`` is the number wanted; the request is varied until the result is near it.
    compactness
        Weight of place against CIELAB colour; larger gives squarer segments.

    Returns
    -------
    Segmenter
        Cuts a view into about ``n_segments`` connected segments.

    References
    ----------
    .. [1] R. Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", IEEE TPAMI
       34 (2012), doi 10.1109/TPAMI.2012.120
    """
    n_segments = options.n_segments

    def segment(pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments:
        def cut(scale: float) -> ImageSegments:
            labels = slic(
                pixels, n_segments=round(scale), compactness=compactness, start_label=0, channel_axis=-1
            )
            return connected_segments(labels)

        n_pixels = pixels.shape[0] * pixels.shape[1]
        high = float(min(n_pixels, 8 * n_segments))
        return cut_near_count(
            cut, pixels, n_segments, ScaleSearch(ASKED_PER_GOT * n_segments, 1.0, high, exponent=1.0)
        )

    return segment
