"""Run-length masks in COCO's compressed form: column order, differences, five bits a character."""

import numpy as np
from jaxtyping import Bool, Int, UInt8

from ilime_core.errors import InputError

__all__ = ["compress_counts", "decode_mask", "encode_mask", "expand_counts"]

_BITS = 5
_CONTINUES = 0x20
_SIGN = 0x10
_FIRST_CHARACTER = 48


def compress_counts(counts: Int[np.ndarray, " runs"]) -> str:
    """Encode run lengths as text.

    Parameters
    ----------
    counts
        Lengths of the runs of 0 and 1 in turn, from 0 (so the first may be 0).

    References
    ----------
    .. [1] T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014,
       doi 10.1007/978-3-319-10602-1_48
    """
    values = counts.astype(np.int64)
    values[3:] -= counts[1:-2]
    characters: list[UInt8[np.ndarray, " runs"]] = []
    written: list[Bool[np.ndarray, " runs"]] = []
    open_values: Bool[np.ndarray, " runs"] = np.ones(len(values), dtype=bool)
    while open_values.any():
        low = values & 0x1F
        values = values >> _BITS
        finished: Bool[np.ndarray, " runs"] = values == np.where(low & _SIGN, -1, 0)
        characters.append((low + np.where(finished, 0, _CONTINUES) + _FIRST_CHARACTER).astype(np.uint8))
        written.append(open_values)
        open_values = open_values & ~finished
    if not characters:
        return ""
    return np.stack(characters, axis=1)[np.stack(written, axis=1)].tobytes().decode("ascii")


def expand_counts(rle: str) -> Int[np.ndarray, " runs"]:
    """Decode run lengths from text.

    Raises
    ------
    InputError
        If the text is not what `compress_counts` writes.
    """
    try:
        codes = np.frombuffer(rle.encode("ascii"), dtype=np.uint8).astype(np.int64) - _FIRST_CHARACTER
    except UnicodeEncodeError as error:
        raise InputError("a run-length mask holds ASCII characters only") from error
    if len(codes) == 0:
        return np.zeros(0, dtype=np.int64)
    ends = np.flatnonzero((codes & _CONTINUES) == 0)
    if codes.min() < 0 or codes.max() >= 2 * _CONTINUES or len(ends) == 0 or ends[-1] != len(codes) - 1:
        raise InputError(f"not a compressed run-length mask: {rle[:40]!r}")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() >= 60 // _BITS:
        raise InputError("a run-length mask has a run longer than any image")
    place = np.arange(len(codes)) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((codes & 0x1F) << (_BITS * place), starts)
    values -= np.where(codes[ends] & _SIGN, 1 << (_BITS * (ends - starts + 1)), 0)
    # The first three runs are written whole, the later ones as differences to the one before last.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    if values.min() < 0:
        raise InputError("a run-length mask has a negative run")
    return values


def encode_mask(mask: Bool[np.ndarray, "height width"]) -> str:
    """Compress a mask to run-length text."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate([[0], changes, [len(flat)]])
    counts = np.diff(bounds)
    return compress_counts(np.concatenate([[0], counts]) if len(flat) and flat[0] else counts)


def decode_mask(rle: str, height: int, width: int) -> Bool[np.ndarray, "height width"]:
    """Expand a run-length text to a mask.

    Parameters
    ----------
    rle
        Text of `encode_mask`.
    height, width
        Size of the picture.

    Returns
    -------
    Bool array, height x width
        The mask.

    Raises
    ------
    InputError
        If the text is no run-length mask, or its runs do not fill the picture.
    """
    counts = expand_counts(rle)
    if int(counts.sum()) != height * width:
        raise InputError(f"the mask has {int(counts.sum())} pixels, the picture {height} x {width}")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((height, width), order="F")
