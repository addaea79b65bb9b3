"""Small changes of a picture that a stable explanation should survive."""

import numpy as np
from jaxtyping import UInt8

__all__ = ["add_noise"]

WHITE = 255


def add_noise(
    pixels: UInt8[np.ndarray, "height width 3"], bound: float, rng: np.random.Generator
) -> UInt8[np.ndarray, "height width 3"]:
    """Add to every value of a view a number that is uniform in ``[-bound, bound]``, white being 1.

    Views are whole numbers from 0 to 255: sums are rounded and cut to that range. The same generator with
    twice the bound gives twice the noise.

    Parameters
    ----------
    pixels
        View of 8 bits a channel.
    bound
        Largest change as a share of white; 0 returns the view as it is.
    rng
        Source of the noise.

    Returns
    -------
    UInt8 array, height x width x 3
        A new view.
    """
    noise = rng.uniform(-1.0, 1.0, pixels.shape) * (bound * WHITE)
    return np.rint(pixels + noise).clip(0, WHITE).astype(np.uint8)
