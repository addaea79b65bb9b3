"""Data of the site as scripts that hand JSON to a page: browsers load no other data from a disk."""

import base64
import json
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

__all__ = [
    "code_column",
    "data_file",
    "flag_column",
    "integer_column",
    "list_column",
    "real_column",
    "text_column",
]

Column = dict[str, object]


def data_file(name: str, content: object) -> bytes:
    """Script that hands its content to the page.

    Parameters
    ----------
    name
        Name of the data, which is that of its file.
    content
        JSON; no NaN.

    Returns
    -------
    bytes
        ASCII: texts are escaped, so that a page of any encoding reads them.
    """
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return f'receive("{name}",{text});\n'.encode()


def real_column(values: Float[np.ndarray, " rows"]) -> Column:
    """Column of reals in single precision; NaN where there is none."""
    return {"f": _packed(values, "<f4")}


def integer_column(values: Int[np.ndarray, " rows"]) -> Column:
    """Column of integers; -1 where there is none."""
    return {"i": _packed(values, "<i4")}


def flag_column(values: Bool[np.ndarray, " rows"]) -> Column:
    """Column of true and false."""
    return {"b": _packed(values, "u1")}


def code_column(values: Sequence[str | None]) -> Column:
    """Column of few different texts, in the order of their first use; 65535 where there is none."""
    levels = list(dict.fromkeys(value for value in values if value is not None))
    places: dict[str | None, int] = {value: place for place, value in enumerate(levels)}
    return {"u": _packed(np.array([places.get(value, 65535) for value in values]), "<u2"), "levels": levels}


def text_column(values: Iterable[str]) -> Column:
    """Column of texts."""
    return {"s": list(values)}


def list_column(values: Iterable[Iterable[str]]) -> Column:
    """Column of lists of texts, each text once a row."""
    levels: dict[str, int] = {}
    offsets, found = [0], list[int]()
    for row in values:
        found += [levels.setdefault(one, len(levels)) for one in dict.fromkeys(row)]
        offsets.append(len(found))
    packed = {"offsets": _packed(np.array(offsets), "<i4"), "codes": _packed(np.array(found, int), "<i4")}
    return {"lists": packed, "levels": list(levels)}


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(np.dtype(kind)).tobytes()).decode()
