"""Baseline blur: removed segments show the blurred view."""

import numpy as np
from jaxtyping import UInt8
from scipy.ndimage import gaussian_filter

from ilime_core.errors import InputError
from ilime_core.perturbation.baselines import BaselineOptions
from ilime_core.protocols.perturbation import Baseline
from ilime_core.view_records import ImageSegments

__all__ = ["make_blur"]


def make_blur(options: BaselineOptions) -> Baseline:
    """Gaussian blur of the whole view, mirrored at its edges.

    Parameters
    ----------
    options
        ``blur_sigma`` is the standard deviation in view pixels, above 0.

    Raises
    ------
    InputError
        If ``blur_sigma`` is not above 0.

    References
    ----------
    .. [1] R. C. Fong and A. Vedaldi, "Interpretable Explanations of Black Boxes by Meaningful Perturbation",
       ICCV 2017, doi 10.1109/ICCV.2017.371
    """
    sigma = options.blur_sigma
    if not sigma > 0:
        raise InputError(f"blur needs a sigma above 0 pixels, got {sigma}")

    def baseline(
        pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"]:
        del segments, rng  # the blur depends on the pixels alone
        blurred = gaussian_filter(pixels.astype(np.float64), sigma=(sigma, sigma, 0.0), mode="reflect")
        return np.clip(np.floor(blurred + 0.5), 0, 255).astype(np.uint8)

    return baseline
