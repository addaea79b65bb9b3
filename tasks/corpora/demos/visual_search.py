"""Visual search on the demo's photographs: a stereo pair, and views made of single photographs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from tasks.corpora.demos.laying_out import lay_out, png
from tasks.corpora.demos.photographs import materialise_demo

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
    answers = dict(_SECOND)
    files: dict[str, bytes] = {}
    for name, view in _VIEWS.items():
        answers[name] = f"view_of_{Path(name).stem}.png"
        with Image.open(demo.images / name) as image:
            files[f"images/{answers[name]}"] = png(view(image.convert("RGB")))
    rows = [f"{query},{answer},1" for query, answer in answers.items()]
    rows += [f"{query},{other},0" for query in answers for other in _DISTRACTORS]
    files["search.csv"] = "\n".join(["query,candidate,relevance", *rows, ""]).encode()
    lay_out(folder, files.items(), "search corpus")
    return DemoSearch(demo.images, folder / "search.csv")
