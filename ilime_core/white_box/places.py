"""Shares of cells or tokens that belong to segments."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.white_box_records import GatedImage, GatedText

__all__ = ["shares_of_segments"]


def shares_of_segments(
    content: GatedImage | GatedText, n_places: int, grid: tuple[int, int] | None
) -> Float[Tensor, "places segments"]:
    """Compute the share of every place that belongs to every segment, by pixels; 0 or 1 for a token.

    Parameters
    ----------
    content
        Where segments lie.
    n_places
        Cells, row by row, or tokens of the row.
    grid
        Rows and columns of the cells.

    Returns
    -------
    Tensor, places x segments
        Shares in [0, 1], float64.

    Raises
    ------
    InputError
        If the places are not those of the item.
    """
    if isinstance(content, GatedText):
        if grid is not None or n_places != len(content.row):
            raise InputError(f"a text of {len(content.row)} tokens needs as many places, got {n_places}")
        words = torch.tensor(content.words)
        return (words[:, None] == torch.arange(content.n_segments)).double()
    if grid is None or grid[0] * grid[1] != n_places:
        raise InputError(f"an image needs a grid of its {n_places} places, got {grid}")
    height, width = content.labels.shape
    rows, columns = (
        np.arange(size) * cells // size for size, cells in zip((height, width), grid, strict=True)
    )
    cells = rows[:, None] * grid[1] + columns
    counts = np.bincount(
        (cells * content.n_segments + content.labels).ravel(), minlength=n_places * content.n_segments
    ).reshape(n_places, content.n_segments)
    return torch.from_numpy(counts / counts.sum(axis=1, keepdims=True).clip(min=1))
