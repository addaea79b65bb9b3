"""Baseline constant: removed segments show one colour."""

import numpy as np
from jaxtyping import UInt8

from ilime_core.errors import InputError
from ilime_core.perturbation.baselines import BaselineOptions
from ilime_core.protocols.perturbation import Baseline
from ilime_core.view_records import ImageSegments

__all__ = ["make_constant"]


def make_constant(options: BaselineOptions) -> Baseline:
    """One colour everywhere; for dataset_mean the colour that the plan has fixed.

    Raises
    ------
    InputError
        If the colour is not three whole numbers from 0 to 255.
    """
    colour = options.baseline_colour
    if len(colour) != 3 or any(not 0 <= value <= 255 for value in colour):
        raise InputError(f"a colour is red, green, blue from 0 to 255, got {colour}")
    value = np.array(colour, dtype=np.uint8)

    def baseline(
        pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]:
        del segments, rng  # one colour for every picture
        return np.broadcast_to(value, pixels.shape).copy()

    return baseline
