"""Registry of the segmenters of views, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilime_core.errors import InputError
from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.perturbation import Segmenter

__all__ = ["SEGMENTERS", "SegmenterOptions"]


@dataclass(frozen=True, slots=True)
class SegmenterOptions:
    """Settings of all segmenters; each reads its own."""

    n_segments: int = 49
    """Segments wanted of a view."""
    patch_size: int | None = None
    """grid: side of the encoder's patches in view pixels; None where it has none."""

    def __post_init__(self) -> None:
        """Refuse numbers that are not positive.

        Raises
        ------
        InputError
            If one is not.
        """
        if self.n_segments < 1:
            raise InputError(f"n_segments must be at least 1, got {self.n_segments}")
        if self.patch_size is not None and self.patch_size < 1:
            raise InputError(f"patch_size must be at least 1 pixel, got {self.patch_size}")


SEGMENTERS: "Registry[Entry[Callable[[SegmenterOptions], Segmenter]]]" = Registry(
    "segmenter",
    {
        "slic": Entry(
            lazy("ilime_core.segmentation.slic:make_slic"),
            "superpixels by k-means in colour and place",
            "https://doi.org/10.1109/TPAMI.2012.120",
            title="SLIC superpixels",
            settings=("n_segments",),
        ),
        "felzenszwalb": Entry(
            lazy("ilime_core.segmentation.felzenszwalb:make_felzenszwalb"),
            "graph-based segments of any shape",
            "https://doi.org/10.1023/B:VISI.0000022288.19776.77",
            title="Felzenszwalb and Huttenlocher",
            settings=("n_segments",),
        ),
        "quickshift": Entry(
            lazy("ilime_core.segmentation.quickshift:make_quickshift"),
            "modes of colour and place",
            "https://doi.org/10.1007/978-3-540-88693-8_52",
            title="quick shift",
            settings=("n_segments",),
        ),
        "watershed": Entry(
            lazy("ilime_core.segmentation.watershed:make_watershed"),
            "basins of the gradient from regular seeds",
            "https://doi.org/10.1109/ICPR.2014.181",
            title="compact watershed",
            settings=("n_segments",),
        ),
        "grid": Entry(
            lazy("ilime_core.segmentation.grid:make_grid"),
            "rectangular cells, whole patches of a transformer",
            "ilime",
            title="grid",
            settings=("n_segments",),
        ),
        "given": Entry(
            lazy("ilime_core.segmentation.given:make_given"),
            "regions that somebody else drew, one label map an image",
            "ilime",
            title="given regions",
            settings=("label_maps",),
        ),
    },
)
