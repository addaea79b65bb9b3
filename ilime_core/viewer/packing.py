"""Arrays as short strings of JSON, for a browser: reals in 16 bits, label maps as runs."""

import base64
from typing import TypedDict

import numpy as np
from jaxtyping import Float, Int

__all__ = ["UNKNOWN", "PackedLabels", "PackedReals", "pack_labels", "pack_reals", "unpack_reals"]

UNKNOWN = -32768
"""Code of a value that is not known (NaN)."""

_LARGEST = 32767


class PackedReals(TypedDict):
    """Reals as whole multiples of a unit; the largest error is half a unit, 1/65534 of the largest value."""

    unit: float
    codes: str
    """Base64 of signed 16-bit integers, lowest byte first, in C order; `UNKNOWN` where there is no value."""


class PackedLabels(TypedDict):
    """Label map as runs of equal labels, row after row."""

    width: int
    height: int
    runs: str
    """Base64 of unsigned 16-bit integers, lowest byte first, in pairs: label plus 1 (0: not seen), length."""


def pack_reals(values: Float[np.ndarray, "..."]) -> PackedReals:
    """Pack finite reals and NaN.

    Parameters
    ----------
    values
        Any shape; NaN where a value is not known.

    Returns
    -------
    PackedReals
        The values in C order.
    """
    known = np.isfinite(values)
    largest = float(np.abs(values[known]).max(initial=0.0))
    unit = largest / _LARGEST if largest > 0 else 1.0
    codes = np.full(values.shape, UNKNOWN, np.dtype("<i2"))
    codes[known] = np.rint(values[known].astype(np.float64) / unit)
    return {"unit": unit, "codes": base64.b64encode(codes.tobytes()).decode()}


def unpack_reals(packed: PackedReals) -> Float[np.ndarray, " values"]:
    """Values of packed reals in C order; NaN where a value is not known."""
    codes = np.frombuffer(base64.b64decode(packed["codes"]), np.dtype("<i2"))
    return np.where(codes == UNKNOWN, np.nan, codes * packed["unit"])


def pack_labels(labels: Int[np.ndarray, "height width"]) -> PackedLabels:
    """Pack a label map.

    Parameters
    ----------
    labels
        Region of every pixel; negative where the model sees nothing.

    Returns
    -------
    PackedLabels
        The runs; one never reaches over the end of a row's 65,535 pixels.

    Raises
    ------
    ValueError
        If a label or a side is above 65,534.
    """
    height, width = labels.shape
    codes = np.maximum(labels, -1).astype(np.int64) + 1
    if max(int(codes.max(initial=0)), width) > np.iinfo(np.uint16).max:
        raise ValueError("labels and widths go up to 65,534")
    starts = np.ones(labels.shape, bool)
    starts[:, 1:] = codes[:, 1:] != codes[:, :-1]
    first = np.flatnonzero(starts)
    lengths = np.diff(first, append=labels.size)
    runs = np.stack([codes.ravel()[first], lengths], axis=1).astype(np.dtype("<u2"))
    return {"width": width, "height": height, "runs": base64.b64encode(runs.tobytes()).decode()}
