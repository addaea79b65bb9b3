"""Reader of MS COCO's own caption files."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.clues import AnnotationHead, Clue, Guess
from tasks.corpora.corpus import Corpus, image_text_corpus
from tasks.corpora.format import ANNOTATIONS, IMAGES, CorpusFormat
from tasks.corpora.reading.coco_objects import read_coco_objects
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.reading.listing import ALL_SPLITS, Listing, image_key
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.reading.tags import TagColumns
from tasks.storage.storage import Storage

__all__ = ["COCO_CAPTIONS", "read_coco_captions"]

_FIELDS = ("images", "annotations", "id", "file_name", "image_id", "caption")


def read_coco_captions(
    annotations: str,
    images: str,
    split: str,
    limit: int | None = None,
    tags: Sequence[str] = (),
    *,
    instances: str = "",
) -> Corpus:
    """List the images and captions of a file like ``captions_val2017.json``.

    Parameters
    ----------
    annotations
        URL or path of the JSON file, with ``images`` and ``annotations``.
    images
        URL or path of the folder that ``file_name`` is relative to.
    split
        The file is one split: ``all``, or the split that its name says (``val2017``).
    limit
        Largest number of images, with their captions; None takes all.
    tags
        Members of ``images`` that are kept as tags.
    instances
        URL or path of the JSON file with the objects of the images; empty for none.

    Returns
    -------
    Corpus
        Corpus with every image and caption that can be used; the others are in its ``rejected``.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] X. Chen et al. Microsoft COCO captions: data collection and evaluation server. arXiv:1504.00325
    """
    document = read_document(annotations, {*_FIELDS, *tags})
    columns = TagColumns(tags, document.place)
    _check_split(document.place, split)
    listing = Listing(document.place)
    row_of = _list_images(document, listing, limit, columns)
    columns.check_document(annotations)
    for own, boxes in (read_coco_objects(instances) if instances else {}).items():
        row = row_of.get(own)
        if row is not None:
            listing.add_objects(row, boxes)
    for number, caption in enumerate(document.field("annotations", "the list of captions").items("a list")):
        with listing.rejections.guard():
            _take(caption, number, listing, row_of)
    listing.check(document.place, "'annotations' with 'caption'")
    return image_text_corpus(
        listing.images,
        listing.texts,
        StoredImages(Storage(images)),
        split,
        "coco_captions",
        rejected=listing.rejections.found,
    )


def _take(caption: Node, number: int, listing: Listing, row_of: Mapping[str, int | None]) -> None:
    """Take a caption; not one of an image beyond the limit, or of one that cannot be used."""
    image = caption.field("image_id", "the id of its image")
    if image.identifier() not in row_of:
        raise ItemError(FailureReason.UNLISTED, str(image.wrong("the id of one of 'images'")))
    row = row_of[image.identifier()]
    if row is not None:
        own = caption.field("id", "the caption's id").identifier()
        text = caption.field("caption", "the caption as text").text("the caption as text")
        listing.add_text(text, number, own, row, caption.place)


def _check_split(url: str, split: str) -> None:
    stem = PurePosixPath(url).stem
    own = stem.rpartition("_")[2] if "_" in stem else ALL_SPLITS
    if split not in {own, ALL_SPLITS}:
        choices = " or ".join(dict.fromkeys((own, ALL_SPLITS)))
        raise InputError(
            f"{url}: the file is one split, so corpus.split {split!r} selects nothing; set it to {choices}"
        )


def _list_images(
    document: Node, listing: Listing, limit: int | None, columns: TagColumns
) -> dict[str, int | None]:
    """Row of every image by its id; None beyond the limit, and of one that cannot be used."""
    row_of: dict[str, int | None] = {}
    for image in document.field("images", "the list of images").items("the list of images"):
        with listing.rejections.guard():
            own = image.field("id", "the image's id").identifier()
            row_of.setdefault(own, None)
            tags = columns.read(image)
            if limit is None or len(listing.images) < limit:
                name = image.field("file_name", "the image's file name")
                key = image_key(name.text("the image's file name"), name.place)
                row_of[own] = listing.add_image(key, own, image.place, tags)
    if not row_of and not listing.rejections.found:
        raise InputError(
            f"{document.place}: 'images' is an empty list; needed is at least one image with captions"
        )
    return row_of


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead) or not clue.is_object:
        return None
    found = re.search(r'"(file_name|image_id)"\s*:', clue.text)
    return Guess(f"{clue.name}: images by file_name") if found else None


COCO_CAPTIONS = CorpusFormat(
    lambda asked: read_coco_captions(
        asked.annotations, asked.images, asked.split, asked.limit, asked.tags, instances=asked.instances
    ),
    "MS COCO's captions_*.json, with the objects of instances or panoptic files as regions",
    "https://arxiv.org/abs/1504.00325",
    title="MS COCO captions",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required={**ANNOTATIONS, **IMAGES},
    settings=("regions", "region_label_maps", "instances"),
    split="all",
    guess=_guess,
)
