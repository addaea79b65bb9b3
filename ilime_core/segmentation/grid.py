"""Segmenter grid: rectangular cells, aligned to a transformer's patches where it has them."""

import numpy as np
from jaxtyping import Int, UInt8

from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.view_records import ImageSegments

__all__ = ["grid_shape", "make_grid"]


def make_grid(options: SegmenterOptions) -> Segmenter:
    """Rows and columns of nearly equal cells.

    Parameters
    ----------
    options
        ``n_segments`` is the number of cells wanted; rows and columns are chosen so that cells are nearly
        square and their product near. With a ``patch_size`` cells are whole patches (pixels beyond the last
        whole patch, which such towers do not read, go with the last cell).
    """

    def segment(pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments:
        height, width = pixels.shape[:2]
        unit = options.patch_size or 1
        rows, columns = grid_shape(options.n_segments, max(1, height // unit), max(1, width // unit))
        row = _cell_of_pixel(height, unit, rows)
        column = _cell_of_pixel(width, unit, columns)
        return ImageSegments(labels=row[:, None] * columns + column[None, :], n_segments=rows * columns)

    return segment


def grid_shape(n_cells: int, height: int, width: int) -> tuple[int, int]:
    """Choose rows and columns of about ``n_cells`` nearly square cells.

    Parameters
    ----------
    n_cells
        Cells wanted.
    height, width
        Size of the view in pixels or patches: most rows and columns.

    Returns
    -------
    tuple of int
        Rows and columns.
    """
    ideal = np.sqrt(n_cells * height / width)
    choices: list[tuple[float, float, int, int]] = []
    for rows in {int(np.floor(ideal)), int(np.ceil(ideal))}:
        bounded = min(max(rows, 1), height)
        columns = min(max(round(n_cells / bounded), 1), width)
        squareness = abs(np.log(height / bounded * columns / width))
        choices.append((abs(bounded * columns - n_cells), float(squareness), bounded, columns))
    _, _, rows, columns = min(choices)
    return rows, columns


def _cell_of_pixel(length: int, unit: int, cells: int) -> Int[np.ndarray, " length"]:
    n_units = max(1, length // unit)
    unit_of_pixel = np.minimum(np.arange(length) // unit, n_units - 1)
    return (unit_of_pixel * cells // n_units).astype(np.int32)
