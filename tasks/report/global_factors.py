"""Factors of the whole benchmark: the words and the cut-out regions that load most on each."""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from PIL import Image

from tasks.figures.canvas import image_bytes
from tasks.figures.item_pictures import ImagePicture, TextPicture, read_item_pictures
from tasks.figures.photo import outlined
from tasks.report.tinted import TintedWord, tint_class
from tasks.runs.run import Run

__all__ = ["Crop", "FactorSection", "read_global_factors"]

FACTORS, WORDS, CROPS = 8, 14, 8
_CROP_HEIGHT = 130


@dataclass(frozen=True, slots=True)
class Crop:
    """A region cut out of its photograph."""

    file: str
    alt: str
    tint: str
    loading: float
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FactorSection:
    """One factor."""

    component: int
    strength: float
    energy: float
    words: tuple[TintedWord, ...]
    crops: tuple[Crop, ...]


Loading = tuple[str, int, float]


def read_global_factors(run: Run, estimator: str) -> list[FactorSection]:
    """Leading factors with their strongest words (each once) and regions (each photograph once).

    Parameters
    ----------
    run
        Stored run.
    estimator
        Name of the estimator whose rows are read.

    Returns
    -------
    list of FactorSection
        Factors by component; no factors where none were computed.
    """
    mine = (pc.field("estimator") == estimator) & (pc.field("component") <= FACTORS)
    factors = run.table("global_factors", ["component", "strength", "energy"], mine).sort_by("component")
    loadings: dict[int, list[Loading]] = {}
    for row in run.table("global_loadings", filter=mine).to_pylist():
        loadings.setdefault(row["component"], []).append((row["item_id"], row["segment"], row["loading"]))
    wanted = {item for rows in loadings.values() for item, _, _ in rows}
    items = read_item_pictures(run, wanted)
    sections: list[FactorSection] = []
    for row in factors.to_pylist():
        own = sorted(loadings.get(row["component"], []), key=lambda one: (-abs(one[2]), one[0], one[1]))
        words = _words(own, {name: item for name, item in items.items() if isinstance(item, TextPicture)})
        images = {name: item for name, item in items.items() if isinstance(item, ImagePicture)}
        crops = _crops(row["component"], own, images)
        sections.append(FactorSection(row["component"], row["strength"], row["energy"], words, crops))
    return sections


def _words(loadings: list[Loading], items: dict[str, TextPicture]) -> tuple[TintedWord, ...]:
    strongest: dict[str, tuple[str, float]] = {}
    for item, segment, loading in loadings:
        if item in items and segment < len(items[item].words):
            text = items[item].words[segment].text
            strongest.setdefault(text.casefold(), (text, loading))
    chosen = list(strongest.values())[:WORDS]
    limit = max((abs(loading) for _, loading in chosen), default=1.0) or 1.0
    return tuple(TintedWord(text, tint_class(value, limit), f"{value:+.3f}") for text, value in chosen)


def _crops(component: int, loadings: list[Loading], items: dict[str, ImagePicture]) -> tuple[Crop, ...]:
    chosen: dict[str, tuple[int, float]] = {}
    for item, segment, loading in loadings:
        if item in items and np.any(items[item].labels == segment):
            chosen.setdefault(item, (segment, loading))
    limit = max((abs(loading) for _, loading in chosen.values()), default=1.0) or 1.0
    return tuple(
        _crop(f"factor-{component}-{place}.webp", items[item], segment, loading, limit)
        for place, (item, (segment, loading)) in enumerate(list(chosen.items())[:CROPS], start=1)
    )


def _crop(file: str, image: ImagePicture, segment: int, loading: float, limit: float) -> Crop:
    """The region with its surroundings, which are dimmed."""
    inside = image.labels == segment
    ys, xs = np.nonzero(inside)
    height, width = inside.shape
    edge = max(24, int(0.6 * max(np.ptp(ys), np.ptp(xs))))
    rows = slice(max(0, int(ys.min()) - edge), min(height, int(ys.max()) + edge))
    columns = slice(max(0, int(xs.min()) - edge), min(width, int(xs.max()) + edge))
    picture = outlined(image, [segment]).astype(np.float64)
    picture[~inside] *= 0.6
    part = Image.fromarray(picture.round().astype(np.uint8)[rows, columns])
    size = (max(40, round(part.width * _CROP_HEIGHT / part.height)), _CROP_HEIGHT)
    alt = f"Region {segment} of photograph {image.title}, loading {loading:+.2f}"
    data = image_bytes(part.resize(size, Image.Resampling.LANCZOS))
    return Crop(file, alt, tint_class(loading, limit), loading, *size, data)
