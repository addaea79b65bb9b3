"""One diverging scale for all pictures: red brings the score up, blue brings it down, nothing is 0."""

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
from jaxtyping import Float, Int, UInt8
from matplotlib.colors import Colormap

__all__ = [
    "DIVERGING",
    "MATCHED",
    "NOT_SEEN_BRIGHTNESS",
    "STEPS",
    "Colour",
    "Shade",
    "colour_of",
    "heat",
    "shade_to",
    "step_of",
    "symmetric_limit",
]

DIVERGING: Colormap = mpl.colormaps["RdBu_r"]
"""Distinguishable with every common colour blindness; symmetric about 0 wherever it is used."""

STEPS = 5
"""Tints to each side of 0, where colours are named and not mixed (HTML)."""

NOT_SEEN_BRIGHTNESS = 0.35
"""Factor on the brightness of pixels that the model does not see."""

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""

Shade = Callable[[float, float], Colour]
"""Colour of a value on a scale that ends at a limit."""

MATCHED: tuple[Colour, ...] = tuple(
    (red / 255, green / 255, blue / 255)
    for red, green, blue in (
        (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233),
    )
)  # fmt: skip
"""Colours that remain distinct with every kind of colour vision (Okabe and Ito's palette)."""

_BACKGROUND_CONTRAST = 0.55
_TINT = 0.86


def symmetric_limit(*values: Float[np.ndarray, "..."]) -> float:
    """Largest absolute value of all: the end of the scale on both sides; never 0."""
    largest = max((float(np.nanmax(np.abs(array), initial=0.0)) for array in values), default=0.0)
    return largest if np.isfinite(largest) and largest > 0 else 1.0


def colour_of(value: float, limit: float) -> Colour:
    """Opaque colour of a value on the scale from -limit to limit.

    Parameters
    ----------
    value
        Value, of either sign.
    limit
        End of the symmetric colour scale, above 0.

    Returns
    -------
    Colour
        Red, green and blue, each from 0 to 1; values beyond the limit have its colour.
    """
    red, green, blue, _ = DIVERGING(0.5 + 0.5 * float(np.clip(value / limit, -1, 1)))
    return red, green, blue


def shade_to(colour: Colour) -> Shade:
    """White at 0 and below, the colour at the limit."""

    def shade(value: float, limit: float) -> Colour:
        share = float(np.clip(value / limit, 0, 1))
        red, green, blue = (1 - share * (1 - part) for part in colour)
        return red, green, blue

    return shade


def step_of(value: float, limit: float) -> int:
    """Tint of a value as one of the steps of the style sheet.

    Parameters
    ----------
    value
        Value, of either sign.
    limit
        End of the symmetric colour scale, above 0.

    Returns
    -------
    int
        From -STEPS (lowers the score) to STEPS (raises it).
    """
    return round(STEPS * float(np.clip(value / limit, -1, 1)))


def heat(
    photo: UInt8[np.ndarray, "height width 3"],
    labels: Int[np.ndarray, "height width"],
    values: Float[np.ndarray, " regions"],
    limit: float,
    shade: Shade = colour_of,
) -> UInt8[np.ndarray, "height width 3"]:
    """Photograph in grey under the tint of each region's value.

    Parameters
    ----------
    photo
        Pixels of the photograph.
    labels
        Region of every pixel; negative where the model sees nothing. Such pixels are dark.
    values
        One value per region.
    limit
        End of the scale: a value of this size gets the full tint.
    shade
        Colour of a value and a limit.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        The tinted photograph.
    """
    grey = photo.astype(np.float64).mean(axis=2, keepdims=True)
    ground = 255 - _BACKGROUND_CONTRAST * (255 - grey)
    share = np.clip(np.append(values, 0.0) / limit, -1, 1)[np.where(labels < 0, len(values), labels)]
    ends = np.array([shade(-0.86, 1.0), (1.0, 1.0, 1.0), shade(0.86, 1.0)]) * 255
    tint = ends[np.sign(share).astype(int) + 1]
    strength = _TINT * (np.abs(share) ** 0.75)[..., None]
    mixed = np.where(
        (labels < 0)[..., None], grey * NOT_SEEN_BRIGHTNESS, ground * (1 - strength) + tint * strength
    )
    return mixed.round().astype(np.uint8)
