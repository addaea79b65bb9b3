"""Photographs with boxes of what captions name: the demo's, one more of scikit-image, and mosaics."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage
from jaxtyping import Bool
from PIL import Image

from ilime_core.encoders.conse.efficientnet_lite import PREPROCESSING
from ilime_core.encoders.preprocessing import cut_view
from ilime_core.faithfulness.truth_in_view import boxes_in_view
from ilime_core.records import ImageView
from tasks.corpora.demos.mosaics import materialise_mosaics
from tasks.corpora.demos.photographs import materialise_demo

__all__ = ["Caption", "Photograph", "Phrase", "mosaics", "photographs"]

BOX = tuple[int, int, int, int]
CAMERA_BOXES: dict[str, BOX] = {
    "man": (0, 62, 332, 450),
    "photographer": (0, 62, 332, 450),
    "cameraman": (0, 62, 332, 450),
    "coat": (0, 105, 290, 407),
    "overcoat": (0, 105, 290, 407),
    "camera": (258, 136, 72, 52),
    "tripod": (230, 195, 180, 317),
    "grass field": (140, 232, 372, 280),
    "lawn": (140, 232, 372, 280),
    "tower": (408, 116, 30, 80),
    "hair": (158, 62, 112, 72),
    "sky": (0, 0, 512, 195),
    "gloves": (160, 178, 168, 94),
}
"""Of camera.png (scikit-image, Lav Varshney, CC0), drawn by looking at it."""
CAMERA_CAPTIONS = (
    "A [man] in a black [coat] looks through a [camera] on a [tripod].",
    "A [photographer] stands on a [grass field] in front of a tall white [tower].",
    "A metal [tripod] holds a small [camera] above the [lawn].",
    "A young [man] with dark [hair] under a clear [sky].",
    "A [cameraman] in an [overcoat] wears leather [gloves].",
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Code points of a caption that name something, and its boxes in pixels of the photograph."""

    start: int
    end: int
    text: str
    boxes: tuple[BOX, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption with its phrases in order."""

    text: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A photograph, the model's view of it, and its captions."""

    name: str
    picture: Image.Image
    view: ImageView
    captions: tuple[Caption, ...]

    @property
    def cluster(self) -> str:
        """What is independent of other photographs: two of the demo's show one motorcycle."""
        return self.name.split("_")[0]

    def shows(self, phrase: Phrase) -> Bool[np.ndarray, "height width"]:
        """Pixels of the view inside the boxes."""
        return boxes_in_view(np.array(phrase.boxes, dtype=float), self.view.geometry)

    def crop(self, box: BOX) -> ImageView:
        """The model's view of the square around one box, a tenth wider than it."""
        x, y, width, height = box
        side = min(1.1 * max(width, height), *self.picture.size)
        left = min(max(x + width / 2 - side / 2, 0), self.picture.width - side)
        top = min(max(y + height / 2 - side / 2, 0), self.picture.height - side)
        edges = (int(left), int(top), int(left + side), int(top + side))
        return cut_view(self.picture.crop(edges), PREPROCESSING)


def photographs(folder: Path) -> list[Photograph]:
    """The demo's twelve, and camera.png."""
    demo = materialise_demo(folder)
    camera = Path(skimage.__file__).parent / "data" / "camera.png"
    told = tuple(map(_camera_caption, CAMERA_CAPTIONS))
    return [*_read(demo.images, demo.annotations, demo.regions), _photograph(camera, told)]


def mosaics(folder: Path, n_mosaics: int) -> list[Photograph]:
    """Mosaics of four photographs; a phrase's box is its photograph's quadrant."""
    made = materialise_mosaics(folder, n_mosaics)
    return list(_read(made.images, made.annotations, made.regions))


def _read(images: Path, annotations: Path, regions: Path) -> Iterator[Photograph]:
    spans = {
        one["sentid"]: one["spans"] for one in json.loads(regions.read_text(encoding="utf-8"))["regions"]
    }
    for entry in json.loads(annotations.read_text(encoding="utf-8"))["images"]:
        captions = tuple(
            Caption(
                sentence["raw"],
                tuple(
                    Phrase(
                        span["char_start"], span["char_end"], span["text"], tuple(map(tuple, span["boxes"]))
                    )
                    for span in spans.get(sentence["sentid"], ())
                ),
            )
            for sentence in entry["sentences"]
        )
        yield _photograph(images / entry["filename"], captions)


def _photograph(path: Path, captions: tuple[Caption, ...]) -> Photograph:
    picture = Image.open(path).convert("RGB")
    return Photograph(path.stem, picture, cut_view(picture, PREPROCESSING), captions)


def _camera_caption(marked: str) -> Caption:
    text = re.sub(r"[\[\]]", "", marked)
    found = (
        # Every bracket before a phrase, and its own opening one, is a character that the caption has not.
        (match.start() - 2 * number, match[1])
        for number, match in enumerate(re.finditer(r"\[(.+?)\]", marked))
    )
    phrases = tuple(Phrase(at, at + len(name), name, (CAMERA_BOXES[name],)) for at, name in found)
    return Caption(text, phrases)
