"""Reader of FIxLIP's mosaics: four validation images of ImageNet-1k each, and texts that name them."""

import warnings
from dataclasses import replace

from ilime_core.errors import IlimeWarning
from tasks.corpora.clues import Clue, Guess
from tasks.corpora.corpus import Corpus, TextEntry
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import IMAGES, CorpusFormat
from tasks.corpora.reading.imagenet_classes import class_images
from tasks.corpora.reading.json_document import Node
from tasks.corpora.reading.listing import refuse_split
from tasks.corpora.reading.mosaic_images import MosaicImages, mosaic_entry
from tasks.corpora.reading.tags import TagColumns
from tasks.storage.storage import Storage

__all__ = ["IMAGENET_MOSAICS", "N_MOSAICS", "QUADRUPLES", "quadruple_of", "read_imagenet_mosaics"]

QUADRUPLES = (
    ("goldfish", "husky", "pizza", "tractor"),
    ("cat", "goldfish", "plane", "pizza"),
    ("banana", "cat", "tractor", "ball"),
    ("husky", "banana", "plane", "church"),
    ("pizza", "ipod", "goldfish", "banana"),
    ("ipod", "cat", "husky", "plane"),
    ("tractor", "ball", "banana", "ipod"),
    ("plane", "church", "ball", "goldfish"),
    ("church", "pizza", "ipod", "cat"),
    ("ball", "husky", "banana", "tractor"),
)
"""Classes of the upper left, upper right, lower left and lower right quadrant, as published."""

N_MOSAICS = 50
"""Of each quadruple: the validation set has 50 images of a class."""


def read_imagenet_mosaics(asked: CorpusFields) -> Corpus:
    """List the mosaics and their texts; no image is opened.

    Mosaic k of a quadruple shows image k of each of its classes, in the order of file names. Each has four
    texts: the first one, two, three and four classes in the order of the quadrants, with a blank between
    them, as in the published code.

    Parameters
    ----------
    asked
        ``images`` is the folder of the validation images, ``annotations`` their labels where they lie in one
        folder; ``limit`` counts mosaics, those of the ten quadruples by turns.

    Returns
    -------
    Corpus
        500 mosaics, 40 texts and 2,000 pairs that match, of a complete validation set.

    Raises
    ------
    InputError
        If a class has no image, or a tag is none of quadruple, number and named.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] H. Baniecki et al. Explaining similarity in vision-language encoders with weighted Banzhaf
       interactions. NeurIPS 2025. arXiv 2508.05430; https://github.com/hbaniecki/fixlip, data/data.ipynb.
    """
    refuse_split(asked.images, asked.split)
    found = class_images(asked.images, asked.annotations)
    few = {name: len(keys) for name, keys in found.items() if len(keys) < N_MOSAICS}
    if few:
        counts = ", ".join(f"{name} {count}" for name, count in few.items())
        warnings.warn(
            f"{asked.images}: there are fewer than {N_MOSAICS} images of {counts}; their quadruples have as"
            " many mosaics as the rarest of their classes has images",
            IlimeWarning,
            stacklevel=2,
        )
    numbered = [
        (names, number)
        for number in range(N_MOSAICS)
        for names in QUADRUPLES
        if all(number < len(found[name]) for name in names)
    ][: asked.limit]
    columns = TagColumns(asked.tags, asked.images)
    shown = [names for names in QUADRUPLES if any(names == one for one, _ in numbered)]
    said = [(names, count) for names in shown for count in range(1, len(names) + 1)]
    corpus = Corpus(
        left=tuple(
            replace(
                mosaic_entry(f"{'_'.join(names)}-{number:02d}.png", [found[name][number] for name in names]),
                tags=columns.read(_entry(names, number=number)),
            )
            for names, number in numbered
        ),
        right=tuple(
            TextEntry(
                " ".join(names[:count]),
                "texts",
                str(row),
                "_".join(names[:count]),
                tags=columns.read(_entry(names, named=count)),
            )
            for row, (names, count) in enumerate(said)
        ),
        relevance=tuple(
            (image, row)
            for image, (names, _) in enumerate(numbered)
            for row, (own, _) in enumerate(said)
            if own == names
        ),
        files=MosaicImages(Storage(asked.images)),
        split=asked.split,
        format="imagenet_mosaics",
    )
    columns.check()
    return corpus


def _entry(names: tuple[str, ...], **further: int) -> Node:
    """What tags are read from: the quadruple, of a mosaic its number, of a text how many classes it names."""
    return Node({"quadruple": " ".join(names), **further}, "mosaics")


def quadruple_of(uri: str) -> tuple[str, ...] | None:
    """Classes of a mosaic's quadrants, by its name; None of any other image."""
    names = tuple(uri.rpartition("-")[0].split("_"))
    return names if names in QUADRUPLES else None


def _guess(clue: Clue) -> Guess | None:
    """Never: a folder of ImageNet may be meant for anything."""
    del clue
    return None


IMAGENET_MOSAICS = CorpusFormat(
    read_imagenet_mosaics,
    "mosaics of four validation images of ImageNet-1k, made while they are read",
    "https://arxiv.org/abs/2508.05430",
    title="mosaics of ImageNet (FIxLIP)",
    open=lambda asked: MosaicImages(Storage(asked.images)),
    required=IMAGES,
    settings=("annotations",),
    split="all",
    guess=_guess,
)
