"""Pictures that keep some segments and show a baseline elsewhere."""

import numpy as np
import torch
from jaxtyping import Bool, Int, UInt8
from torch import Tensor

__all__ = ["Composites"]


class Composites:
    """Makes the pictures of coalitions on the device.

    Parameters
    ----------
    pixels, baseline
        The view, and what stands in for removed segments.
    labels
        Segment of every pixel.
    device
        Where the pictures are made.
    """

    def __init__(
        self,
        pixels: UInt8[np.ndarray, "height width 3"],
        baseline: UInt8[np.ndarray, "height width 3"],
        labels: Int[np.ndarray, "height width"],
        device: str,
    ) -> None:
        self.size = (pixels.shape[0], pixels.shape[1])
        self._pixels, self._baseline = (
            torch.tensor(one).to(device).permute(2, 0, 1).contiguous() for one in (pixels, baseline)
        )
        self._labels = torch.tensor(labels, dtype=torch.int64).flatten().to(device)

    def __call__(self, masks: Bool[Tensor, "rows segments"]) -> UInt8[Tensor, "rows 3 height width"]:
        """Pictures of some coalitions, True keeps the segment."""
        kept = masks.to(self._labels.device).index_select(1, self._labels)
        return torch.where(kept.view(-1, 1, *self.size), self._pixels, self._baseline)
