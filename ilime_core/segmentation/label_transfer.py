"""Transfer of segments from one model's view to another model's view of the same picture."""

import numpy as np
from jaxtyping import Int

from ilime_core.errors import InputError
from ilime_core.view_records import ViewGeometry

__all__ = ["transfer_labels"]


def transfer_labels(
    labels: Int[np.ndarray, "height width"], cut: ViewGeometry, wanted: ViewGeometry
) -> Int[np.ndarray, "wanted_height wanted_width"]:
    """Assign every pixel of a view the label of the place that it shows.

    Parameters
    ----------
    labels
        Label map of the view that was cut into segments.
    cut, wanted
        Geometry of that view, and of the view that needs labels.

    Returns
    -------
    Int array, wanted_height x wanted_width
        Labels of the wanted view. Places outside the cut view take its nearest label, so that every pixel has
        a segment; a segment outside the wanted view has no pixel there, and no effect.

    Raises
    ------
    InputError
        If the label map is not of the cut view's size, or the views are of pictures of different sizes.
    """
    if labels.shape != (cut.view_height, cut.view_width):
        raise InputError(
            f"the label map is {labels.shape[1]} x {labels.shape[0]} pixels, "
            f"the view {cut.view_width} x {cut.view_height}"
        )
    sizes = [(one.original_width, one.original_height) for one in (cut, wanted)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"views of one picture are needed, got originals of {sizes[0]} and {sizes[1]} pixels"
        )
    rows = _places(wanted.view_height, (wanted.top, wanted.scale_y), (cut.top, cut.scale_y))
    columns = _places(wanted.view_width, (wanted.left, wanted.scale_x), (cut.left, cut.scale_x))
    return labels[np.ix_(rows.clip(0, cut.view_height - 1), columns.clip(0, cut.view_width - 1))].astype(
        np.int32
    )


def _places(length: int, wanted: tuple[float, float], cut: tuple[float, float]) -> Int[np.ndarray, " length"]:
    """Rows (or columns) of the cut view under the centres of the wanted view's; each has start and scale."""
    original = (np.arange(length) + 0.5) / wanted[1] + wanted[0]
    return np.floor((original - cut[0]) * cut[1]).astype(np.int64)
