"""Mosaics of the demo's photographs as a corpus: four in one picture, and which words speak of which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from ilime_core.draws import named_rng
from ilime_core.errors import InputError
from ilime_core.pictures.decoding import open_image
from tasks.corpora.demos.laying_out import CaptionedPicture, Json, LabelledCorpus, lay_out_captioned
from tasks.corpora.demos.photographs import PHOTOGRAPHS, read_photograph

__all__ = ["NOUNS", "SIDE", "Mosaic", "draw_mosaics", "materialise_mosaics"]

SIDE = 256
"""Of each photograph in a mosaic, in pixels."""

NOUNS = MappingProxyType(
    {
        "chelsea.png": ("a", "tabby cat"),
        "coffee.png": ("an", "espresso cup"),
        "rocket.jpg": ("a", "rocket"),
        "motorcycle_left.png": ("a", "motorcycle"),
        "china.jpg": ("a", "palace"),
        "flower.jpg": ("a", "flower"),
        "grace_hopper.jpg": ("a", "military uniform"),
    }
)
"""Article and noun of the photographs that ImageNet's classes have a name for. The second motorcycle would be
named like the first; galaxies, retina, tissue and astronaut are no classes."""

_FOUR = 4


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Photographs by quadrant, row by row, and the order in which the caption names them."""

    filenames: tuple[str, ...]
    told: tuple[int, ...]
    """Quadrants in the caption's order."""


def draw_mosaics(n_mosaics: int, seed: int = 0) -> Iterator[Mosaic]:
    """Draw mosaics; two show the same four photographs only when every four have been shown as often.

    Parameters
    ----------
    n_mosaics
        How many; the first ones of a seed are the same however many are asked for.
    seed
        Of sets, places and captions.

    Yields
    ------
    Iterator[Mosaic]
        Mosaics in the order of their numbers.
    """
    sets = list(combinations(NOUNS, _FOUR))
    for number in range(n_mosaics):
        turn, at = divmod(number, len(sets))
        chosen = sets[named_rng(seed, "mosaic sets", str(turn)).permutation(len(sets))[at]]
        rng = named_rng(seed, "mosaic", str(number))
        filenames = tuple(chosen[place] for place in rng.permutation(_FOUR))
        yield Mosaic(filenames, tuple(rng.permutation(_FOUR).tolist()))


def materialise_mosaics(folder: Path, n_mosaics: int, seed: int = 0) -> LabelledCorpus:
    """Lay mosaics out below a folder, one caption each.

    What is there already and right stays untouched. Every file appears whole or not at all, the annotations
    last.

    Parameters
    ----------
    folder
        Made if absent.
    n_mosaics
        How many.
    seed
        As of :func:`draw_mosaics`.

    Returns
    -------
    LabelledCorpus
        Paths of the corpus.

    Raises
    ------
    InputError
        If no mosaic is asked for, a photograph is not where its package has it, or the folder cannot be
        written.
    """
    if n_mosaics < 1:
        raise InputError(f"a corpus needs one mosaic or more, got {n_mosaics}")
    return lay_out_captioned(folder, _pictures(list(draw_mosaics(n_mosaics, seed))), "mosaics")


def _pictures(mosaics: Sequence[Mosaic]) -> Iterator[CaptionedPicture]:
    squares = {
        photograph.filename: _square(read_photograph(photograph))
        for photograph in PHOTOGRAPHS
        if photograph.filename in NOUNS
    }
    quadrants = np.arange(1, _FOUR + 1).reshape(2, 2).repeat(SIDE, axis=0).repeat(SIDE, axis=1)
    for number, mosaic in enumerate(mosaics):
        picture = Image.new("RGB", (2 * SIDE, 2 * SIDE))
        for place, filename in enumerate(mosaic.filenames):
            picture.paste(squares[filename], _corner(place))
        yield CaptionedPicture(f"mosaic-{number:05d}.png", picture, quadrants, *_told(mosaic))


def _square(data: bytes) -> Image.Image:
    """The middle of a photograph."""
    image = open_image(data).image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _corner(place: int) -> tuple[int, int]:
    """Left and top edge of a quadrant."""
    return place % 2 * SIDE, place // 2 * SIDE


def _told(mosaic: Mosaic) -> tuple[str, list[Json]]:
    text = ""
    spans: list[Json] = []
    for position, place in enumerate(mosaic.told):
        article, noun = NOUNS[mosaic.filenames[place]]
        joint = "" if not position else " and " if position == _FOUR - 1 else ", "
        text += f"{joint}{article} "
        spans.append(
            {
                "char_start": len(text),
                "char_end": len(text) + len(noun),
                "text": noun,
                "label": place + 1,
                "boxes": [[*_corner(place), SIDE, SIDE]],
            }
        )
        text += noun
    return text, spans
