"""Edit of a detail: something appended that no caption of the image names."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited

__all__ = ["DETAILS", "append_detail"]

DETAILS = {
    "object": (
        "with a penguin",
        "with a violin",
        "with an umbrella",
        "with a bicycle",
        "with a candle",
        "with a ladder",
        "with a parrot",
        "with a suitcase",
    ),
    "place": (
        "beside a lighthouse",
        "below a chandelier",
        "behind a waterfall",
        "near a windmill",
        "under a bridge",
        "inside a tent",
        "beside a piano",
        "on a rooftop",
    ),
}
"""Details by category: a second object, and a place."""

_OTHER_NAMES = {"bicycle": ("bike", "cycl"), "rooftop": ("roof",), "suitcase": ("luggage", "baggage")}
"""Beginnings of other words for a detail."""

_ENDS = ".!?\u2026 \t\r\n"


def append_detail(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Append a detail that no right caption of the image names, in singular or plural.

    Parameters
    ----------
    caption
        Right caption, with the words of all captions of its image.
    rng
        Draws category and detail.

    Returns
    -------
    Edited or None
        Category object or place; None for a caption without a word, or that names all details.
    """
    if not caption.spans:
        return None
    free = [
        (category, detail)
        for category, details in DETAILS.items()
        for detail in details
        if not _is_named(caption, detail.rpartition(" ")[2])
    ]
    if not free:
        return None
    category, detail = free[int(rng.integers(len(free)))]
    body = caption.text.rstrip(_ENDS)
    return Edited(f"{body} {detail}{caption.text[len(body) :]}", category)


def _is_named(caption: EditableCaption, noun: str) -> bool:
    beginnings = (noun, *_OTHER_NAMES.get(noun, ()))
    return any(word.startswith(beginnings) for word in caption.beside)
