"""Records of the viewer from arrays: an image, a text, a pair."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from math import isfinite

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image

from ilime_core.pictures.places import place_name
from ilime_core.viewer.packing import pack_labels, pack_reals
from ilime_core.viewer.records import (
    FactorRecord,
    FitRecord,
    ImageRecord,
    RegionRecord,
    TextRecord,
    WordRecord,
)

__all__ = [
    "LABEL_SIDE",
    "data_url",
    "factor_record",
    "fit_record",
    "image_record",
    "region_record",
    "shrunken_labels",
    "text_record",
]

LABEL_SIDE = 256
"""Longest side of a stored label map, in pixels."""

_QUALITY = 85


def region_record(
    label: str | None, box: tuple[int, int, int, int], share: float, size: tuple[int, int]
) -> RegionRecord:
    """Make the record of a region.

    Parameters
    ----------
    label
        What the corpus calls it, where it does.
    box
        x, y, width and height in pixels of the upright original.
    share
        Share of the model's view.
    size
        Width and height of the original.

    Returns
    -------
    RegionRecord
        With the name of its place.
    """
    x, y, width, height = box
    place = place_name((x + width / 2) / size[0], (y + height / 2) / size[1])
    return {"label": label, "place": place, "share": round(share, 4)}


def image_record(
    item_id: str,
    title: str,
    *,
    labels: Int[np.ndarray, "height width"],
    regions: Sequence[RegionRecord],
    seen: float,
    photo: str = "",
    problem: str = "",
) -> ImageRecord:
    """Make the record of an image.

    Parameters
    ----------
    item_id, title
        Id and file name.
    labels
        Label map of the whole upright photograph.
    regions
        In the order of their numbers.
    seen
        Share of the photograph that the model sees.
    photo, problem
        Address of the photograph, or why there is none.

    Returns
    -------
    ImageRecord
        Without tags and answers.
    """
    return {
        "kind": "image",
        "item_id": item_id,
        "title": title,
        "photo": photo,
        "problem": problem,
        "seen": round(seen, 4),
        "labels": pack_labels(shrunken_labels(labels)),
        "regions": list(regions),
        "tags": {},
        "answers": [],
    }


def shrunken_labels(labels: Int[np.ndarray, "height width"]) -> Int[np.ndarray, "rows columns"]:
    """Label map with every n-th row and column, so that no side is longer than `LABEL_SIDE`."""
    share = min(1.0, LABEL_SIDE / max(labels.shape))
    rows, columns = (
        ((np.arange(count := max(1, round(side * share))) + 0.5) * side / count).astype(int)
        for side in labels.shape
    )
    return labels[np.ix_(rows, columns)]


def text_record(
    item_id: str, text: str, spans: Iterable[tuple[int, int]], classes: Iterable[str | None], n_truncated: int
) -> TextRecord:
    """Make the record of a text.

    Parameters
    ----------
    item_id, text
        Id and text.
    spans, classes
        Start, end and class of every word that the model sees, in code points.
    n_truncated
        Words beyond the model's context.

    Returns
    -------
    TextRecord
        Without tags and answers.
    """
    words: list[WordRecord] = [
        {"start": start, "end": end, "word_class": name}
        for (start, end), name in zip(spans, classes, strict=True)
    ]
    return {
        "kind": "text",
        "item_id": item_id,
        "text": text,
        "words": words,
        "n_truncated": n_truncated,
        "tags": {},
        "answers": [],
    }


def fit_record(fit: Mapping[str, object]) -> FitRecord:
    """Columns of a fit that the viewer shows; NaN becomes None.

    Parameters
    ----------
    fit
        Values by the names of the table ``fits``.

    Returns
    -------
    FitRecord
        Rounded to six digits.
    """
    found = {name: fit.get(name) for name in FitRecord.__annotations__}
    known = {
        name: round(value, 6) if isinstance(value, float) and isfinite(value) else None
        for name, value in found.items()
    }
    return FitRecord(**known)


def factor_record(
    strength: float,
    energy: float,
    gap: float,
    left: Float[np.ndarray, " left"],
    right: Float[np.ndarray, " right"],
) -> FactorRecord:
    """Make the record of one singular component of W.

    Parameters
    ----------
    strength, energy, gap
        As of the table ``factors``.
    left, right
        Unit weights of the segments.

    Returns
    -------
    FactorRecord
        Vectors packed.
    """
    return {
        "strength": strength,
        "energy": energy,
        "gap": gap,
        "left": pack_reals(left),
        "right": pack_reals(right),
    }


def data_url(pixels: UInt8[np.ndarray, "height width 3"]) -> str:
    """Photograph as a JPEG inside of its address."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
