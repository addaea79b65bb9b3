"""Visual search on the demo's photographs: a stereo pair, and views made of single photographs."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from ilime_core.errors import InputError
from tasks.corpora.demos.photographs import materialise_demo
from tasks.storage.storage import Storage, StorageError

__all__ = ["DemoSearch", "materialise_demo_search"]


@dataclass(frozen=True, slots=True)
class DemoSearch:
    """Paths of the visual search demo, in the layout ``image_pairs``."""

    images: Path
    """Folder."""
    annotations: Path


def _middle(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 8, height // 8, width - width // 8, height - height // 8))


def _darker(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.6)


def _coarse(image: Image.Image) -> Image.Image:
    """As a poor camera would take it: every fourth pixel."""
    width, height = image.size
    return image.resize((width // 4, height // 4), Image.Resampling.BILINEAR)


_VIEWS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "china.jpg": _middle,
    "flower.jpg": ImageOps.mirror,
    "coffee.png": _darker,
    "chelsea.png": _coarse,
}
"""No second photograph of these is at hand: what answers them is made of the photograph itself."""

_SECOND = {"motorcycle_left.png": "motorcycle_right.png"}
"""Two photographs of one thing, by two cameras 19 cm apart."""

_DISTRACTORS = ("astronaut.png", "grace_hopper.jpg", "hubble_deep_field.jpg", "rocket.jpg")


def materialise_demo_search(folder: Path) -> DemoSearch:
    """Lay the corpus out below a folder: five queries, each with one answer, among nine candidates.

    Raises
    ------
    InputError
        If a package has no such photograph or another one, or the folder cannot be written.
    """
    demo = materialise_demo(folder)
    storage = Storage(str(folder))
    answers = dict(_SECOND)
    try:
        for name, view in _VIEWS.items():
            made = f"view_of_{Path(name).stem}.png"
            answers[name] = made
            with Image.open(demo.images / name) as image:
                data = _png(view(image.convert("RGB")))
            storage.write(f"images/{made}", data)
        rows = [f"{query},{answer},1" for query, answer in answers.items()]
        rows += [f"{query},{other},0" for query in answers for other in _DISTRACTORS]
        storage.write("search.csv", "\n".join(["query,candidate,relevance", *rows, ""]).encode())
    except StorageError as error:
        raise InputError(f"cannot lay the search corpus out: {error}; choose another folder") from error
    return DemoSearch(demo.images, folder / "search.csv")


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return stream.getvalue()
