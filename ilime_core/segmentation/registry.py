"""The segmenters of views, by their names in the spec."""

from collections.abc import Callable

from ilime_core.errors import InputError
from ilime_core.protocols import Segmenter
from ilime_core.registry import Entry, Registry
from ilime_core.segmentation.felzenszwalb import make_felzenszwalb
from ilime_core.segmentation.given import make_given
from ilime_core.segmentation.grid import make_grid
from ilime_core.segmentation.quickshift import make_quickshift
from ilime_core.segmentation.slic import make_slic
from ilime_core.segmentation.watershed import make_watershed

__all__ = ["SEGMENTERS", "build_segmenter"]

SEGMENTERS: Registry[Callable[..., Segmenter]] = Registry(
    "segmenter",
    {
        "slic": Entry(
            make_slic, "superpixels by k-means in colour and place", "https://doi.org/10.1109/TPAMI.2012.120"
        ),
        "felzenszwalb": Entry(
            make_felzenszwalb,
            "graph-based segments of any shape",
            "https://doi.org/10.1023/B:VISI.0000022288.19776.77",
        ),
        "quickshift": Entry(
            make_quickshift, "modes of colour and place", "https://doi.org/10.1007/978-3-540-88693-8_52"
        ),
        "watershed": Entry(
            make_watershed,
            "basins of the gradient from regular seeds",
            "https://doi.org/10.1109/ICPR.2014.181",
        ),
        "grid": Entry(make_grid, "rectangular cells, whole patches of a transformer", "ilime"),
        "given": Entry(make_given, "regions that somebody else drew, one label map an image", "ilime"),
    },
)


def build_segmenter(method: str, n_segments: int, patch_size: int | None) -> Segmenter:
    """Make the segmenter that a spec names, for an encoder with patches of that size or none.

    Raises
    ------
    InputError
        If the method is unknown, needs a label map per image (``given``), or no segment is wanted.
    """
    if method == "given":
        raise InputError("given regions have a label map per image; cut them with given_segments")
    if n_segments < 1:
        raise InputError(f"n_segments must be at least 1, got {n_segments}")
    if method == "grid":
        return make_grid(n_segments, patch_size)
    return SEGMENTERS[method].make(n_segments)
