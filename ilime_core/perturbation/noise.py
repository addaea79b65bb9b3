"""Baseline noise: removed segments show uniform noise."""

import numpy as np
from jaxtyping import UInt8

from ilime_core.perturbation.baselines import BaselineOptions
from ilime_core.protocols.perturbation import Baseline
from ilime_core.view_records import ImageSegments

__all__ = ["make_noise"]


def make_noise(options: BaselineOptions) -> Baseline:
    """Independent uniform values, drawn once per item: all masks of a picture show the same noise."""
    del options  # it has no setting

    def baseline(
        pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]:
        del segments  # noise does not follow the segments
        return rng.integers(0, 256, size=pixels.shape, dtype=np.uint8)

    return baseline
