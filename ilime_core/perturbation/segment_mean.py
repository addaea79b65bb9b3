"""Baseline segment_mean: removed segments show their own mean colour."""

import numpy as np
from jaxtyping import UInt8

from ilime_core.perturbation.baselines import BaselineOptions
from ilime_core.protocols.perturbation import Baseline
from ilime_core.view_records import ImageSegments

__all__ = ["make_segment_mean"]


def make_segment_mean(options: BaselineOptions) -> Baseline:
    """Each segment in its mean colour, rounded: detail is removed, the coarse layout of colours remains."""
    del options  # it has no setting

    def baseline(
        pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]:
        del rng  # nothing is random here
        labels = segments.labels.ravel()
        area = np.bincount(labels, minlength=segments.n_segments)
        channels = [
            np.bincount(labels, weights=channel.ravel(), minlength=segments.n_segments)
            for channel in np.moveaxis(pixels, -1, 0)
        ]
        means = np.floor(np.stack(channels, axis=1) / area[:, None] + 0.5).astype(np.uint8)
        return means[segments.labels]

    return baseline
